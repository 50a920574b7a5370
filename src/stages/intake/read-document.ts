import type { IncomingMessage } from 'node:http';
import { drain, isCutOff, readBody } from '#access';
import { Refusal } from '#base/errors';
import { intakeRefusal } from './codes.ts';

/**
 * Reads a whole body of at most `limitBytes` and never holds more. Throws `intake.document-too-large` (after
 * draining the rest) or `intake.body-cut-off`.
 */
export async function readDocument(raw: IncomingMessage, limitBytes: number): Promise<Buffer> {
  try {
    return await readBody(raw, limitBytes);
  } catch (error) {
    if (!(error instanceof Refusal)) throw cutOff(error);
    if (error.code === 'http.cut-off') throw intakeRefusal('intake.body-cut-off');
    await drain(raw);
    throw intakeRefusal('intake.document-too-large', { limitBytes });
  }
}

/** A connection that broke while the body came in is the sender's trouble; anything else stays what it is. */
export function cutOff(cause: unknown): unknown {
  return isCutOff(cause) ? intakeRefusal('intake.body-cut-off') : cause;
}
