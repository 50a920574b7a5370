import { type Random, randomOf } from '../day/random.ts';

export type Colour = readonly [red: number, green: number, blue: number];

/** A picture in memory: three bytes a pixel, row by row. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8ClampedArray;
}

export function newCanvas(width: number, height: number): Canvas {
  return { width, height, pixels: new Uint8ClampedArray(width * height * 3) };
}

/** Fills part of a column, from row `top` to above row `bottom`, passing from one colour to another. */
export function fillColumn(
  canvas: Canvas,
  x: number,
  top: number,
  bottom: number,
  from: Colour,
  to: Colour,
): void {
  const first = Math.max(0, Math.floor(top));
  const end = Math.min(canvas.height, Math.floor(bottom));
  for (let y = first; y < end; y++) {
    const share = (y - first) / Math.max(1, end - first);
    const at = (y * canvas.width + x) * 3;
    canvas.pixels[at] = from[0] + (to[0] - from[0]) * share;
    canvas.pixels[at + 1] = from[1] + (to[1] - from[1]) * share;
    canvas.pixels[at + 2] = from[2] + (to[2] - from[2]) * share;
  }
}

export function fillBox(
  canvas: Canvas,
  left: number,
  top: number,
  width: number,
  height: number,
  colour: Colour,
): void {
  const end = Math.min(canvas.width, Math.floor(left + width));
  for (let x = Math.max(0, Math.floor(left)); x < end; x++)
    fillColumn(canvas, x, top, top + height, colour, colour);
}

export function fillDisc(
  canvas: Canvas,
  centreX: number,
  centreY: number,
  radius: number,
  colour: Colour,
): void {
  const end = Math.min(canvas.width - 1, Math.floor(centreX + radius));
  for (let x = Math.max(0, Math.ceil(centreX - radius)); x <= end; x++) {
    const half = Math.sqrt(Math.max(0, radius * radius - (x - centreX) ** 2));
    fillColumn(canvas, x, centreY - half, centreY + half, colour, colour);
  }
}

/** Sensor-like grain, which is what makes a picture of a given size weigh what a photograph weighs. */
export function addGrain(canvas: Canvas, strength: number, random: Random): void {
  const { pixels } = canvas;
  let next = 0;
  for (let at = 0; at + 2 < pixels.length; at += 3) {
    // A new place in the table now and then, so that its length does not show as a pattern.
    if (at % 1536 === 0) next = random.whole(0, grain.length - 1);
    const value = ((grain[next++ % grain.length] ?? 0) * strength) / 128;
    pixels[at] = (pixels[at] ?? 0) + value;
    pixels[at + 1] = (pixels[at + 1] ?? 0) + value;
    pixels[at + 2] = (pixels[at + 2] ?? 0) + value;
  }
}

const grainSource = randomOf('grain');
const grain = Int8Array.from({ length: 16_411 }, () => grainSource.whole(-128, 127));

/** A colour from hue (0 to 1), saturation and lightness (0 to 1): HSL as in CSS Color 4. */
export function colourOf(hue: number, saturation: number, lightness: number): Colour {
  const channel = (n: number): number => {
    const k = (n + hue * 12) % 12;
    const a = saturation * Math.min(lightness, 1 - lightness);
    return 255 * (lightness - a * Math.max(-1, Math.min(k - 3, 9 - k, 1)));
  };
  return [channel(0), channel(8), channel(4)];
}
