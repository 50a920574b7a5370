import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import type { Decoder, Picture } from '#decoder';
import { bitsApart, readGolden } from '../../bench/golden.ts';
import { aDecoder, everyFormat, look, picture, texture } from './decoder-build.ts';

let decoder: Decoder;

before(() => {
  decoder = aDecoder();
});
after(() => decoder.stop());

async function hashOf(bytes: Uint8Array): Promise<Picture> {
  const verdict = await look(decoder, bytes);
  assert.equal(verdict.kind, 'picture', JSON.stringify(verdict));
  return verdict as Picture;
}

describe('the decoder', () => {
  it('gives every golden picture the bits and the quality of the published reference', async () => {
    for (const one of await readGolden()) {
      const bytes = await readFile(new URL(`../../kernel/golden/${one.file}`, import.meta.url));
      const { hashes } = await hashOf(bytes);
      assert.deepEqual(hashes[0]?.orientations, one.orientations, one.file);
      assert.equal(hashes[0]?.quality, one.quality, one.file);
    }
  });

  it('tells every format by its content and hashes the same drawing nearly alike', async () => {
    const plain = await hashOf((await everyFormat())['image/png']!);
    for (const [mediaType, bytes] of Object.entries(await everyFormat())) {
      const found = await hashOf(bytes);
      assert.equal(found.mediaType, mediaType);
      assert.deepEqual([found.width, found.height, found.isPartial], [160, 120, false], mediaType);
      const bits = bitsApart(found.hashes[0]!.hash, plain.hashes[0]!.hash);
      assert.ok(bits <= 31, `${mediaType} is ${bits} bits off`);
    }
  });

  it('decodes HEIC, which the other library cannot', async () => {
    const bytes = await readFile(new URL('../samples/decoder/city-300x200.heic', import.meta.url));
    const found = await hashOf(bytes);
    assert.deepEqual([found.mediaType, found.width, found.height], ['image/heic', 300, 200]);
    const golden = (await readGolden()).find(({ file }) => file === 'city-300x200.png')!;
    assert.ok(bitsApart(found.hashes[0]!.hash, golden.orientations.original) <= 12);
  });

  it('decodes progressive, CMYK, grey, 16-bit and palette pictures', async () => {
    const plain = (await hashOf(await picture().png().toBuffer())).hashes[0]!.hash;
    const variants: readonly Buffer[] = [
      await picture().jpeg({ progressive: true, quality: 95 }).toBuffer(),
      await picture().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer(),
      await picture().toColourspace('rgb16').png().toBuffer(),
      await picture().toColourspace('rgb16').tiff().toBuffer(),
      await picture().png({ palette: true }).toBuffer(),
    ];
    for (const [at, bytes] of variants.entries()) {
      const bits = bitsApart((await hashOf(bytes)).hashes[0]!.hash, plain);
      assert.ok(bits <= 31, `variant ${at} is ${bits} bits off`);
    }
    const grey = await hashOf(await picture().greyscale().png().toBuffer());
    assert.ok(bitsApart(grey.hashes[0]!.hash, plain) <= 16);
  });

  it('neither turns a picture as its Exif data says nor applies its colour profile', async () => {
    const plain = await hashOf(await picture().png().toBuffer());
    const turned = await hashOf(await picture().withMetadata({ orientation: 6 }).png().toBuffer());
    assert.equal(turned.hashes[0]!.hash, plain.hashes[0]!.hash);
    assert.deepEqual([turned.width, turned.height], [160, 120]);
    assert.deepEqual(
      turned.facts.filter(({ name }) => name === 'orientation'),
      [{ name: 'orientation', value: '6', source: 'Exif Orientation (0x0112)' }],
    );
    // A profile that says "these numbers mean something else" changes no number that is hashed.
    const profiled = await picture().withIccProfile('p3').png().toBuffer();
    const stored = await sharp(profiled, { ignoreIcc: true }).raw().toBuffer();
    const bare = await sharp(stored, { raw: { width: 160, height: 120, channels: 3 } })
      .png()
      .toBuffer();
    assert.deepEqual((await hashOf(profiled)).hashes, (await hashOf(bare)).hashes);
  });

  it('hashes a transparent picture as seen on white, and its colours alone beside it', async () => {
    const [width, height] = [90, 70];
    const rgb = texture(width, height);
    const rgba = Buffer.alloc(width * height * 4);
    const white = Buffer.alloc(width * height * 3);
    for (let at = 0; at < width * height; at += 1) {
      const alpha = at % width < 45 ? 255 : (at * 7) % 256;
      for (let channel = 0; channel < 3; channel += 1) {
        const value = rgb[at * 3 + channel]!;
        rgba[at * 4 + channel] = value;
        white[at * 3 + channel] = Math.round((value * alpha + 255 * (255 - alpha)) / 255);
      }
      rgba[at * 4 + 3] = alpha;
    }
    const raw = (data: Buffer, channels: 3 | 4) =>
      sharp(data, { raw: { width, height, channels } }).png().toBuffer();
    const found = await hashOf(await raw(rgba, 4));
    assert.deepEqual(
      found.hashes.map(({ variant }) => variant),
      ['shown', 'stored'],
    );
    assert.equal(found.hashes[0]!.hash, (await hashOf(await raw(white, 3))).hashes[0]!.hash);
    assert.equal(found.hashes[1]!.hash, (await hashOf(await raw(rgb, 3))).hashes[0]!.hash);
    const opaque = Buffer.from(rgba);
    for (let at = 3; at < opaque.length; at += 4) opaque[at] = 255;
    assert.equal((await hashOf(await raw(opaque, 4))).hashes.length, 1);
  });

  it('counts the pictures of an animation and hashes the first', async () => {
    const [width, height] = [64, 64];
    const frames = [1, 4, 9].map((seed) => texture(width, height, seed));
    const animated = await sharp(Buffer.concat(frames), {
      raw: { width, height: height * frames.length, channels: 3, pageHeight: height },
    })
      .webp({ lossless: true })
      .toBuffer();
    const found = await hashOf(animated);
    assert.deepEqual([found.frames, found.width, found.height], [3, width, height]);
    const first = await sharp(frames[0]!, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer();
    assert.equal(found.hashes[0]!.hash, (await hashOf(first)).hashes[0]!.hash);
  });

  it('says what Exif data says, and where it stands', async () => {
    const bytes = await picture()
      .withExif({
        IFD0: { Make: 'Example Optics', Model: 'Turtle 1' },
        IFD2: { DateTimeOriginal: '2026:03:01 10:20:30' },
        IFD3: {
          GPSLatitudeRef: 'N',
          GPSLatitude: '51/1 30/1 0/1',
          GPSLongitudeRef: 'W',
          GPSLongitude: '0/1 7/1 30/1',
        },
      })
      .jpeg()
      .toBuffer();
    const { facts } = await hashOf(bytes);
    const of = (name: string) => facts.find((fact) => fact.name === name)?.value;
    assert.equal(of('device'), 'Example Optics Turtle 1');
    assert.equal(of('taken-at'), '2026-03-01T10:20:30');
    assert.equal(of('place'), '51.500000 -0.125000');
    assert.ok(facts.every(({ source }) => source.startsWith('Exif ')));
  });
});
