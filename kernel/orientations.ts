/** The eight ways in which a picture can be turned and mirrored, in the reference's own order. */
export const orientations = [
  'original',
  'rotate90',
  'rotate180',
  'rotate270',
  'flipX',
  'flipY',
  'flipPlus1',
  'flipMinus1',
] as const;
export type Orientation = (typeof orientations)[number];

/** Frequencies along one side. */
export const side = 16;

/** The rows or columns whose frequencies change their sign, counted from 0; twice changed is not changed. */
type Changed = 'none' | 'odd' | 'even';

interface Change {
  /** Whether rows and columns change places. */
  readonly isTransposed: boolean;
  readonly rows: Changed;
  readonly columns: Changed;
}

/**
 * Turning or mirroring a picture turns, mirrors and changes signs of its frequencies, so that one transform gives all
 * eight hashes.
 */
export const changes: Readonly<Record<Orientation, Change>> = {
  original: { isTransposed: false, rows: 'none', columns: 'none' },
  rotate90: { isTransposed: true, rows: 'none', columns: 'even' },
  rotate180: { isTransposed: false, rows: 'odd', columns: 'odd' },
  rotate270: { isTransposed: true, rows: 'even', columns: 'none' },
  flipX: { isTransposed: false, rows: 'even', columns: 'none' },
  flipY: { isTransposed: false, rows: 'none', columns: 'even' },
  flipPlus1: { isTransposed: true, rows: 'none', columns: 'none' },
  flipMinus1: { isTransposed: true, rows: 'odd', columns: 'odd' },
};

/** The 256 bits of one orientation: which frequencies stand above their median. 64 lower-case hex digits. */
export function hexOf(frequencies: Float32Array, orientation: Orientation): string {
  const { isTransposed, rows, columns } = changes[orientation];
  const turned = new Float32Array(side * side);
  for (let row = 0; row < side; row += 1) {
    for (let column = 0; column < side; column += 1) {
      const value = frequencies[row * side + column] ?? 0;
      const to = isTransposed ? column * side + row : row * side + column;
      turned[to] = isChanged(rows, row) !== isChanged(columns, column) ? -value : value;
    }
  }
  return bitsOf(turned);
}

function isChanged(changed: Changed, at: number): boolean {
  return changed !== 'none' && (changed === 'odd') === (at % 2 === 1);
}

function bitsOf(values: Float32Array): string {
  const median = Float32Array.from(values).sort()[values.length / 2 - 1] ?? 0;
  const bytes = new Uint8Array(values.length / 8);
  for (let bit = 0; bit < values.length; bit += 1) {
    const at = bytes.length - 1 - (bit >> 3);
    if ((values[bit] ?? 0) > median) bytes[at] = (bytes[at] ?? 0) | (1 << (bit & 7));
  }
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
