import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { type Orientation, orientations } from '../kernel/orientations.ts';

/** A benign picture with what the published C++ reference gave for it. `golden/` says nothing else. */
export interface Golden {
  readonly file: string;
  readonly orientations: Readonly<Record<Orientation, string>>;
  readonly quality: number;
}

const folder = new URL('../kernel/golden/', import.meta.url);

export async function readGolden(): Promise<readonly Golden[]> {
  const text = await readFile(new URL('vectors.tsv', folder), 'utf8');
  return text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [file = '', ...cells] = line.split('\t');
      const all = Object.fromEntries(orientations.map((one, index) => [one, cells[index] ?? '']));
      return {
        file,
        orientations: all as Record<Orientation, string>,
        quality: Number(cells[orientations.length]),
      };
    });
}

export interface Pixels {
  readonly rgb: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Three bytes a pixel, without turning the picture as its EXIF says. */
export async function decode(file: string): Promise<Pixels> {
  const bytes = await readFile(new URL(file, folder));
  const { data, info } = await sharp(bytes)
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`${file} has ${info.channels} channels`);
  return { rgb: data, width: info.width, height: info.height };
}

export function bitsApart(a: string, b: string): number {
  let rest = BigInt(`0x${a}`) ^ BigInt(`0x${b}`);
  let bits = 0;
  for (; rest !== 0n; rest >>= 1n) bits += Number(rest & 1n);
  return bits;
}
