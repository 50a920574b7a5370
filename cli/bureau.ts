import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { createInterface } from 'node:readline';
import { pipeline, type Readable } from 'node:stream';
import type { Problem } from '#contract/shapes';
import { type Address, findBureau, notRunning } from './address.ts';
import { CannotDo } from './failures.ts';

export type Query = Readonly<Record<string, string | number | undefined>>;

/** The HTTP API as the commands see it. Every failure is a `CannotDo` whose sentence says what to do next. */
export interface Bureau {
  readonly get: <T>(path: string, query?: Query) => Promise<T>;
  /** An answer exactly as it is, where that is no JSON to be read. */
  readonly getText: (path: string) => Promise<string>;
  /** For answers without a body the promise gives undefined. */
  readonly post: <T>(path: string, body: unknown) => Promise<T>;
  /** Posts, then hands over one JSON value a line as they arrive. There is no limit of time. */
  readonly postForLines: <T>(path: string, body: unknown, onLine: (value: T) => void) => Promise<void>;
  /** Puts bytes of this length, as they come. There is no limit of time. */
  readonly putBytes: <T>(path: string, bytes: Readable, sizeBytes: number) => Promise<T>;
  /** Posts, then hands over bytes as they arrive. There is no limit of time. */
  readonly postForBytes: (path: string, body: unknown) => AsyncIterable<Buffer>;
}

/** Longest silence before a request counts as unanswered. */
const silenceMs = 60_000;

/** @param options `dataFolder` is where address and token are found; `url` overrides the address */
export function openBureau(options: {
  readonly dataFolder: string;
  readonly url: string | undefined;
}): Bureau {
  let address: Promise<Address> | undefined;
  const ask = async (question: Question): Promise<IncomingMessage> => {
    address ??= findBureau(options.dataFolder, options.url);
    const found = await address;
    const answer = await send(found, question).catch((error: unknown) => {
      throw unreachable(error, found, options);
    });
    if ((answer.statusCode ?? 0) >= 300) throw refused(answer.statusCode ?? 0, await bodyOf(answer));
    return answer;
  };
  return {
    putBytes: async <T>(path: string, bytes: Readable, sizeBytes: number) =>
      jsonOf<T>(await bodyOf(await ask({ method: 'PUT', path, bytes, sizeBytes, isPatient: true }))),
    postForBytes: async function* (path: string, body: unknown) {
      const answer = await ask({ method: 'POST', path, body, isPatient: true });
      try {
        for await (const chunk of answer) yield chunk as Buffer;
      } catch (error) {
        throw brokenOff(error);
      }
    },
    get: async <T>(path: string, query: Query = {}) =>
      jsonOf<T>(await bodyOf(await ask({ method: 'GET', path: withQuery(path, query) }))),
    getText: async (path) => await bodyOf(await ask({ method: 'GET', path })),
    post: async <T>(path: string, body: unknown) =>
      jsonOf<T>(await bodyOf(await ask({ method: 'POST', path, body }))),
    postForLines: async <T>(path: string, body: unknown, onLine: (value: T) => void) => {
      const answer = await ask({ method: 'POST', path, body, isPatient: true });
      try {
        for await (const line of createInterface({ input: answer, crlfDelay: Number.POSITIVE_INFINITY })) {
          if (line.trim() !== '') onLine(jsonOf<T>(line));
        }
      } catch (error) {
        throw brokenOff(error);
      }
    },
  };
}

function brokenOff(cause: unknown): CannotDo {
  if (cause instanceof CannotDo) return cause;
  return new CannotDo('The bureau broke off its answer: look at its log, then try again.', { cause });
}

interface Question {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  /** Instead of a JSON body. */
  readonly bytes?: Readable;
  readonly sizeBytes?: number;
  readonly body?: unknown;
  readonly isPatient?: boolean;
}

function send({ url, token }: Address, question: Question): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const target = new URL(question.path, url);
    const body = question.body === undefined ? undefined : JSON.stringify(question.body);
    const headers: Record<string, string> = {
      authorization: `Bearer ${token}`,
      accept: 'application/json, application/x-ndjson',
    };
    if (body !== undefined) {
      headers['content-type'] = 'application/json';
      headers['content-length'] = String(Buffer.byteLength(body));
    }
    if (question.bytes !== undefined) {
      headers['content-type'] = 'application/octet-stream';
      headers['content-length'] = String(question.sizeBytes);
    }
    const request: ClientRequest = (target.protocol === 'https:' ? requestHttps : requestHttp)(
      target,
      { method: question.method, headers, ...(question.isPatient === true ? {} : { timeout: silenceMs }) },
      resolve,
    );
    request.on('timeout', () =>
      request.destroy(
        new CannotDo(
          `The bureau at ${url.origin} did not answer in ${silenceMs / 1000} seconds: look at its log, then try again.`,
        ),
      ),
    );
    request.on('error', reject);
    if (question.bytes === undefined) request.end(body);
    else pipeline(question.bytes, request, (error) => error && reject(error));
  });
}

async function bodyOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of answer) chunks.push(chunk as Buffer);
  } catch (error) {
    throw brokenOff(error);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The shape is the contract's promise; here it is only made sure that it is JSON. */
function jsonOf<T>(text: string): T {
  if (text.trim() === '') return undefined as T;
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw new CannotDo('What answers there is not a Firstlight bureau of this version: check --url.', {
      cause: error,
    });
  }
}

function withQuery(path: string, query: Query): string {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) asked.set(name, String(value));
  const text = asked.toString();
  return text === '' ? path : `${path}?${text}`;
}

function unreachable(
  error: unknown,
  found: Address,
  options: { dataFolder: string; url: string | undefined },
): CannotDo {
  if (error instanceof CannotDo) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
  // A bureau that was killed leaves its address behind.
  if (options.url === undefined && code === 'ECONNREFUSED') return notRunning(options.dataFolder);
  return new CannotDo(
    `No bureau answers at ${found.url.origin} (${code}): check --url, or start it with "npm start".`,
    {
      cause: error,
    },
  );
}

function refused(status: number, text: string): CannotDo {
  const problem = problemOf(text);
  if (status === 401) {
    return new CannotDo(
      "The bureau does not accept this administrator's token: --data DIR must name the bureau's own data folder.",
    );
  }
  if (problem === undefined) {
    return new CannotDo(
      `The bureau answered with status ${status} and no reason: check --url, then look at its log.`,
    );
  }
  const sentence = problem.detail ?? problem.title;
  const defects = (problem.defects ?? [])
    .map((defect) => `\n  ${defect.element}: ${defect.message}`)
    .join('');
  const reference = status >= 500 ? ` Reference ${problem.requestId}.` : '';
  return new CannotDo(`${sentence} [${problem.code}]${reference}${defects}`);
}

function problemOf(text: string): Problem | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isProblem = typeof value === 'object' && value !== null && 'code' in value && 'title' in value;
    return isProblem ? (value as Problem) : undefined;
  } catch {
    return undefined;
  }
}
