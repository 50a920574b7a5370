import { type InfiniteData, type QueryClient, useInfiniteQuery } from '@tanstack/react-query';
import type { DeskReply, DeskState, LineEntry, LineReply } from '#contract/desk';
import { deskStates } from '#contract/desk';
import { api } from './api.ts';

/** The line as several screens use it: its filters in the address, its pages, and what comes next. */

const lineStates = [...deskStates, 'all'] as const;
export const lineOrders = ['urgent', 'newest', 'oldest'] as const;
export const urgencyFilters = ['1', '2', '3', '4'] as const;
export const environments = ['production', 'sandbox'] as const;

/** Filters as they stand in the address; what is absent is at its default. */
export interface LineSearch {
  readonly state?: (typeof lineStates)[number];
  readonly urgency?: (typeof urgencyFilters)[number];
  readonly environment?: (typeof environments)[number];
  readonly provider?: string;
  readonly q?: string;
  readonly order?: (typeof lineOrders)[number];
}

function oneOf<T extends string>(value: unknown, options: readonly T[]): T | undefined {
  return options.find((option) => option === value);
}

/** Reads filters from an address; what is unknown or at its default is left out. */
export function parseLineSearch(raw: Record<string, unknown>): LineSearch {
  const state = oneOf(raw.state, lineStates);
  const urgency = oneOf(String(raw.urgency ?? ''), urgencyFilters);
  const environment = oneOf(raw.environment, environments);
  const order = oneOf(raw.order, lineOrders);
  const provider = String(raw.provider ?? '').slice(0, 100);
  const q = String(raw.q ?? '').slice(0, 200);
  return {
    ...(state === undefined || state === 'waiting' ? {} : { state }),
    ...(urgency === undefined ? {} : { urgency }),
    ...(environment === undefined || environment === 'production' ? {} : { environment }),
    ...(provider === '' ? {} : { provider }),
    ...(q.trim() === '' ? {} : { q }),
    ...(order === undefined || order === 'urgent' ? {} : { order }),
  };
}

const pageSize = 50;

function lineParameters(search: LineSearch): Record<string, string | number | undefined> {
  return {
    state: search.state === 'all' ? undefined : (search.state ?? 'waiting'),
    // Never both at once: production and sandbox are not mixed, neither in the line nor in a count.
    environment: search.environment ?? 'production',
    urgency: search.urgency,
    provider: search.provider,
    q: search.q?.trim(),
    order: search.order ?? 'urgent',
    limit: pageSize,
  };
}

/** Pages of the line under these filters. Never reloads by itself: nothing may move under the reader's hand. */
export function useLine(search: LineSearch) {
  return useInfiniteQuery({
    queryKey: ['line', search],
    queryFn: ({ pageParam }) => api.line({ ...lineParameters(search), cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 10 * 60_000,
  });
}

type LinePages = InfiniteData<LineReply, unknown>;

export function entriesOf(pages: LinePages | undefined): LineEntry[] {
  const seen = new Set<string>();
  const entries: LineEntry[] = [];
  for (const entry of pages?.pages.flatMap((page) => page.items) ?? []) {
    if (!seen.has(entry.reportId)) entries.push(entry);
    seen.add(entry.reportId);
  }
  return entries;
}

/** Writes what a deed answered into the rows in view, at their places, and into the counts above them. */
export function patchLine(client: QueryClient, reply: DeskReply): void {
  client.setQueriesData<LinePages>({ queryKey: ['line'] }, (pages) => {
    const before = entriesOf(pages).find((entry) => entry.reportId === reply.reportId);
    if (pages === undefined || before === undefined) return pages;
    return {
      ...pages,
      pages: pages.pages.map((page) => ({
        ...page,
        counts: movedCount(page.counts, before.state, reply.state),
        items: page.items.map((entry) => (entry.reportId === reply.reportId ? patched(entry, reply) : entry)),
      })),
    };
  });
}

function movedCount(counts: LineReply['counts'], from: DeskState, to: DeskState): LineReply['counts'] {
  if (from === to) return counts;
  return { ...counts, [from]: counts[from] - 1, [to]: counts[to] + 1 };
}

function patched(entry: LineEntry, reply: DeskReply): LineEntry {
  const { takenBy: _takenBy, decision: _decision, ...rest } = entry;
  return {
    ...rest,
    state: reply.state,
    ...(reply.takenBy === undefined ? {} : { takenBy: reply.takenBy }),
    ...(reply.decision === undefined ? {} : { decision: reply.decision }),
  };
}

/** The next waiting report after this one in the line as it is in view, from the top again at its end. */
export function nextWaiting(
  client: QueryClient,
  search: LineSearch,
  reportId: string,
): LineEntry | undefined {
  const entries = entriesOf(client.getQueryData<LinePages>(['line', search]));
  const here = entries.findIndex((entry) => entry.reportId === reportId);
  const onward = [...entries.slice(here + 1), ...entries.slice(0, Math.max(0, here))];
  return onward.find((entry) => entry.state === 'waiting');
}
