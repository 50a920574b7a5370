import type { Readable } from 'node:stream';
import type { Kysely } from 'kysely';
import type { Clock } from '#platform/clock';
import type { DB } from '#platform/database-types';
import type { Logger } from '#platform/log';
import { stillOpen } from './store.ts';

/** Ends what flows on to a browser when its session ends, locks or lies idle: an open stream asks for nothing again. */
export interface StreamWatch {
  /** @param tokenHex SHA-256 of the session's token, as hex */
  readonly watch: (tokenHex: string, stream: Readable) => void;
  readonly stop: () => void;
}

/** How long a stream may outlive its session. One statement asks for all streams of a server at once. */
const everyMs = 2_000;

export function createStreamWatch(
  db: Kysely<DB>,
  clock: Clock,
  log: Logger,
  options: { readonly idleMinutes: number; readonly everyMs?: number },
): StreamWatch {
  const streams = new Map<Readable, string>();
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    const tokens = [...new Set(streams.values())].map((hex) => Buffer.from(hex, 'hex'));
    try {
      const open =
        tokens.length === 0 ? new Set() : await stillOpen(db, tokens, clock.now(), options.idleMinutes);
      for (const [stream, hex] of streams) if (!open.has(hex)) stream.push(null);
    } catch (err) {
      log.warn({ err }, 'sessions of open streams could not be looked up');
    }
    timer = undefined;
    lookSoon();
  }
  const lookSoon = () => {
    if (streams.size === 0) return;
    timer ??= setTimeout(() => void look(), options.everyMs ?? everyMs).unref();
  };

  return {
    watch: (tokenHex, stream) => {
      streams.set(stream, tokenHex);
      stream.once('close', () => streams.delete(stream));
      lookSoon();
    },
    stop: () => {
      clearTimeout(timer);
      streams.clear();
    },
  };
}
