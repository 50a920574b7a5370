import { verify } from 'node:crypto';
import {
  type NoteSignature,
  noteSignatureTypes,
  openNote,
  type SignatureCheck,
  type SignedNote,
  type VerifiedSignature,
  type VerifierKey,
} from './note.ts';
import type { Parsed } from './parsed.ts';

/**
 * Cosignatures of witnesses (https://c2sp.org/tlog-cosignature, the Ed25519 kind): who signs says that, at that time,
 * this was the largest state of the log that they had seen and that it continues every state they saw before.
 */

const timeBytes = 8;
const signatureBytes = 64;

function messageOf(text: string, atSeconds: bigint): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${atSeconds}\n${text}`);
}

/** @param text of the checkpoint, without signatures */
export function cosign(
  text: string,
  key: VerifierKey,
  sign: (data: Uint8Array) => Buffer,
  at: Date,
): NoteSignature {
  const atSeconds = BigInt(Math.floor(at.getTime() / 1000));
  const time = Buffer.alloc(timeBytes);
  time.writeBigUInt64BE(atSeconds);
  const signature = Buffer.concat([time, sign(messageOf(text, atSeconds))]);
  return { name: key.name, keyHash: key.keyHash, signature };
}

const checkCosignature: SignatureCheck = (key, text, signature) => {
  if (key.type !== noteSignatureTypes.cosignature || signature.length !== timeBytes + signatureBytes)
    return undefined;
  const atSeconds = signature.readBigUInt64BE(0);
  if (atSeconds > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  const holds = verify(null, messageOf(text, atSeconds), key.publicKey, signature.subarray(timeBytes));
  return holds ? { atSeconds: Number(atSeconds) } : undefined;
};

/** Which of the witnesses cosigned the checkpoint, and when. */
export function openCosignatures(
  note: SignedNote,
  witnesses: readonly VerifierKey[],
): Parsed<readonly VerifiedSignature[]> {
  return openNote(note, witnesses, checkCosignature);
}
