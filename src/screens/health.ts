import { type Kysely, sql } from 'kysely';
import { defineRoute, presentProblem, type RouteFamily, unaudited } from '#access';
import type { DB } from '#platform/database-types';

/** How long readiness waits for the database before it says no. */
const patienceMs = 2_000;

/**
 * `/health/live`: the process answers. `/health/ready`: it can take reports, or says why not.
 * @param storeReady resolves when the evidence store can be written, else rejects with the reason
 */
export function healthFamily(parts: {
  readonly db: Kysely<DB>;
  readonly storeReady: () => Promise<void>;
}): RouteFamily {
  const audit = unaudited('reads nothing personal and must answer when the database does not');
  return {
    name: 'health',
    prefix: '/health',
    signIn: 'none',
    presentFault: presentProblem,
    routes: [
      defineRoute({
        method: 'GET',
        path: '/live',
        permission: 'anyone',
        audit,
        summary: 'The process answers',
        withoutDatabase: true,
        handle: async () => ({ body: { status: 'live' } }),
      }),
      defineRoute({
        method: 'GET',
        path: '/ready',
        permission: 'anyone',
        audit,
        summary: 'The bureau can take reports, or the reasons why not',
        withoutDatabase: true,
        handle: async () => {
          const reasons = await reasonsAgainst(parts);
          return reasons.length === 0
            ? { body: { status: 'ready', reasons } }
            : { status: 503, headers: { 'retry-after': '2' }, body: { status: 'not ready', reasons } };
        },
      }),
    ],
  };
}

async function reasonsAgainst(parts: Parameters<typeof healthFamily>[0]): Promise<string[]> {
  const checks: [string, Promise<unknown>][] = [
    ['The database does not answer.', sql`select 1`.execute(parts.db)],
    ['The evidence store cannot be written.', parts.storeReady()],
  ];
  const results = await Promise.all(
    checks.map(async ([sentence, work]) => {
      const late = new Promise<'late'>((resolve) => {
        setTimeout(() => resolve('late'), patienceMs).unref();
      });
      const outcome = await Promise.race([
        work.then(() => 'well' as const).catch(() => 'ill' as const),
        late,
      ]);
      return outcome === 'well' ? undefined : sentence;
    }),
  );
  return results.filter((sentence) => sentence !== undefined);
}
