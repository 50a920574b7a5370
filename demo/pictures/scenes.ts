import type { Random } from '../day/random.ts';
import { type Canvas, colourOf, fillBox, fillColumn, fillDisc } from './canvas.ts';

/** Draws something harmless over the whole canvas. */
export type Scene = (canvas: Canvas, random: Random) => void;

/** A sky, a sun, and ranges of hills that get darker towards the front. */
const hills: Scene = (canvas, random) => {
  const { width, height } = canvas;
  const hue = random.unit();
  paintSky(canvas, hue, random);
  fillDisc(
    canvas,
    width * (0.15 + 0.7 * random.unit()),
    height * (0.1 + 0.3 * random.unit()),
    height * 0.07,
    colourOf(0.13, 0.8, 0.85),
  );
  const ranges = random.whole(3, 6);
  for (let range = 0; range < ranges; range++) {
    const base = height * (0.4 + (0.55 * range) / ranges);
    const waves = Array.from({ length: 4 }, (_, n) => ({
      length: (random.whole(2, 5) * (n + 1) * Math.PI) / width,
      height: (height * 0.07 * (0.5 + random.unit())) / (n + 1),
      phase: random.unit() * 7,
    }));
    const front = colourOf((hue + 0.35) % 1, 0.35, 0.55 - (0.4 * range) / ranges);
    const foot = colourOf((hue + 0.35) % 1, 0.3, 0.35 - (0.28 * range) / ranges);
    for (let x = 0; x < width; x++) {
      const top = waves.reduce((y, wave) => y - wave.height * Math.sin(x * wave.length + wave.phase), base);
      fillColumn(canvas, x, top, height, front, foot);
    }
  }
};

/** Houses made of boxes, with lit windows. */
const skyline: Scene = (canvas, random) => {
  const { width, height } = canvas;
  const hue = random.unit();
  paintSky(canvas, hue, random);
  for (let left = -random.whole(0, 20); left < width; ) {
    const houseWidth = width * (0.04 + 0.09 * random.unit());
    const top = height * (0.2 + 0.55 * random.unit());
    const wall = colourOf(hue, 0.2, 0.12 + 0.2 * random.unit());
    fillBox(canvas, left, top, houseWidth, height - top, wall);
    const pane = Math.max(3, Math.floor(width / 90));
    const light = colourOf(0.12 + 0.05 * random.unit(), 0.7, 0.7);
    for (let y = top + pane; y < height - pane; y += pane * 2.5) {
      for (let x = left + pane; x < left + houseWidth - pane; x += pane * 2) {
        if (random.chance(0.45)) fillBox(canvas, x, y, pane, pane * 1.4, light);
      }
    }
    left += houseWidth + random.whole(0, 3);
  }
};

/** Woven bands, as cloth has them. */
const weave: Scene = (canvas, random) => {
  const { width, height } = canvas;
  const size = Math.max(6, Math.floor(width / random.whole(9, 26)));
  const colours = Array.from({ length: random.whole(3, 6) }, () =>
    colourOf(random.unit(), 0.5, 0.25 + 0.5 * random.unit()),
  );
  const step = random.whole(1, 5);
  for (let row = 0; row * size < height; row++) {
    for (let column = 0; column * size < width; column++) {
      const colour = colours[(column * step + row * row) % colours.length] ?? colours[0];
      if (colour !== undefined) fillBox(canvas, column * size, row * size, size, size, colour);
    }
  }
};

/** Discs and boxes lying on a plain ground. */
const shapes: Scene = (canvas, random) => {
  const { width, height } = canvas;
  const ground = colourOf(random.unit(), 0.25, 0.8);
  fillBox(canvas, 0, 0, width, height, ground);
  for (let n = random.whole(8, 30); n > 0; n--) {
    const colour = colourOf(random.unit(), 0.6, 0.25 + 0.5 * random.unit());
    const [x, y, size] = [
      random.unit() * width,
      random.unit() * height,
      height * (0.04 + 0.14 * random.unit()),
    ];
    if (random.chance(0.5)) fillDisc(canvas, x, y, size, colour);
    else fillBox(canvas, x, y, size * 1.6, size, colour);
  }
};

/** Water with ripples under a sky. */
const water: Scene = (canvas, random) => {
  const { width, height } = canvas;
  const hue = 0.45 + 0.2 * random.unit();
  paintSky(canvas, hue, random);
  const horizon = Math.floor(height * (0.35 + 0.2 * random.unit()));
  const [waves, drift] = [random.whole(20, 70), random.unit() * 6];
  for (let y = horizon; y < height; y++) {
    const depth = (y - horizon) / (height - horizon);
    for (let x = 0; x < width; x += 4) {
      const ripple = Math.sin(x / (2 + 18 * depth) + drift + waves * Math.sqrt(depth) * 3);
      fillBox(canvas, x, y, 4, 1, colourOf(hue, 0.45, 0.3 + 0.25 * depth + 0.08 * ripple));
    }
  }
};

function paintSky(canvas: Canvas, hue: number, random: Random): void {
  const high = colourOf(hue, 0.5, 0.25 + 0.4 * random.unit());
  const low = colourOf((hue + 0.45 + 0.2 * random.unit()) % 1, 0.55, 0.65 + 0.25 * random.unit());
  for (let x = 0; x < canvas.width; x++) fillColumn(canvas, x, 0, canvas.height, high, low);
}

export const scenes: readonly Scene[] = [hills, skyline, weave, shapes, water];
/** Scenes of few flat colours, which compress well without loss. */
export const flatScenes: readonly Scene[] = [skyline, weave, shapes];
