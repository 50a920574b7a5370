import type { LiveTick } from '#contract/desk';

/** What came in since the line was read. `added` is 0 when only the times tell that something is new. */
export interface News {
  readonly added: number;
  readonly urgent: number;
}

/** What a tick adds to the news, given the one before it; reports that leave the line are no news. */
export function newsAfter(before: LiveTick, tick: LiveTick, news: News | undefined): News | undefined {
  const added = Math.max(0, tick.waiting - before.waiting);
  const urgent = Math.max(0, tick.urgent - before.urgent);
  const isNewer = (tick.newestFiledAt ?? '') > (before.newestFiledAt ?? '');
  if (added === 0 && urgent === 0 && !isNewer) return news;
  return { added: (news?.added ?? 0) + added, urgent: (news?.urgent ?? 0) + urgent };
}
