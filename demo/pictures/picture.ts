import sharp, { type Sharp } from 'sharp';
import type { FileRecipe } from '../day/files.ts';
import { type Random, randomOf } from '../day/random.ts';
import { addGrain, type Canvas, newCanvas } from './canvas.ts';
import { flatScenes, scenes } from './scenes.ts';

// The bureau runs on the same machine: one thread a picture, and no cache beside our own.
sharp.concurrency(1);
sharp.cache(false);

const widths = [
  [320, 14],
  [420, 28],
  [512, 28],
  [640, 20],
  [800, 7],
  [1024, 3],
] as const;

/** Renders a picture as the recipe says: an original, or an original that somebody cut, scaled, saved again or brightened. */
export async function renderPicture(recipe: FileRecipe): Promise<Buffer> {
  const original = randomOf(recipe.seed, recipe.day, recipe.series, recipe.origin);
  const isFlat = original.chance(0.12);
  const canvas = drawOriginal(original, isFlat);
  const raw = { width: canvas.width, height: canvas.height, channels: 3 } as const;
  const image = sharp(canvas.pixels, { raw });
  if (recipe.number === recipe.origin) return await save(image, original, isFlat ? 'png' : 'photo');
  const random = randomOf(recipe.seed, recipe.day, recipe.series, recipe.number);
  return await save(vary(image, canvas, random), random, 'photo');
}

function drawOriginal(random: Random, isFlat: boolean): Canvas {
  const width = random.weighted(widths);
  const height = Math.round(width * random.pick([0.75, 0.75, 0.5625, 1, 1.25]));
  const canvas = newCanvas(width, height);
  random.pick(isFlat ? flatScenes : scenes)(canvas, random);
  if (!isFlat) addGrain(canvas, random.whole(8, 34), random);
  return canvas;
}

/** One to three of the things that people do to pictures before they pass them on. */
function vary(image: Sharp, canvas: Canvas, random: Random): Sharp {
  let varied = image;
  let { width, height } = canvas;
  if (random.chance(0.4)) {
    const keep = 0.86 + 0.12 * random.unit();
    const [left, top] = [
      Math.floor(width * (1 - keep) * random.unit()),
      Math.floor(height * (1 - keep) * random.unit()),
    ];
    width = Math.floor(width * keep);
    height = Math.floor(height * keep);
    varied = varied.extract({ left, top, width, height });
  }
  if (random.chance(0.5))
    varied = varied.resize(Math.max(96, Math.round(width * (0.5 + 0.6 * random.unit()))));
  if (random.chance(0.35)) varied = varied.modulate({ brightness: 0.85 + 0.3 * random.unit() });
  return varied;
}

async function save(image: Sharp, random: Random, manner: 'photo' | 'png'): Promise<Buffer> {
  if (manner === 'png') return await image.png({ compressionLevel: 6 }).toBuffer();
  const quality = random.whole(58, 92);
  if (random.chance(0.07)) return await image.webp({ quality, effort: 0 }).toBuffer();
  return await image.jpeg({ quality }).toBuffer();
}
