import { type Kysely, sql } from 'kysely';
import type { Clock } from '#platform/clock';
import type { DB } from '#platform/database-types';
import type { Logger } from '#platform/log';
import { sha256Hex } from '#platform/random';
import { countedAddress } from './addresses.ts';
import { signInRefusal } from './codes.ts';
import type { LimitSettings } from './settings.ts';

/**
 * Slows down whoever fails, over all servers, at a cost to nobody else: only failures are written. A key is one address,
 * or one user name at one address, so nobody can lock a name out from elsewhere.
 * After the free failures each further one makes its key wait: 1 second, 2, 4 and so on, up to a quarter of an hour,
 * plus up to a fifth so that those who wait do not come back together. An hour without failure forgets everything.
 */
export interface Throttle {
  /** Refuses (`access.too-many-attempts`) while one of the keys has to wait. */
  readonly admit: (who: Knock, now: Date) => Promise<void>;
  /** Counts a failure. */
  readonly failed: (db: Kysely<DB>, who: Knock, now: Date) => Promise<void>;
}

export interface Knock {
  readonly address: string;
  /** The user name that was tried, where there was one. */
  readonly username?: string | undefined;
}

const minuteMs = 60_000;
const longestPauseSeconds = 15 * 60;
const forgetSeconds = 60 * 60;
/** More keys than this are not remembered by one server; the database still knows them. */
const rememberedLimit = 10_000;

export function createThrottle(db: Kysely<DB>, limits: LimitSettings): Throttle {
  /** Until when keys wait, as far as this server has heard: spares the database while somebody goes on knocking. */
  const waits = new Map<string, number>();

  const remember = (key: string, until: Date | null) => {
    if (until === null) return;
    if (waits.size >= rememberedLimit) waits.clear();
    waits.set(key, until.getTime());
  };
  const refuse = (untilMs: number, now: Date): never => {
    const retryAfterSeconds = Math.max(1, Math.ceil((untilMs - now.getTime()) / 1000));
    throw signInRefusal('access.too-many-attempts', { retryAfterSeconds });
  };

  return {
    admit: async (who, now) => {
      const keys = keysOf(who, limits).map(({ key }) => key);
      const known = Math.max(...keys.map((key) => waits.get(key) ?? 0));
      if (known > now.getTime()) refuse(known, now);
      const rows = await db
        .selectFrom('access.throttle')
        .select(['key', 'blocked_until'])
        .where('key', 'in', keys)
        .where('blocked_until', '>', now)
        .execute();
      for (const row of rows) remember(row.key, row.blocked_until);
      const until = Math.max(0, ...rows.map((row) => row.blocked_until?.getTime() ?? 0));
      if (until > now.getTime()) refuse(until, now);
    },
    failed: async (on, who, now) => {
      const keys = keysOf(who, limits);
      const { rows } = await sql<{ key: string; blocked_until: Date | null }>`
        insert into access.throttle as t (key, window_from, count, expires_at)
        select k.key, ${now}, 1, ${now}::timestamptz + make_interval(secs => ${forgetSeconds})
        from unnest(${keys.map(({ key }) => key)}::text[]) with ordinality as k (key, n) order by k.key
        on conflict (key) do update set
          window_from = case when t.expires_at <= ${now} then ${now} else t.window_from end,
          count = case when t.expires_at <= ${now} then 1 else t.count + 1 end,
          expires_at = ${now}::timestamptz + make_interval(secs => ${forgetSeconds}),
          blocked_until = case
            when t.expires_at > ${now} and t.count >= (${sql.val(freeOf(keys))}::jsonb ->> t.key)::int
            then ${now}::timestamptz + make_interval(secs => (1 + 0.2 * random()) * least(${longestPauseSeconds},
              power(2, least(t.count - (${sql.val(freeOf(keys))}::jsonb ->> t.key)::int, 20))))
          end
        returning key, blocked_until`.execute(on);
      for (const row of rows) remember(row.key, row.blocked_until);
    },
  };
}

interface CountedKey {
  readonly key: string;
  readonly free: number;
}

function keysOf({ address, username }: Knock, limits: LimitSettings): readonly CountedKey[] {
  const place = countedAddress(address);
  const byAddress = { key: `at:${place}`, free: limits.freePerAddress };
  if (username === undefined) return [byAddress];
  return [byAddress, { key: `name:${sha256Hex(username).slice(0, 32)}@${place}`, free: limits.freePerName }];
}

