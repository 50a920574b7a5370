import { Readable } from 'node:stream';
import { type Kysely, sql } from 'kysely';
import type { LiveTick } from '#contract/desk';
import type { Environment } from '#contract/shapes';
import type { DB } from '#platform/database-types';
import { type Listener, listenTo } from '#platform/listen';
import type { Logger } from '#platform/log';

const lineChannel = 'firstlight_line';

export interface LiveFeedOptions {
  readonly db: Kysely<DB>;
  /** Connection string for the one connection that listens. */
  readonly listenUrl: string;
  readonly log: Logger;
  /** Shortest time between two ticks. */
  readonly quietMs?: number;
  /** How often a comment keeps proxies from closing a silent stream, and the line is counted again in any case. */
  readonly heartbeatMs?: number;
  /** After this a stream ends and the browser asks again, so that whoever was signed out stops hearing. */
  readonly streamMs?: number;
}

export interface LiveFeed {
  /** A server-sent event stream: the counts at once, then after every change of the line. */
  readonly subscribe: (environment: Environment) => Readable;
  readonly subscribers: () => number;
}

interface Subscriber {
  readonly environment: Environment;
  readonly stream: Readable;
  lastSent: string;
  isOver: boolean;
}

/** How long a browser waits before it asks again after a stream ended. */
const reconnectMs = 3_000;
/** A reader that is this far behind gets nothing more until it catches up: every tick says everything. */
const mostUnreadBytes = 4_096;

/**
 * All live screens of one process. It goes through these states:
 * idle: nobody looks, no connection is open. The first subscriber opens it, the last one to leave closes it.
 * listening: a notification makes a tick at once. A tick counts the line and sends what changed.
 * quiet: for `quietMs` after a tick, notifications are only remembered. If there were any, the next tick follows; if
 * not, the line is counted once more all the same, because transactions that committed beside the notifying one do
 * not notify themselves.
 */
export function createLiveFeed(options: LiveFeedOptions): LiveFeed {
  const { db, log, quietMs = 1_000, heartbeatMs = 15_000, streamMs = 15 * 60_000 } = options;
  const subscribers = new Set<Subscriber>();
  let listener: Listener | undefined;
  let heartbeat: NodeJS.Timeout | undefined;
  let quiet: NodeJS.Timeout | undefined;
  let hasNews = false;

  const tellCounts = async (audience: Iterable<Subscriber>): Promise<void> => {
    try {
      const counts = await countLine(db);
      for (const one of audience) send(one, counts[one.environment]);
    } catch (err) {
      log.warn({ err }, 'the line could not be counted for live screens');
    }
  };
  const tick = (isFollowUp: boolean): void => {
    hasNews = false;
    quiet = setTimeout(() => {
      quiet = undefined;
      if (hasNews) tick(false);
      else if (!isFollowUp) tick(true);
    }, quietMs);
    void tellCounts(subscribers);
  };
  const notified = (): void => {
    hasNews = true;
    if (quiet === undefined && subscribers.size > 0) tick(false);
  };
  const beat = (): void => {
    for (const { stream } of subscribers) {
      if (stream.readableLength < mostUnreadBytes) stream.push(': still here\n\n');
    }
    if (quiet === undefined) tick(true);
  };
  const leave = (one: Subscriber): void => {
    one.isOver = true;
    if (!subscribers.delete(one) || subscribers.size > 0) return;
    clearTimeout(quiet);
    clearInterval(heartbeat);
    quiet = undefined;
    void listener?.close();
    listener = undefined;
  };

  return {
    subscribers: () => subscribers.size,
    subscribe: (environment) => {
      const stream = new Readable({ read() {} });
      const one: Subscriber = { environment, stream, lastSent: '', isOver: false };
      const ends = setTimeout(() => {
        leave(one);
        stream.push(null);
      }, streamMs).unref();
      stream.once('close', () => {
        clearTimeout(ends);
        leave(one);
      });
      stream.push(`retry: ${reconnectMs}\n\n`);
      subscribers.add(one);
      void tellCounts([one]);
      if (listener === undefined) {
        listener = listenTo(options.listenUrl, lineChannel, log, notified);
        heartbeat = setInterval(beat, heartbeatMs).unref();
      }
      return stream;
    },
  };
}

/** Sends what differs from the last time. */
function send(one: Subscriber, counts: LiveTick): void {
  const data = JSON.stringify(counts);
  const { stream } = one;
  if (data === one.lastSent || one.isOver || stream.readableLength > mostUnreadBytes) return;
  one.lastSent = data;
  stream.push(`event: line\ndata: ${data}\n\n`);
}

/** How much waits, how much of it is more than routine, and when the newest was filed. */
async function countLine(db: Kysely<DB>): Promise<Record<Environment, LiveTick>> {
  const { rows } = await sql<{
    environment: Environment;
    waiting: number;
    urgent: number;
    newestFiledAt: Date | null;
  }>`
    select place.environment, counted.waiting, counted.urgent,
      (select max(newest.filed_at) from unnest(array[1, 2, 3, 4]::smallint[]) as level (urgency)
        cross join lateral (
          select filed_at from assess.line_entry entry
          where entry.environment = place.environment and entry.state = 'waiting' and entry.urgency = level.urgency
          order by filed_at desc limit 1
        ) newest) as "newestFiledAt"
    from unnest(array['production', 'sandbox']) as place (environment)
    cross join lateral (
      select coalesce(sum(entries), 0)::int as waiting,
        coalesce(sum(entries) filter (where urgency < 4), 0)::int as urgent
      from assess.line_count where environment = place.environment and state = 'waiting'
    ) counted`.execute(db);
  const tickOf = (environment: Environment): LiveTick => {
    const row = rows.find((one) => one.environment === environment);
    return {
      waiting: row?.waiting ?? 0,
      urgent: row?.urgent ?? 0,
      ...(row?.newestFiledAt != null && { newestFiledAt: row.newestFiledAt.toISOString() }),
    };
  };
  return { production: tickOf('production'), sandbox: tickOf('sandbox') };
}
