import { type OpenedCheckpoint, openCheckpoint } from './checkpoint.ts';
import { openCosignatures } from './cosignature.ts';
import { type Finding, Findings, nameOf, titleOf } from './findings.ts';
import { parseEntry } from './log-entry.ts';
import { GrowingTree, hashBytes, isSame, leafHash } from './merkle.ts';
import { Misfits } from './misfits.ts';
import type { VerifierKey } from './note.ts';
import { parseBundle, parseTilePath, rootOf, type TileName, tilesOf, tileWidth } from './tiles.ts';

export interface Verification {
  readonly origin: string;
  readonly size: number;
  /** Entries that were hashed and compared. */
  readonly checked: number;
  readonly findings: readonly Finding[];
  /** Findings beyond those that are listed. */
  readonly more: number;
  /** Witnesses of the given keys that cosigned, and when. */
  readonly cosigned: readonly { readonly name: string; readonly at: string }[];
  /** Sizes of the earlier checkpoints that this log continues. */
  readonly continued: readonly number[];
  /** Rows that wait to be sealed, where the export says so. */
  readonly pending?: number;
}

export interface VerifyOptions {
  /** Keys of the log that are trusted. */
  readonly keys: readonly VerifierKey[];
  readonly witnesses?: readonly VerifierKey[];
  /** Earlier checkpoints, as signed notes, that the log must continue. */
  readonly earlier?: readonly string[];
}

/**
 * Verifies an export file by file, in the order in which a bureau writes them, and keeps no more than one bundle and
 * one tile of each level. Everything is computed anew, from the entries up to the signed root.
 */
export class LogVerifier {
  readonly checkpoint: OpenedCheckpoint;
  checked = 0;
  readonly #options: VerifyOptions;
  readonly #findings = new Findings();
  readonly #misfits = new Misfits(this.#findings);
  readonly #tree = new GrowingTree();
  readonly #earlier: { readonly size: number; readonly root: Buffer; isMet: boolean }[] = [];
  /** Entries of a bundle whose hashes have not come yet. */
  #bundle: { readonly index: number; readonly entries: readonly Buffer[]; hasMissing: boolean } | undefined;
  #nextTile = 0;
  /** By level from 1 on: what follows from the tiles below for the tile that is being filled. */
  readonly #built: ({ readonly tile: number; readonly hashes: Buffer[] } | undefined)[] = [];
  #pending: number | undefined;

  constructor(checkpoint: OpenedCheckpoint, options: VerifyOptions) {
    this.checkpoint = checkpoint;
    this.#options = options;
    for (const note of options.earlier ?? []) {
      const opened = openCheckpoint(note, options.keys);
      if (opened.kind === 'bad')
        this.#findings.add('history', `An earlier checkpoint cannot be used: ${opened.reason}`);
      else this.#earlier.push({ ...opened.value, isMet: opened.value.size === 0 });
    }
  }

  /** How many findings there are so far. */
  get found(): number {
    return this.#findings.list.length + this.#findings.more;
  }

  /** Takes the next file. Names that mean nothing, and partial tiles of other sizes, are passed over. */
  take(name: string, bytes: Buffer): void {
    if (name === 'strays.json') this.#takeStrays(bytes);
    const tile = parseTilePath(name);
    if (tile === undefined) return;
    const { full, partial } = tilesOf(tile.kind === 'entries' ? 0 : tile.kind, this.checkpoint.size);
    const width = tile.index < full ? tileWidth : tile.index === full ? partial : 0;
    if (tile.width !== width) return;
    if (tile.kind === 'entries') this.#takeEntries(tile.index, bytes);
    else if (tile.kind === 0) this.#takeLeaves(tile, bytes);
    else this.#takeTile(tile, tile.kind, bytes);
  }

