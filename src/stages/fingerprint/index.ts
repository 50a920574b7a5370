/**
 * Fingerprint: what sealed bytes are, how a picture can be recognised, and what a file says of itself.
 * Comes in: `file.sealed`. Goes out: media type, size and frames, PDQ in eight orientations, facts with their source,
 * when the bytes were first seen; `file.fingerprinted`, `fingerprints.due`.
 * Guarantees: bytes are decoded only in the decoder's processes; every fingerprint names the version that made it;
 * a file that cannot be decoded is brought to a person with its reason and is not tried again by itself.
 * Never does: match, grade, show a picture, believe what a file says of itself.
 * Owns: fingerprint.file, picture_hash, fact, run.
 */
export { dropFacts } from './drop-facts.ts';
export type { FingerprintParts } from './fingerprint-parts.ts';
export { fingerprintRoutes } from './http.ts';
export { fingerprintJobs } from './jobs.ts';

/** Subject of `file.fingerprinted` is a SHA-256, of `fingerprints.due` a run. */
export type FingerprintEvent = {
  readonly name: 'file.fingerprinted' | 'fingerprints.due';
  readonly subject: string;
};
