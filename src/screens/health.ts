import { type Kysely, sql } from 'kysely';
import { defineRoute, presentProblem, type RouteFamily, unaudited } from '#access';
import type { DB } from '#platform/database-types';
import { newestMigration } from '#platform/postgres';
import type { Vault } from '#vault';

/** How long readiness waits for the database before it says no. */
const patienceMs = 2_000;

/**
 * `/health/live`: the process answers. `/health/ready`: it can take reports, or says why not.
 */
export function healthFamily(parts: {
  readonly db: Kysely<DB>;
  /** Says whether evidence can be sealed: the store can be written and the key is held. */
  readonly vault: Pick<Vault, 'checkWritable'>;
  /** Rejects when there is too little room left; absent where nobody asks. */
  readonly room?: (() => Promise<void>) | undefined;
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
    ['The database is older than this release: start the bureau again.', isCurrent(parts.db)],
    ['The evidence store cannot be written, or its key is not held.', parts.vault.checkWritable()],
    ['There is too little room left for evidence.', parts.room?.() ?? Promise.resolve()],
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

/** A newer database is fine: another machine was upgraded first. One that does not answer is another reason's affair. */
async function isCurrent(db: Kysely<DB>): Promise<void> {
  const answer = await sql<{
    newest: string | null;
  }>`select max(name) as newest from public.platform_migration`
    .execute(db)
    .catch(() => undefined);
  if (answer === undefined) return;
  if ((answer.rows[0]?.newest ?? '') < (await newestMigration())) throw new Error('the database is older');
}
