import type { IncomingMessage } from 'node:http';
import { accessRefusal } from './codes.ts';

/** Largest JSON body of a route that declares a body schema; documents and files are taken in by `receive`. */
export const jsonBodyLimitBytes = 1024 * 1024;

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
    for await (const chunk of raw as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limitBytes) throw accessRefusal('http.body-too-large', { limitBytes });
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ECONNRESET')
      throw accessRefusal('http.cut-off');
    throw error;
  }
  if (!raw.complete) throw accessRefusal('http.cut-off');
  return Buffer.concat(chunks, size);
}

/** Reads a JSON body. An empty body is `{}`, so that routes without fields can be called without one. */
export async function readJson(raw: IncomingMessage): Promise<unknown> {
  const bytes = await readBody(raw, jsonBodyLimitBytes);
  if (bytes.length === 0) return {};
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw accessRefusal('http.body-not-json');
  }
}
