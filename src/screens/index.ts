/**
 * Screens: what people see, one read-only query per screen.
 * Comes in: questions over HTTP. Goes out: pages of the line, one report's brief, trails, counts, a live stream.
 * Guarantees: personal data is read with an audit row; a page of the line costs the same however long the line is.
 * Never does: change anything; call a deed; show an auditor what was reported.
 * Owns: nothing.
 */
import type { Kysely } from 'kysely';
import type { Route } from '#access';
import type { DB } from '#platform/database-types';
import type { Logger } from '#platform/log';
import { attentionListRoute } from './attention-list.ts';
import { auditListRoute } from './audit-list.ts';
import { auditTrailRoute } from './audit-trail.ts';
import { briefRoute } from './brief.ts';
import { lineRoute } from './line.ts';
import { liveRoute } from './live.ts';
import { createLiveFeed } from './live-feed.ts';
import { reportListRoute } from './report-list.ts';
import { type BureauFacts, statusRoute } from './status.ts';

export { screenCodes } from './codes.ts';
export { healthFamily } from './health.ts';
export { measuresOf } from './measures.ts';
export { pagesFamily } from './pages.ts';

/** What the reading side stands on. */
export interface ScreenParts {
  readonly db: Kysely<DB>;
  /** For the one connection that listens while somebody looks at the line. */
  readonly listenUrl: string;
  readonly bureau: BureauFacts;
  readonly log: Logger;
}

/** Every reading route of the desk; paths are relative to `/v1`. */
export function screenRoutes(parts: ScreenParts): readonly Route[] {
  return [
    lineRoute,
    liveRoute(createLiveFeed({ db: parts.db, listenUrl: parts.listenUrl, log: parts.log })),
    reportListRoute,
    briefRoute,
    auditTrailRoute,
    auditListRoute,
    statusRoute(parts.bureau),
    attentionListRoute,
  ];
}