function freeOf(keys: readonly CountedKey[]): string {
  return JSON.stringify(Object.fromEntries(keys.map(({ key, free }) => [key, free])));
}

/**
 * Counts what a stranger asks to be prepared (a challenge, a trip to the agency), each of which leaves a row for minutes.
 * Refuses (`access.too-many-attempts`) for the rest of a minute in which one address asked too often; the caller's
 * transaction then takes the count back, so the rows of a minute never grow beyond the limit.
 */
export async function countAsk(
  db: Kysely<DB>,
  limits: Pick<LimitSettings, 'asksPerAddress'>,
  address: string,
  now: Date,
): Promise<void> {
  const from = Math.floor(now.getTime() / minuteMs) * minuteMs;
  const { rows } = await sql<{ count: number }>`
    insert into access.throttle as t (key, window_from, count, expires_at)
    values (${`ask:${countedAddress(address)}`}, ${new Date(from)}, 1, ${new Date(from + 2 * minuteMs)})
    on conflict (key) do update set
      count = case when t.window_from = excluded.window_from then t.count + 1 else 1 end,
      window_from = excluded.window_from, expires_at = excluded.expires_at
    returning count`.execute(db);
  if ((rows[0]?.count ?? 1) <= limits.asksPerAddress) return;
  const retryAfterSeconds = Math.max(1, Math.ceil((from + minuteMs - now.getTime()) / 1000));
  throw signInRefusal('access.too-many-attempts', { retryAfterSeconds });
}

/** How much a service asked for, over all servers. */
export interface ServicePace {
  /** Counts one request; refuses (`access.too-many-requests`) the rest of a minute in which there were too many. */
  readonly take: (providerId: string, now: Date) => void;
  readonly settled: () => Promise<void>;
}

/** How often at most a server tells the others what it counted. */
const tellMs = 1_000;
/** A server tells nothing below this share of the limit, so that calm traffic writes nothing; each may overrun by as much. */
const tellShare = 0.01;

interface Count {
  minute: number;
  /** Counted here and not yet told. */
  own: number;
  /** What all servers had counted when this one last asked. */
  all: number;
  toldAt: number;
  isTelling: boolean;
}

/** Counts in memory and tells PostgreSQL once a second at most, for services that are busy: no request waits for it. */
export function createServicePace(
  db: Kysely<DB>,
  clock: Clock,
  log: Logger,
  mostPerMinute: number,
): ServicePace {
  const counts = new Map<string, Count>();
  const open = new Set<Promise<void>>();

  async function tell(providerId: string, count: Count): Promise<void> {
    const { minute, own } = count;
    const from = new Date(minute * minuteMs);
    const { rows } = await sql<{ count: number }>`
      insert into access.throttle as t (key, window_from, count, expires_at)
      values (${`service:${providerId}`}, ${from}, ${own}, ${new Date(from.getTime() + 2 * minuteMs)})
      on conflict (key) do update set
        count = case when t.window_from < excluded.window_from then excluded.count
          when t.window_from = excluded.window_from then t.count + excluded.count else t.count end,
        window_from = greatest(t.window_from, excluded.window_from),
        expires_at = greatest(t.expires_at, excluded.expires_at)
      returning count`.execute(db);
    if (count.minute !== minute) return;
    count.own -= own;
    count.all = rows[0]?.count ?? count.all + own;
  }

  return {
    take: (providerId, now) => {
      const minute = Math.floor(now.getTime() / minuteMs);
      const count = counts.get(providerId) ?? {
        minute,
        own: 0,
        all: 0,
        toldAt: now.getTime(),
        isTelling: false,
      };
      counts.set(providerId, count);
      if (count.minute !== minute) Object.assign(count, { minute, own: 0, all: 0 });
      if (count.all + count.own >= mostPerMinute) {
        const retryAfterSeconds = Math.max(1, Math.ceil(((minute + 1) * minuteMs - now.getTime()) / 1000));
        throw signInRefusal('access.too-many-requests', { retryAfterSeconds });
      }
      count.own += 1;
      const isCalm = count.own < mostPerMinute * tellShare;
      if (isCalm || count.isTelling || Math.abs(now.getTime() - count.toldAt) < tellMs) return;
      count.toldAt = clock.now().getTime();
      count.isTelling = true;
      const task = tell(providerId, count)
        .catch((err: unknown) => log.warn({ err }, 'the requests of a service could not be counted'))
        .finally(() => {
          count.isTelling = false;
          open.delete(task);
        });
      open.add(task);
    },
    settled: async () => {
      await Promise.all(open);
    },
  };
}