  finish(): Verification {
    const { origin, size, root, note } = this.checkpoint;
    this.#settleBundle();
    this.#misfits.settle();
    if (this.#tree.size < size) {
      const message = `The end is missing: ${size} entries were signed, and hashes of ${this.#tree.size} are here.`;
      this.#findings.add('truncated', message, { position: this.#tree.size });
    } else if (!isSame(this.#tree.root(), root)) {
      this.#findings.add('history', `The tree over the ${size} entries is not the one that was signed.`);
    }
    for (const earlier of this.#earlier) if (!earlier.isMet) this.#addBreak(earlier.size, size);
    const cosignatures = openCosignatures(note, this.#options.witnesses ?? []);
    return {
      origin,
      size,
      checked: this.checked,
      findings: this.#findings.list,
      more: this.#findings.more,
      cosigned: cosignatures.kind === 'bad' ? [] : cosignatures.value.map(cosignedBy),
      continued: this.#earlier.filter((one) => one.isMet).map((one) => one.size),
      ...(this.#pending !== undefined && { pending: this.#pending }),
    };
  }

  #addBreak(earlier: number, size: number): void {
    const message =
      earlier > size
        ? `The log was set back: an earlier checkpoint was signed with ${earlier} entries, this one with ${size}.`
        : `The log was rewritten: its first ${earlier} entries are not those of an earlier checkpoint.`;
    this.#findings.add('history', message);
  }

  #takeEntries(index: number, bytes: Buffer): void {
    this.#settleBundle();
    const parsed = parseBundle(bytes);
    if (parsed.kind === 'bad') {
      this.#findings.add('file', `Bundle ${index}: ${parsed.reason}`, { position: index * tileWidth });
      return;
    }
    this.#bundle = { index, entries: parsed.value, hasMissing: bytes.includes(missingMark) };
  }

  #takeLeaves({ index, width }: TileName, hashes: Buffer): void {
    const bundle = this.#bundle?.index === index ? this.#bundle : undefined;
    const first = index * tileWidth;
    if (hashes.length !== width * hashBytes) {
      const message = `The file with the hashes of the entries ${first} to ${first + width - 1} does not hold ${width} hashes.`;
      this.#findings.add('file', message, { position: first });
      return;
    }
    this.#bundle = undefined;
    if (bundle === undefined) {
      const message = `The entries ${first} to ${first + width - 1} are missing.`;
      this.#findings.add('removed', message, { position: first });
    } else {
      this.checked += bundle.entries.length;
      if (!isMatch(bundle.entries, hashes)) this.#misfits.compare(bundle.entries, hashes, first);
      if (bundle.hasMissing) this.#nameMissing(bundle.entries, hashes, first);
    }
    this.#grow(index, hashes);
  }

  /** A row that was gone when its turn came is sealed as missing, so it matches its hash. */
  #nameMissing(entries: readonly Buffer[], hashes: Buffer, first: number): void {
    for (const [place, entry] of entries.entries()) {
      if (!entry.includes(missingMark) || !isSame(leafHash(entry), hashAt(hashes, place))) continue;
      const parsed = parseEntry(entry);
      if (parsed.kind === 'bad' || !parsed.value.isMissing) continue;
      const position = first + place;
      const message = `${titleOf(parsed.value)} at position ${position} was removed before it could be sealed.`;
      this.#findings.add('removed', message, { position, ...nameOf(parsed.value) });
    }
  }

