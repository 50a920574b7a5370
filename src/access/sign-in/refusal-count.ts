import { type Kysely, sql } from 'kysely';
import type { Clock } from '#platform/clock';
import type { DB } from '#platform/database-types';
import type { Logger } from '#platform/log';
import type { Tx } from '#platform/transaction';
import { anonymous } from '../anonymous.ts';
import { recordAudit } from '../audit.ts';
import type { Ctx } from '../ctx.ts';

/**
 * Keeps strangers from filling the audit trail. In each window the first refusals of an address get a row each; the
 * rest are counted, and one row says how many they were when the window is over.
 * The count is shared by all servers. One that has heard that an address is over its share counts on in memory and adds
 * to the database every few seconds, so that a flood does not queue at one row; a server that dies loses those seconds.
 */
export interface RefusalCount {
  /**
   * Counts one refusal inside the transaction of its audit row. `row`: it gets one; else it gets none, and the window
   * ends at `until`.
   */
  readonly count: (tx: Tx, address: string, now: Date) => Promise<'row' | { readonly until: Date }>;
  /** Counts one refusal without the database when the address is known to be over its share; gives when that ends. */
  readonly countKnown: (address: string, now: Date) => Date | undefined;
  readonly settled: () => Promise<void>;
}

const windowMs = 10 * 60_000;
const tellMs = 2_000;
/** Addresses that one server counts in memory; a flood from more of them counts in the database. */
const knownLimit = 10_000;

interface Over {
  readonly from: Date;
  readonly until: Date;
  untold: number;
}

export function createRefusalCount(
  db: Kysely<DB>,
  clock: Clock,
  log: Logger,
  rowsPerAddress: number,
): RefusalCount {
  const over = new Map<string, Over>();
  let timer: NodeJS.Timeout | undefined;
  let telling: Promise<void> = Promise.resolve();

  async function tell(): Promise<void> {
    timer = undefined;
    for (const [address, entry] of over) {
      const { untold } = entry;
      if (untold > 0) {
        entry.untold = 0;
        await add(db, address, { from: entry.from, count: untold, rowsPerAddress }).catch((err: unknown) => {
          entry.untold += untold;
          log.warn({ err }, 'refusals could not be counted');
        });
      }
      if (entry.until <= clock.now() && entry.untold === 0) over.delete(address);
    }
  }
  const tellSoon = () => {
    timer ??= setTimeout(() => {
      telling = tell();
    }, tellMs).unref();
  };

  return {
    countKnown: (address, now) => {
      const entry = over.get(address);
      if (entry === undefined || entry.until <= now) return undefined;
      entry.untold += 1;
      tellSoon();
      return entry.until;
    },
    count: async (tx, address, now) => {
      const from = new Date(Math.floor(now.getTime() / windowMs) * windowMs);
      const count = await add(tx.db, address, { from, count: 1, rowsPerAddress });
      if (count <= rowsPerAddress) return 'row';
      const until = new Date(from.getTime() + windowMs);
      if (over.size < knownLimit && !over.has(address)) {
        over.set(address, { from, until, untold: 0 });
        tellSoon();
      }
      return { until };
    },
    settled: async () => {
      clearTimeout(timer);
      await telling;
      await tell();
    },
  };
}

async function add(
  db: Kysely<DB>,
  address: string,
  {
    from,
    count,
    rowsPerAddress,
  }: { readonly from: Date; readonly count: number; readonly rowsPerAddress: number },
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    insert into access.refusal_count as r (address, window_from, window_until, count, without_row)
    values (${address}::inet, ${from}, ${new Date(from.getTime() + windowMs)}, ${count},
      greatest(0, ${count}::int - ${rowsPerAddress}::int))
    on conflict (address, window_from) do update set count = r.count + excluded.count,
      without_row = greatest(0, r.count + excluded.count - ${rowsPerAddress}::int)
    returning count`.execute(db);
  return rows[0]?.count ?? count;
}

/** How long after its end a window is summed up: by then every server has told what it counted. */
const graceMs = 60_000;
const mostAtOnce = 500;

/** Writes the one row for every window that is over and held more refusals than rows. Gives how many windows were closed. */
export async function sumUpRefusals(ctx: Ctx): Promise<number> {
  const { rows } = await sql<{ address: string; window_from: Date; window_until: Date; without_row: number }>`
    delete from access.refusal_count where (address, window_from) in (
      select address, window_from from access.refusal_count
      where window_until < ${new Date(ctx.now.getTime() - graceMs)} order by window_until limit ${mostAtOnce}
      for update skip locked)
    returning host(address) as address, window_from, window_until, without_row`.execute(ctx.tx.db);
  for (const row of rows) {
    if (row.without_row === 0) continue;
    await recordAudit(ctx.tx, {
      at: ctx.now,
      actor: anonymous,
      action: 'refuse-strangers',
      outcome: 'refused',
      code: 'access.too-many-attempts',
      remoteAddress: row.address,
      details: {
        refusals: row.without_row,
        from: row.window_from.toISOString(),
        until: row.window_until.toISOString(),
      },
    });
  }
  return rows.length;
}
