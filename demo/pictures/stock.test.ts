import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import type { FileSeries } from '../day/files.ts';
import { recipeOf } from '../day/files.ts';
import { PictureStock } from './stock.ts';

const recipes = (series: FileSeries, count: number) =>
  Array.from({ length: count }, (_, number) => recipeOf(9, 1, series, number));

test('a recipe gives the same bytes again, also after the stock forgot them', async () => {
  const small = new PictureStock(1);
  for (const recipe of [...recipes('picture', 6), ...recipes('video', 3), ...recipes('other', 2)]) {
    const first = await small.take(recipe);
    await small.take(recipeOf(9, 1, 'viral', 0));
    assert.equal((await small.take(recipe)).md5, first.md5);
  }
});

test('different files have different bytes, and pictures can be decoded', async () => {
  const stock = new PictureStock();
  const seen = new Set<string>();
  for (const recipe of recipes('picture', 40)) {
    const { bytes, md5, mediaType } = await stock.take(recipe);
    seen.add(md5);
    const { width = 0, format } = await sharp(bytes).metadata();
    assert.ok(width >= 96);
    assert.equal(`image/${format}`, mediaType);
  }
  assert.equal(seen.size, 40);
});

test('a near copy looks like its original', async () => {
  const stock = new PictureStock();
  const copy = recipes('picture', 60).find((recipe) => recipe.number !== recipe.origin);
  assert.ok(copy !== undefined);
  const tiny = async (number: number) =>
    await sharp((await stock.take(recipeOf(9, 1, 'picture', number))).bytes)
      .resize(8, 8, { fit: 'fill' })
      .greyscale()
      .raw()
      .toBuffer();
  const [own, original] = [await tiny(copy.number), await tiny(copy.origin)];
  const difference =
    own.reduce((sum, value, index) => sum + Math.abs(value - (original[index] ?? 0)), 0) / own.length;
  assert.ok(difference < 45, `mean difference ${difference}`);
});

test('a video is a QuickTime file whose samples are pictures at the offsets that it names', async () => {
  const [recipe] = recipes('video', 1);
  assert.ok(recipe !== undefined);
  const { bytes, mediaType } = await new PictureStock().take(recipe);
  assert.equal(mediaType, 'video/quicktime');
  const sizes = bytes.indexOf('stsz') + 4;
  const offsets = bytes.indexOf('stco') + 4;
  const count = bytes.readUInt32BE(sizes + 8);
  assert.equal(bytes.readUInt32BE(offsets + 4), count);
  for (let n = 0; n < count; n++) {
    const at = bytes.readUInt32BE(offsets + 8 + 4 * n);
    const frame = bytes.subarray(at, at + bytes.readUInt32BE(sizes + 12 + 4 * n));
    assert.equal((await sharp(frame).metadata()).format, 'jpeg');
  }
});
