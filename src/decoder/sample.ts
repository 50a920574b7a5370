/** The reference thins out what is longer, before anything else; see `kernel/pdq.ts`. */
const longestSide = 512;

/** What is hashed: three bytes a pixel. */
export interface Sampled {
  readonly width: number;
  readonly height: number;
  /** As seen on white. */
  readonly shown: Uint8Array;
  /** The colours alone; absent where every pixel that counts is opaque. */
  readonly stored?: Uint8Array;
}

/**
 * The pixels that a hash is made of, from 1 (grey), 2 (grey, alpha), 3 or 4 (red, green, blue, alpha) bytes a pixel.
 * Alpha is not premultiplied; a colour c with alpha a is seen as (c * a + 255 * (255 - a)) / 255, rounded.
 */
export function sampleOf(
  data: Uint8Array | Uint8ClampedArray,
  channels: number,
  width: number,
  height: number,
): Sampled {
  // Opaque colours go to the kernel as they are, which thins them out faster.
  if (channels === 3)
    return { width, height, shown: new Uint8Array(data.buffer, data.byteOffset, data.length) };
  const isThinned = width > longestSide || height > longestSide;
  const [columns, rows] = isThinned ? [longestSide, longestSide] : [width, height];
  const [shown, stored] = [new Uint8Array(columns * rows * 3), new Uint8Array(columns * rows * 3)];
  const hasAlpha = channels === 2 || channels === 4;
  const isGrey = channels < 3;
  let isOpaque = true;
  let into = 0;
  for (let row = 0; row < rows; row += 1) {
    const line = Math.floor((row * height) / rows) * width;
    for (let column = 0; column < columns; column += 1) {
      const from = (line + Math.floor((column * width) / columns)) * channels;
      const alpha = hasAlpha ? (data[from + channels - 1] ?? 255) : 255;
      if (alpha !== 255) isOpaque = false;
      for (let channel = 0; channel < 3; channel += 1, into += 1) {
        const value = data[from + (isGrey ? 0 : channel)] ?? 0;
        stored[into] = value;
        shown[into] = alpha === 255 ? value : Math.round((value * alpha + 255 * (255 - alpha)) / 255);
      }
    }
  }
  return { width: columns, height: rows, shown, ...(isOpaque ? {} : { stored }) };
}
