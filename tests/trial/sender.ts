import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ledger } from './ledger.ts';

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'HEAD' | 'DELETE';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  /** What the caller expects beside 2xx and sorts out by itself. */
  readonly alsoFine?: readonly number[];
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  /** Earlier tries of the same call that ended without an answer, or with 503: each may have been done. */
  readonly unanswered: number;
}

/** An answer may take as long as a database takes to come back; beyond this the try counts as unanswered. */
const silenceMs = 30_000;
const longestPauseMs = 2_000;
/** Gives up only when the bureau stays away; ten minutes are longer than any recovery. */
const patienceMs = 600_000;

/** A service that sends: it repeats until it is answered, as clients of a bureau are told to. */
export class Sender {
  readonly #agent: Agent;
  readonly #base: () => string;
  readonly #authorization: string;
  readonly #ledger: Ledger;
  #isClosed = false;

  /** @param base where the bureau is now; it may move when it is started again */
  constructor(base: () => string, authorization: string, ledger: Ledger, connections: number) {
    this.#base = base;
    this.#authorization = authorization;
    this.#ledger = ledger;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** Throws when the bureau refuses for good what it should take, or stays away. */
  async call(call: Call): Promise<Reply> {
    const deadline = performance.now() + patienceMs;
    let unanswered = 0;
    for (let attempt = 1; performance.now() < deadline && !this.#isClosed; attempt += 1) {
      const reply = await this.#once(call).catch((error: unknown) => error as NodeJS.ErrnoException);
      if (reply instanceof Error) {
        if (reply.code === 'ECONNREFUSED') this.#ledger.unreachable += 1;
        else {
          unanswered += 1;
          this.#ledger.unanswered += 1;
        }
        await sleep(Math.min(longestPauseMs, 20 * 2 ** Math.min(attempt, 6)));
        continue;
      }
      this.#ledger.answered();
      const { status } = reply;
      if (status < 300 || call.alsoFine?.includes(status)) return { ...reply, unanswered };
      if (isPassing(reply)) {
        this.#ledger.refused += 1;
        // A database that went away at the commit leaves the bureau itself in doubt.
        if (status === 503) unanswered += 1;
        const asked = 1000 * Number(reply.headers['retry-after'] ?? 0.2);
        await sleep(Math.min(longestPauseMs, asked));
        continue;
      }
      this.#ledger.fault(`${call.method} ${shapeOf(call.path)} ${status}`);
      // A fault on the bureau's side may pass; anything else would be the same for ever.
      if (status < 500) throw new Error(`${call.path} answered ${status}: ${reply.text.slice(0, 300)}`);
      await sleep(longestPauseMs / 4);
    }
    throw new Error(`${call.path} was not answered before the sender gave up`);
  }

  /** Calls that are under way give up. */
  close(): void {
    this.#isClosed = true;
    this.#agent.destroy();
  }

  async #once(call: Call): Promise<Omit<Reply, 'unanswered'>> {
    const body = typeof call.body === 'string' ? Buffer.from(call.body) : call.body;
    const base = new URL(this.#base());
    return await new Promise((resolve, reject) => {
      const sent = request({
        agent: this.#agent,
        host: base.hostname,
        port: base.port,
        method: call.method,
        path: call.path,
        timeout: silenceMs,
        headers: {
          authorization: this.#authorization,
          ...call.headers,
          ...(body === undefined ? {} : { 'content-length': String(body.length) }),
        },
      });
      sent.on('timeout', () => sent.destroy(new Error('no answer in time')));
      sent.on('error', reject);
      sent.on('response', (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('close', () => {
          if (!response.complete) return reject(new Error('the answer broke off'));
          const text = Buffer.concat(parts).toString('utf8');
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
      });
      sent.end(body);
    });
  }
}

/** Busy, or the same key is being worked on: the same request may succeed a little later. */
function isPassing({ status, text }: { readonly status: number; readonly text: string }): boolean {
  return status === 503 || status === 429 || (status === 409 && text.includes('key-in-flight'));
}

/** An address without its numbers, for a list of faults. */
function shapeOf(path: string): string {
  return path.replace(/\?.*$/, '').replace(/\/[0-9a-f]{32}\b|\/\d+\b/g, '/:id');
}
