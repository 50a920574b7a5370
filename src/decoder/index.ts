/**
 * The decoder: says what a file is, in processes that may break.
 * Comes in: bytes of any kind, hostile ones too. Goes out: media type by content and, of a picture, size, PDQ hash
 * with quality and eight orientations, and what its metadata says. Only numbers and short checked texts come back.
 * Guarantees: plaintext in pipes and memory only; memory, time, pixels and bytes bounded; a file that ends its
 * decoder is told from a decoder that somebody else ended by one more attempt in a fresh process.
 * Never does: keep anything, render SVG, apply a colour profile, follow the Exif orientation.
 */
export { createDecoder, type Decoder, type DecoderSettings, type Source } from './decoder.ts';
export { type DecoderLimits, usualLimits } from './limits.ts';
export { type Protection, type ProtectionLevel, probeProtection } from './protection.ts';
export {
  decoderVersion,
  type Fact,
  type FactName,
  type NotDecoded,
  type Picture,
  type PictureHash,
  type PictureVariant,
  type Verdict,
} from './verdict.ts';
