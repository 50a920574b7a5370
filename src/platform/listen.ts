import pg from 'pg';
import type { Logger } from '#platform/log';
import { connectionOf } from './postgres/connection.ts';

/** One connection that only listens. */
export interface Listener {
  readonly close: () => Promise<void>;
}

const retryMs = 1_000;

/**
 * Listens on a channel through a connection of its own. A lost connection is opened again until closed; as messages
 * may have passed meanwhile, every (re)connection counts as a message.
 * @param channel letters and underscores only
 */
export function listenTo(url: string, channel: string, log: Logger, onMessage: () => void): Listener {
  if (!/^[a-z_]+$/.test(channel)) throw new Error('a channel is named with letters and underscores');
  let isClosed = false;
  let client: pg.Client | undefined;
  let retry: NodeJS.Timeout | undefined;

  const connect = async (): Promise<void> => {
    const mine = new pg.Client({
      ...connectionOf(url),
      application_name: 'firstlight listen',
      keepAlive: true,
    });
    client = mine;
    mine.on('notification', onMessage);
    // `error` and `end` may both come; the later one finds that this is no longer the client.
    mine.on('error', () => reconnect(mine));
    mine.on('end', () => reconnect(mine));
    try {
      await mine.connect();
      await mine.query(`listen ${channel}`);
      if (isClosed) await mine.end();
      else onMessage();
    } catch (err) {
      if (!isClosed) log.warn({ err, channel }, 'cannot listen; trying again');
      reconnect(mine);
    }
  };

  const reconnect = (lost: pg.Client): void => {
    if (isClosed || client !== lost) return;
    client = undefined;
    void lost.end().catch(() => {});
    retry = setTimeout(() => void connect(), retryMs);
  };

  const opening = connect();
  return {
    close: async () => {
      isClosed = true;
      clearTimeout(retry);
      await opening;
      const last = client;
      client = undefined;
      await last?.end().catch(() => {});
    },
  };
}
