import type { IncomingMessage } from 'node:http';
import { intakeRefusal } from './codes.ts';

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
 * Reads a whole body of at most `limitBytes` and never holds more. Throws `intake.document-too-large` (after
 * draining the rest) or `intake.body-cut-off`.
 */
export async function readDocument(raw: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  if (Number(raw.headers['content-length'] ?? 0) <= limitBytes) {
    try {
      for await (const chunk of raw.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        sizeBytes += chunk.length;
        if (sizeBytes > limitBytes) break;
        chunks.push(chunk);
      }
    } catch (cause) {
      throw cutOff(cause);
    }
    if (sizeBytes <= limitBytes) {
      if (!raw.complete) throw intakeRefusal('intake.body-cut-off');
      return Buffer.concat(chunks, sizeBytes);
    }
  }
  chunks.length = 0;
  await drain(raw);
  throw intakeRefusal('intake.document-too-large', { limitBytes });
}

/** A connection that broke while the body came in is the sender's trouble; anything else stays what it is. */
export function cutOff(cause: unknown): unknown {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const isBroken = code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ABORT_ERR';
  return isBroken ? intakeRefusal('intake.body-cut-off') : cause;
}
