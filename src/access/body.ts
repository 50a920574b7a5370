import type { IncomingMessage } from 'node:http';
import { accessRefusal } from './codes.ts';

/** Largest JSON body of a route that declares a body schema; documents and files are taken in by `receive`. */
const jsonBodyLimitBytes = 1024 * 1024;

/** What is thrown away of a body that is refused, so that a client that only reads after sending gets its answer. */
const drainLimitBytes = 64 * 1024 * 1024;
const drainLimitMs = 20_000;

/**
 * Reads and drops the rest of a body, up to a limit of bytes and time; never throws. After it the answer reaches
 * the client, except one that goes on sending beyond the limit: its connection is closed.
 */
export async function drain(raw: IncomingMessage): Promise<void> {
  if (raw.complete || raw.destroyed) return;
  let dropped = 0;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, drainLimitMs);
    const finish = () => {
      clearTimeout(timer);
      resolve();
    };
    raw.once('end', finish).once('close', finish).once('error', finish);
    raw.on('data', (chunk: Buffer) => {
      dropped += chunk.length;
      if (dropped > drainLimitBytes) finish();
    });
    raw.resume();
  });
}

/**
 * Reads a whole body of at most `limitBytes`. Throws a Refusal when it is larger (`http.body-too-large`) or ends
 * before it is complete (`http.cut-off`). Never holds more than the limit.
 */
export async function readBody(raw: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const declared = Number(raw.headers['content-length'] ?? 0);
  if (declared > limitBytes) throw accessRefusal('http.body-too-large', { limitBytes });
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // The connection must outlive a body that is too large, to carry the answer.
    for await (const chunk of raw.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limitBytes) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw isCutOff(error) ? accessRefusal('http.cut-off') : error;
  }
  if (size > limitBytes) throw accessRefusal('http.body-too-large', { limitBytes });
  if (!raw.complete) throw accessRefusal('http.cut-off');
  return Buffer.concat(chunks, size);
}

/** Whether an error says that the connection broke while a body came in: the sender's trouble, not ours. */
export function isCutOff(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  // An error that names a call of the system is of a connection that this process opened itself.
  if (error instanceof Error && 'syscall' in error) return false;
  return code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ABORT_ERR';
}

/**
 * Reads a JSON body. An empty body is `{}`, so that routes without fields can be called without one. Refuses a body that
 * calls itself something else: what a form of any page can send without asking first is never taken for JSON.
 */
export async function readJson(raw: IncomingMessage): Promise<unknown> {
  const [type = ''] = (raw.headers['content-type'] ?? '').split(';', 1);
  if (raw.headers['content-type'] !== undefined && type.trim().toLowerCase() !== 'application/json')
    throw accessRefusal('http.unsupported-type');
  const bytes = await readBody(raw, jsonBodyLimitBytes);
  if (bytes.length === 0) return {};
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw accessRefusal('http.body-not-json');
  }
}
