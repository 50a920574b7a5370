import { parseEntry } from './log-entry.ts';
import { hashBytes, leafHash } from './merkle.ts';

/** What does not fit between the entries of one bundle and the hashes that were sealed. */
export interface Comparison {
  /** Entries whose hash was not sealed within this bundle. `position` is where one stands instead of a sealed entry. */
  readonly extra: readonly ExtraEntry[];
  /** Hashes that were sealed and that no entry of the bundle has. */
  readonly lost: readonly { readonly position: number; readonly hash: string }[];
  /** Entries that were sealed within this bundle at another place. */
  readonly moved: readonly {
    readonly position: number;
    readonly sealedAt: number;
    readonly row: RowName;
  }[];
}

export interface RowName {
  readonly source?: string;
  readonly id?: string;
}

export interface ExtraEntry {
  /** Absent where it stands between two sealed entries. */
  readonly position?: number;
  readonly hash: string;
  readonly row: RowName;
  /** Whether it only says that its row is gone. */
  readonly isMissing: boolean;
}

/**
 * Lines up a bundle that does not match its hashes: what was changed, taken out, put in or moved.
 * @param first position of the bundle's first entry
 */
export function compareBundle(entries: readonly Buffer[], hashes: Buffer, first: number): Comparison {
  const placeOf = new Map<string, number>();
  for (let place = 0; place * hashBytes < hashes.length; place += 1)
    placeOf.set(hashes.toString('hex', place * hashBytes, (place + 1) * hashBytes), place);
  const found = entries.map((entry) => ({ entry, hash: leafHash(entry).toString('hex') }));
  const used = new Set<string>();
  // A copy of an entry is something that was put in: only the first one counts.
  const places = found.map(({ hash }) => {
    const place = used.has(hash) ? undefined : placeOf.get(hash);
    used.add(hash);
    return place;
  });
  const inOrder = longestRising(places);
  const extra: ExtraEntry[] = [];
  const moved: { position: number; sealedAt: number; row: RowName }[] = [];
  let next = 0;
  for (const [index, { entry, hash }] of found.entries()) {
    const place = places[index];
    if (place !== undefined && inOrder.has(index)) {
      next = place + 1;
    } else if (place !== undefined) {
      moved.push({ position: first + next, sealedAt: first + place, row: rowOf(entry) });
      next += 1;
    } else {
      const following = places.findIndex((one, at) => at > index && one !== undefined && inOrder.has(at));
      const limit = following < 0 ? placeOf.size : (places[following] ?? placeOf.size);
      const row = rowOf(entry);
      const isMissing = entry.length === 0 || row.isMissing === true;
      extra.push({ hash, row, isMissing, ...(next < limit && { position: first + next }) });
      next = Math.min(next + 1, limit);
    }
  }
  const lost = [...placeOf]
    .filter(([hash]) => !used.has(hash))
    .map(([hash, place]) => ({ position: first + place, hash }));
  return { extra, lost, moved };
}

function rowOf(entry: Buffer): RowName & { readonly isMissing?: boolean } {
  const parsed = parseEntry(entry);
  if (parsed.kind === 'bad') return {};
  const { source, id, isMissing } = parsed.value;
  return { source, id, isMissing };
}

/** Indexes of a longest subsequence of rising places: what kept its order. At most 256 places, so squares are cheap. */
function longestRising(places: readonly (number | undefined)[]): ReadonlySet<number> {
  const best: { length: number; before: number }[] = [];
  let last = -1;
  for (const [index, place] of places.entries()) {
    let [length, before] = [0, -1];
    if (place !== undefined) {
      length = 1;
      for (let earlier = 0; earlier < index; earlier += 1) {
        const other = places[earlier];
        const candidate = best[earlier];
        if (other === undefined || candidate === undefined || other >= place) continue;
        if (candidate.length + 1 > length) [length, before] = [candidate.length + 1, earlier];
      }
    }
    best.push({ length, before });
    if (length > 0 && (last < 0 || length > (best[last]?.length ?? 0))) last = index;
  }
  const kept = new Set<number>();
  for (let index = last; index >= 0; index = best[index]?.before ?? -1) kept.add(index);
  return kept;
}
