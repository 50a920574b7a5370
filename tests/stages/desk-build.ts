import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { type Actor, type Answer, checked, type Route, type StaffActor } from '#access';
import { assessJobs, assessRoutes } from '#assess';
import { Refusal } from '#base/errors';
import type { LineReply } from '#contract/desk';
import { createLog } from '#platform/log';
import { type screenCodes, screenRoutes } from '#screens';
import { aFiledReport, aStaffMember, type ReportOverrides } from '../build.ts';
import { type TestDatabase, testCtx, testDatabase } from '../harness/database.ts';

/** The desk's routes on a database of their own, called as the guard calls them. */

export const noon = new Date('2026-11-24T12:00:00Z');
export const minutesLater = (minutes: number) => new Date(noon.getTime() + minutes * 60_000);

export interface Asking {
  readonly params?: Record<string, string>;
  readonly query?: Record<string, unknown>;
  readonly body?: unknown;
  readonly actor?: Actor;
  readonly now?: Date;
}

export interface Desk {
  readonly db: TestDatabase;
  /** Who acts unless somebody else is named. */
  readonly ada: StaffActor;
  readonly route: (name: string) => Route;
  /** What the handler gives: query and body checked by the route's schemas, one transaction. */
  readonly answerOf: (
    route: string,
    asking?: Asking,
  ) => Promise<Answer & { readonly events: readonly string[] }>;
  /** The body as a client gets it, checked against the shape that the contract promises. */
  readonly ask: <T>(route: string, asking?: Asking) => Promise<T>;
  readonly line: (query?: Record<string, unknown>) => Promise<LineReply>;
  /** Calls one of the deeds on a report. */
  readonly act: (
    deed: 'take' | 'release' | 'decision' | 'undo' | 'reopen',
    reportId: string,
    asking?: Asking,
  ) => Promise<Answer & { readonly events: readonly string[] }>;
  readonly assess: (reportId: string, now?: Date) => ReturnType<typeof assessOnce>;
  /** A filed and assessed report. */
  readonly inLine: (overrides?: ReportOverrides) => Promise<string>;
  readonly clear: () => Promise<void>;
}

export async function openDesk(): Promise<Desk> {
  const db = await testDatabase();
  const ada = await aStaffMember(db.kysely, { name: 'Ada Vale' });
  const routes = screenRoutes({
    db: db.kysely,
    listenUrl: db.url,
    bureau: { name: 'Test bureau', isDemonstration: true, version: '0.0.0' },
    log: createLog('silent', 'test'),
  });
  const byName = new Map([...routes, ...assessRoutes].map((one) => [`${one.method} ${one.path}`, one]));
  const route = (name: string): Route => byName.get(name) ?? assert.fail(`no route ${name}`);
  const answerOf: Desk['answerOf'] = async (name, asking = {}) => {
    const found = route(name);
    const params = found.params === undefined ? {} : checked(found.params, asking.params ?? {}, 'params');
    const query = found.query === undefined ? {} : checked(found.query, asking.query ?? {}, 'query');
    const body = found.body === undefined ? undefined : checked(found.body, asking.body, 'body');
    const context = testCtx(db, { actor: asking.actor ?? ada, now: asking.now ?? noon });
    const input = { params, query, body, received: undefined, request: {} } as never;
    const answer = await context.run((ctx) => found.handle(ctx, input));
    return { ...answer, events: context.events.map((event) => `${event.name} ${event.subject}`) };
  };
  const ask = async <T>(name: string, asking?: Asking): Promise<T> => {
    const { body } = await answerOf(name, asking);
    const sent = JSON.parse(JSON.stringify(body)) as T;
    checked(route(name).reply ?? assert.fail(`no shape of ${name}`), sent, 'body');
    return sent;
  };
  const assess: Desk['assess'] = (reportId, now = noon) => assessOnce(db, reportId, now);
  return {
    db,
    ada,
    route,
    answerOf,
    ask,
    line: (query = {}) => ask<LineReply>('GET /desk/line', { query }),
    act: (deed, reportId, asking = {}) =>
      answerOf(`POST /desk/reports/:reportId/${deed}`, { params: { reportId }, ...asking }),
    assess,
    inLine: async (overrides = {}) => {
      const { id } = await aFiledReport(db.kysely, overrides);
      await assess(id);
      return id;
    },
    clear: async () => {
      await sql`truncate assess.blind_sample, assess.look, assess.urgency_correction, assess.assessment_change, assess.line_entry, assess.line_tally, assess.line_change, assess.assessment, assess.decision`.execute(
        db.kysely,
      );
    },
  };
}

async function assessOnce(db: TestDatabase, reportId: string, now: Date) {
  const job = assessJobs.find((one) => one.name === 'assess-report') ?? assert.fail('no such job');
  const context = testCtx(db, { now });
  const result = await context.run((ctx) => job.run(ctx, reportId));
  return { result, events: context.events };
}

export const idsOf = (reply: { items: readonly { reportId: string }[] }) =>
  reply.items.map((item) => item.reportId);

export async function refusedWith(work: Promise<unknown>, code: keyof typeof screenCodes): Promise<void> {
  await assert.rejects(work, (error) => error instanceof Refusal && error.code === code);
}
