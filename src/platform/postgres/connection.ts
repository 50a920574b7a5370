import { Socket } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { type Host, hostsOf, onHost } from './hosts.ts';

/** What every connection of ours is opened with. */
export interface ConnectionSettings {
  readonly connectionString: string;
  /** Present where an address names several hosts. */
  readonly stream?: () => Socket;
  readonly keepAlive?: true;
  readonly keepAliveInitialDelayMillis?: number;
}

/**
 * How to connect to an address. Where it names several hosts, each connection goes to the one that takes writes at
 * that moment, so that pools, queue and listeners find the new primary by themselves after a failover.
 */
export function connectionOf(url: string): ConnectionSettings {
  const hosts = hostsOf(url);
  const [first] = hosts;
  if (first === undefined) return { connectionString: url };
  const finder = finderFor(url, hosts);
  return {
    // Names, password and encryption; where it leads is decided by the stream.
    connectionString: onHost(url, first),
    stream: () => new PrimarySocket(finder),
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  };
}

interface Finder {
  readonly find: () => Promise<Host>;
  /** What was found may no longer hold. */
  readonly forget: () => void;
}

const finders = new Map<string, Finder>();

/** One for each address and process: what one connection found out serves all. */
function finderFor(url: string, hosts: readonly Host[]): Finder {
  const known = finders.get(url);
  if (known !== undefined) return known;
  let found: Promise<Host> | undefined;
  let newestTimeline = 0;
  const finder: Finder = {
    find: async () => {
      found ??= search(url, hosts, newestTimeline).then(
        ({ host, timeline }) => {
          newestTimeline = timeline;
          return host;
        },
        (error: unknown) => {
          found = undefined;
          throw error;
        },
      );
      return await found;
    },
    forget: () => {
      found = undefined;
    },
  };
  finders.set(url, finder);
  return finder;
}

const probeMs = 3_000;

interface Answer {
  readonly host: Host;
  readonly takesWrites: boolean;
  /** Grows by one with every promotion. */
  readonly timeline: number;
}

/**
 * Asks every host at once. A former primary that came back by mistake takes writes too: the one with the newest
 * timeline is right, and one that is older than what this process has seen is never taken.
 */
async function search(url: string, hosts: readonly Host[], atLeast: number): Promise<Answer> {
  const asked = await Promise.allSettled(hosts.map((host) => probe(url, host)));
  const answers = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const [best] = answers
    .filter(({ takesWrites, timeline }) => takesWrites && timeline >= atLeast)
    .sort((one, other) => other.timeline - one.timeline);
  if (best !== undefined) return best;
  const error = new Error(
    `None of the ${hosts.length} hosts of the database takes writes: ${answers.length} answered. Promote a standby, or start the primary.`,
  );
  const cause = asked.find((one) => one.status === 'rejected')?.reason as unknown;
  // As the system says it of a single host, so that callers treat both alike.
  throw Object.assign(error, { cause, syscall: 'connect', code: 'ECONNREFUSED' });
}

async function probe(url: string, host: Host): Promise<Answer> {
  const client = new pg.Client({
    connectionString: onHost(url, host),
    connectionTimeoutMillis: probeMs,
    query_timeout: probeMs,
    application_name: 'firstlight find',
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ standby: boolean; timeline: number }>(
      'select pg_is_in_recovery() as standby, timeline_id as timeline from pg_control_checkpoint()',
    );
    const [row] = rows;
    return { host, takesWrites: row?.standby === false, timeline: row?.timeline ?? 0 };
  } finally {
    await client.end().catch(() => {});
  }
}

/** Connects to wherever writes go, whatever it is told. */
class PrimarySocket extends Socket {
  readonly #finder: Finder;
  #isEndedByUs = false;

  constructor(finder: Finder) {
    super();
    this.#finder = finder;
    this.on('close', () => {
      if (!this.#isEndedByUs) finder.forget();
    });
  }

  override connect(): this {
    this.#finder.find().then(
      ({ host, port }) => {
        if (this.destroyed) return;
        if (host.startsWith('/')) super.connect(join(host, `.s.PGSQL.${port}`));
        else super.connect(port, host);
      },
      (error: unknown) => this.destroy(error instanceof Error ? error : new Error(String(error))),
    );
    return this;
  }

  override end(...rest: unknown[]): this {
    this.#isEndedByUs = true;
    return (super.end as (...rest: unknown[]) => this).apply(this, rest);
  }
}
