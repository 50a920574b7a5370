import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Message {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

const silenceMs = 120_000;
const longestPauseSeconds = 30;

/** Keeps connections to one bureau open, as a service does that sends all day. */
export class Connection {
  readonly #base: URL;
  readonly #agent: Agent;
  readonly #authorization: string;

  /** @param authorization the value of that header */
  constructor(url: string, authorization: string, connections = 16) {
    this.#base = new URL(url);
    this.#authorization = authorization;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** Sends and gives the answer, whatever its status. A busy bureau is asked again after the pause that it names. */
  async send(message: Message): Promise<Reply> {
    for (let attempt = 1; ; attempt++) {
      const reply = await this.#sendOnce(message);
      if (reply.status !== 503 || attempt === 5) return reply;
      await sleep(1000 * Math.min(longestPauseSeconds, Number(reply.headers['retry-after']) || attempt));
    }
  }

  /** A JSON call that must succeed. Throws an Error with the answer's title otherwise. */
  async json<T>(method: Message['method'], path: string, body?: unknown): Promise<T> {
    const content =
      body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const reply = await this.send({ method, path, ...content });
    if (reply.status >= 300)
      throw new Error(`${method} ${path} answered ${reply.status}: ${sentenceOf(reply.text)}`);
    return JSON.parse(reply.text) as T;
  }

  close(): void {
    this.#agent.destroy();
  }

  async #sendOnce(message: Message): Promise<Reply> {
    const body = typeof message.body === 'string' ? Buffer.from(message.body) : message.body;
    return await new Promise((resolve, reject) => {
      const call = request({
        agent: this.#agent,
        host: this.#base.hostname.replace(/^\[|\]$/g, ''),
        port: this.#base.port,
        method: message.method,
        path: message.path,
        headers: {
          authorization: this.#authorization,
          ...message.headers,
          ...(body === undefined ? {} : { 'content-length': String(body.length) }),
        },
        timeout: silenceMs,
      });
      call.on('timeout', () =>
        call.destroy(new Error(`no answer to ${message.path} within ${silenceMs / 1000} s`)),
      );
      call.on('error', reject);
      call.on('response', (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(parts).toString('utf8'),
          }),
        );
      });
      call.end(body);
    });
  }
}

export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** What a refusal says for people: the title of problem details, or the text itself. */
function sentenceOf(text: string): string {
  try {
    const problem: unknown = JSON.parse(text);
    if (typeof problem === 'object' && problem !== null && 'title' in problem) return String(problem.title);
  } catch {
    // Not JSON: the text is the sentence.
  }
  return text.slice(0, 300);
}

export interface FormPart {
  readonly name: string;
  readonly value: Buffer | string;
  readonly fileName?: string;
  readonly mediaType?: string;
}

const boundary = 'firstlight-demonstration-4c1b7f0e';

/** A multipart form (RFC 7578) in one piece. */
export function multipart(parts: readonly FormPart[]): { body: Buffer; headers: { 'content-type': string } } {
  const pieces = parts.flatMap((part) => {
    const file = part.fileName === undefined ? '' : `; filename="${part.fileName.replace(/["\r\n]/g, '_')}"`;
    const type = part.mediaType === undefined ? '' : `Content-Type: ${part.mediaType}\r\n`;
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${part.name}"${file}\r\n${type}\r\n`;
    return [Buffer.from(head), Buffer.from(part.value as string), Buffer.from('\r\n')];
  });
  return {
    body: Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]),
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  };
}
