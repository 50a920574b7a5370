import { NoticesReply } from '#contract/control';
import { defineRoute, type Route, unaudited } from '../route.ts';
import { countUnreviewed, listEmergencies, ownEmergencies } from './emergency-store.ts';
import { readerOf } from './proposal-http.ts';
import { countWaiting } from './proposal-store.ts';

const mostShown = 10;

/** What waits for whoever is signed in: cheap, because every open page asks every few seconds. */
export const noticesRoute: Route = defineRoute({
  method: 'GET',
  path: '/desk/notices',
  permission: 'session:own',
  audit: unaudited('tells the reader what waits for them; names no reported person and opens no report'),
  isBackground: () => true,
  summary: 'How many proposals wait for the reader, and emergency access that they have or have to review',
  reply: NoticesReply,
  handle: async (ctx) => {
    const { db } = ctx.tx;
    const reader = readerOf(ctx);
    const isStaff = ctx.actor.kind === 'staff';
    const reviews = isStaff && reader.permissions.includes('emergency:review');
    const { approvals, asked } = isStaff
      ? await countWaiting(db, reader, ctx.now)
      : { approvals: 0, asked: 0 };
    const own = isStaff ? await ownEmergencies(db, ctx.actor.id, ctx.now) : [];
    const emergencies = reviews
      ? await listEmergencies(db, { isUnreviewedOnly: true, limit: mostShown })
      : [];
    const body: NoticesReply = {
      approvals,
      asked,
      own: own.map(({ id, report_id, ends_at }) => ({
        id,
        ...(report_id !== null && { reportId: report_id }),
        endsAt: ends_at.toISOString(),
      })),
      emergencies: emergencies.map((row) => ({
        id: row.id,
        kind: row.kind,
        by: { id: row.staffId, name: row.staffName },
        ...(row.reportId !== null && { reportId: row.reportId }),
        openedAt: row.openedAt.toISOString(),
        reviewBy: row.reviewBy.toISOString(),
        isOverdue: row.reviewBy <= ctx.now,
      })),
      unreviewed: emergencies.length < mostShown ? emergencies.length : await countUnreviewed(db),
    };
    return { body };
  },
});
