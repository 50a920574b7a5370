import type { Clock } from '#platform/clock';
import type { Logger } from '#platform/log';
import type { Tx } from '#platform/transaction';
import { recordAudit } from './audit.ts';
import type { Actor } from './ctx.ts';

/**
 * The audit of requests that were turned away because too many came: one row a minute for each sender and action, with
 * how many. A row for each would be work for the database at the moment when it has too much, without bound; nothing
 * was read or changed for whom it is.
 */
export interface ShedNotes {
  readonly note: (actor: Actor, action: string) => void;
  /** Writes what was counted since the last time. */
  readonly flush: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const everyMs = 60_000;
/** Senders and actions that are told apart; beyond it they share a row. */
const mostKinds = 1000;

interface Counted {
  readonly actor: Actor;
  readonly action: string;
  readonly since: Date;
  count: number;
}

const others: Actor = { kind: 'system', id: 'server', name: 'several senders' };

export function createShedNotes(parts: {
  readonly clock: Clock;
  readonly log: Logger;
  readonly inTransaction: <T>(work: (tx: Tx) => Promise<T>, actor: Actor) => Promise<T>;
}): ShedNotes {
  const { clock, log, inTransaction } = parts;
  let counted = new Map<string, Counted>();
  const flush = async (): Promise<void> => {
    const due = [...counted.values()];
    counted = new Map();
    for (const { actor, action, since, count } of due) {
      await inTransaction(async (tx) => {
        const details = { count, since: since.toISOString() };
        const at = clock.now();
        await recordAudit(tx, { at, actor, action, outcome: 'refused', code: 'http.overloaded', details });
      }, actor).catch((err: unknown) =>
        log.error({ err, action, count }, 'requests turned away could not be audited'),
      );
    }
  };
  const timer = setInterval(() => void flush(), everyMs);
  timer.unref();
  return {
    note: (actor, action) => {
      const isFull = counted.size >= mostKinds;
      const key = isFull ? action : `${action} ${actor.kind} ${actor.id}`;
      const known = counted.get(key);
      if (known !== undefined) known.count += 1;
      else counted.set(key, { actor: isFull ? others : actor, action, since: clock.now(), count: 1 });
    },
    flush,
    close: async () => {
      clearInterval(timer);
      await flush();
    },
  };
}
