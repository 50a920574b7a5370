import type { Orientation } from '../../kernel/orientations.ts';

/**
 * What is hashed of a picture: `shown` is what somebody sees of it on white, `stored` its colours without regard to
 * transparency, which is what the reference hashes. Opaque pictures have one hash for both.
 */
export type PictureVariant = 'shown' | 'stored';

export interface PictureHash {
  readonly variant: PictureVariant;
  /** PDQ, 64 lower-case hex digits. */
  readonly hash: string;
  /** 0 to 100. */
  readonly quality: number;
  /** By the reference's names, in its own order. */
  readonly orientations: Readonly<Record<Orientation, string>>;
}

export type FactName =
  | 'taken-at'
  | 'changed-at'
  | 'place'
  | 'altitude'
  | 'place-at'
  | 'device'
  | 'software'
  | 'orientation';

/** Something that a file says of itself. Whoever made the file may have written anything. */
export interface Fact {
  readonly name: FactName;
  readonly value: string;
  /** Where it stands, as `Exif DateTimeOriginal (0x9003)`. */
  readonly source: string;
}

export interface Picture {
  readonly kind: 'picture';
  readonly mediaType: string;
  /** As stored: a turn that the EXIF data asks for is not made. */
  readonly width: number;
  readonly height: number;
  /** Pictures in the file; the first one is hashed. */
  readonly frames: number;
  /** Part of the picture was missing or damaged; what was there was hashed. */
  readonly isPartial: boolean;
  readonly hashes: readonly PictureHash[];
  readonly facts: readonly Fact[];
}

export interface NotDecoded {
  /**
   * `not-a-picture`: nothing to look at. `not-sampled`: film or sound, which this release does not take apart.
   * `unreadable`: claims to be a picture and cannot be decoded within the limits.
   * `killed-decoder`: twice, each time in a fresh process, the decoder ended or hung over it.
   */
  readonly kind: 'not-a-picture' | 'not-sampled' | 'unreadable' | 'killed-decoder';
  readonly mediaType: string;
  /** One sentence. */
  readonly reason: string;
}

/** What became of one file. Never an exception: hostile files are expected. */
export type Verdict = Picture | NotDecoded;

/** What nothing is known about. */
export const unknownType = 'application/octet-stream';

/** Kept beside every fingerprint; counted up whenever the same bytes would give another one. */
export const decoderVersion = 'picture-1';
