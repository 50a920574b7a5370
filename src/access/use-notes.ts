import type { Kysely } from 'kysely';
import type { DB } from '#platform/database-types';
import type { Logger } from '#platform/log';
import type { Actor } from './ctx.ts';
import * as store from './store.ts';

/** Notes when a credential or session was last used, at most once a minute each, so that reads stay reads. */
export interface UseNotes {
  readonly note: (actor: Actor, key: string, now: Date) => void;
  /** Resolves when nothing is being written any more. */
  readonly settled: () => Promise<void>;
}

const everyMs = 60_000;
const keptLimit = 10_000;

export function createUseNotes(db: Kysely<DB>, log: Logger): UseNotes {
  const notedAt = new Map<string, number>();
  const open = new Set<Promise<void>>();
  return {
    note: (actor, key, now) => {
      if (now.getTime() - (notedAt.get(key) ?? 0) < everyMs) return;
      if (notedAt.size >= keptLimit) notedAt.clear();
      notedAt.set(key, now.getTime());
      const write =
        actor.kind === 'staff'
          ? store.noteSessionUsed(db, Buffer.from(key, 'hex'), actor.id, now)
          : store.noteCredentialUsed(db, key, now);
      const task = write
        .catch((err: unknown) => log.warn({ err }, 'last use could not be noted'))
        .finally(() => open.delete(task));
      open.add(task);
    },
    settled: async () => {
      await Promise.all(open);
    },
  };
}