  /** Adds leaf hashes to the tree and looks on the way for what earlier checkpoints said. */
  #grow(index: number, hashes: Buffer): void {
    if (index !== this.#nextTile) return;
    this.#nextTile += 1;
    const width = hashes.length / hashBytes;
    const { size } = this.#tree;
    const within = this.#earlier.filter((one) => one.size > size && one.size <= size + width);
    const root = width === tileWidth ? rootOf(hashes) : undefined;
    if (root !== undefined) this.#build(1, index, root);
    if (root !== undefined && within.length === 0) {
      this.#tree.addSubtree(root, tileHeight);
      return;
    }
    for (let place = 0; place < width; place += 1) {
      this.#tree.add(Buffer.from(hashAt(hashes, place)));
      for (const one of within)
        if (one.size === this.#tree.size) one.isMet = isSame(this.#tree.root(), one.root);
    }
  }

  #build(level: number, index: number, hash: Buffer): void {
    const tile = Math.floor(index / tileWidth);
    let built = this.#built[level];
    if (built?.tile !== tile) built = this.#built[level] = { tile, hashes: [] };
    built.hashes.push(hash);
    if (built.hashes.length === tileWidth) this.#build(level + 1, tile, rootOf(Buffer.concat(built.hashes)));
  }

  /** Compares a higher tile with what follows from those below, hash by hash, so that the place can be named. */
  #takeTile({ index, width }: TileName, level: number, hashes: Buffer): void {
    const built = this.#built[level];
    if (built?.tile !== index) return;
    const span = tileWidth ** level;
    for (let place = 0; place < width; place += 1) {
      const ours = built.hashes[place];
      if (ours !== undefined && isSame(ours, hashAt(hashes, place))) continue;
      const start = (index * tileWidth + place) * span;
      const message = `The hashes of the entries ${start} to ${start + span - 1} were replaced: they do not lead to the hash above them.`;
      this.#findings.add('hashes', message, { position: start });
    }
  }

  /** Entries whose hashes did not come: their own take the place in the tree. */
  #settleBundle(): void {
    const bundle = this.#bundle;
    if (bundle === undefined) return;
    this.#bundle = undefined;
    const position = bundle.index * tileWidth;
    this.#findings.add('file', `The hashes of bundle ${bundle.index} are missing.`, { position });
    this.checked += bundle.entries.length;
    this.#grow(bundle.index, Buffer.concat(bundle.entries.map((entry) => leafHash(entry))));
  }

  #takeStrays(bytes: Buffer): void {
    const strays = readStrays(bytes);
    this.#pending = strays?.pending;
    if (strays === undefined) this.#findings.add('file', 'The file strays.json cannot be read.');
    for (const row of strays?.rows ?? []) {
      const message = `${titleOf(row)} stands in the database and was never sealed: it was put in beside the bureau.`;
      this.#findings.add('inserted', message, row);
    }
  }
}

const tileHeight = 8;
/** Within canonical JSON this stands for the member only: quotes within texts are escaped. */
const missingMark = '"isMissing":true';

function hashAt(hashes: Buffer, place: number): Buffer {
  return hashes.subarray(place * hashBytes, (place + 1) * hashBytes);
}

function isMatch(entries: readonly Buffer[], hashes: Buffer): boolean {
  if (entries.length * hashBytes !== hashes.length) return false;
  for (const [place, entry] of entries.entries())
    if (leafHash(entry).compare(hashes, place * hashBytes, (place + 1) * hashBytes) !== 0) return false;
  return true;
}

function cosignedBy({ key, atSeconds = 0 }: { readonly key: VerifierKey; readonly atSeconds?: number }) {
  return { name: key.name, at: new Date(atSeconds * 1000).toISOString() };
}

interface Strays {
  readonly rows: readonly { readonly source: string; readonly id: string }[];
  readonly pending: number;
}

function readStrays(bytes: Buffer): Strays | undefined {
  let read: unknown;
  try {
    read = JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
  if (typeof read !== 'object' || read === null || !('rows' in read) || !('pending' in read))
    return undefined;
  if (!Array.isArray(read.rows) || typeof read.pending !== 'number') return undefined;
  const rows = read.rows.map((row: unknown) =>
    typeof row === 'object' && row !== null && 'source' in row && 'id' in row
      ? { source: String(row.source), id: String(row.id) }
      : undefined,
  );
  return rows.includes(undefined)
    ? undefined
    : { rows: rows.filter((row) => row !== undefined), pending: read.pending };
}
