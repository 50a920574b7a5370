import { createHash, createHmac, randomBytes, randomInt, randomUUID, timingSafeEqual } from 'node:crypto';
import { type FileId, fileIdFrom } from '#base/ids';

/** Randomness and digests of short texts, kept in one place so that rules stay free of both. */
export function newUuid(): string {
  return randomUUID();
}

export function newFileId(): FileId {
  return fileIdFrom(randomBytes(16).toString('hex'));
}

/** An unguessable token of 256 bits, URL-safe. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** A key of 256 bits for the key file. */
export function newKeyBytes(): Buffer {
  return randomBytes(32);
}

/** Salts of 16 bytes for so many entries of the audit log, in one buffer. */
export function newSalts(count: number): Buffer {
  return randomBytes(16 * count);
}

/** Names one place in the evidence store for good: 32 lower-case hex characters, never used twice. */
export function newPlaceId(): string {
  return randomBytes(16).toString('hex');
}

export function sha256Of(data: string | Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}

export function sha256Hex(data: string | Uint8Array): string {
  return sha256Of(data).toString('hex');
}

/** A key that lives as long as this process, for digests that must mean nothing outside it. */
export function processSecret(): Uint8Array {
  return randomBytes(32);
}

export function hmacOf(secret: Uint8Array, text: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url');
}

/** Compares two texts in a time that does not depend on where they differ. */
export function isSameSecret(one: string, other: string): boolean {
  return timingSafeEqual(sha256Of(one), sha256Of(other));
}

/** Draws a lot that wins with the given share, from 0 to 1. */
export function isDrawn(share: number): boolean {
  return randomInt(1_000_000) < Math.round(share * 1_000_000);
}
