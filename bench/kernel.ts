import { readFile } from 'node:fs/promises';
import { hashPlainly } from '../kernel/oracle.ts';
import { hexOf, type Orientation, orientations } from '../kernel/orientations.ts';
import { createPdqKernel, longestSide, type PdqKernel } from '../kernel/pdq.ts';
import type { Benchmark, Figure } from './benchmark.ts';
import { bitsApart, decode, readGolden } from './golden.ts';

/**
 * PDQ hashes a second of one core, from pixels in the kernel's memory: golden vectors first, then several sizes, beside
 * `sharp` decoding the picture and beside the plain TypeScript of the same algorithm.
 */
export const kernel: Benchmark = {
  summary:
    'PDQ hashes a second from pixels in memory, beside decoding the picture and beside plain TypeScript',
  defaults: { hashes: 10_000 },
  measure: async ({ hashes = 0 }, note) => {
    const pdq = await createPdqKernel(await readFile(new URL('../kernel/pdq.wasm', import.meta.url)));
    const agreement = await compareWithGolden(pdq);
    note('The golden vectors are compared; now for speed, in time of the processor.');
    const speeds = sizes.map(([width, height]) => ({
      name: `${width} x ${height}`,
      rate: rateOf(pdq, width, height, hashes),
    }));
    const full = speeds.at(-1)?.rate ?? 0;
    const slowest = Math.min(...speeds.map(({ rate }) => rate));
    return [
      ...agreement,
      ...speeds.map(({ name, rate }) => figure(`hashes of ${name}`, rate, 'hashes/s')),
      { ...figure('slowest size', slowest, 'hashes/s'), aim: { kind: 'at-least', value: 7_000 } },
      { ...figure('512 x 512', full, 'hashes/s'), aim: { kind: 'at-least', value: 20_000 } },
      figure('with all eight orientations, 512 x 512', rateOfAll(pdq, hashes), 'hashes/s'),
      figure('times the plain TypeScript, 512 x 512', full / plainRate(), 'times'),
      figure('times the decoding by sharp, 512 x 512 JPEG', full / (await decodingRate()), 'times'),
    ];
  },
};

const sizes = [
  [64, 64],
  [128, 128],
  [300, 200],
  [480, 360],
  [511, 509],
  [512, 512],
] as const;

function figure(name: string, value: number, unit: string): Figure {
  return { name, value, unit };
}

async function compareWithGolden(pdq: PdqKernel): Promise<Figure[]> {
  const distances: number[] = [];
  let equalQualities = 0;
  const golden = await readGolden();
  for (const one of golden) {
    const { rgb, width, height } = await decode(one.file);
    const result = pdq.hashPicture(rgb, width, height);
    const distance = (orientation: Orientation): number =>
      bitsApart(result.orientations[orientation], one.orientations[orientation]);
    distances.push(...orientations.map(distance));
    if (result.quality === one.quality) equalQualities += 1;
  }
  const identical = distances.filter((distance) => distance === 0).length / distances.length;
  return [
    { ...figure('golden hashes identical', identical, 'of 1'), aim: { kind: 'at-least', value: 0.99 } },
    { ...figure('most bits off', Math.max(...distances), 'bits'), aim: { kind: 'below', value: 3 } },
    {
      ...figure('golden qualities equal', equalQualities / golden.length, 'of 1'),
      aim: { kind: 'at-least', value: 1 },
    },
  ];
}

/** Processor seconds, so that other work on the machine counts as little as it can. */
function secondsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function rateOf(pdq: PdqKernel, width: number, height: number, hashes: number): number {
  fill(pdq.pixels(width, height), width);
  const run = (times: number) => {
    for (let time = 0; time < times; time += 1) pdq.hash(width, height);
  };
  run(Math.ceil(hashes / 5));
  return hashes / secondsOf(() => run(hashes));
}

function rateOfAll(pdq: PdqKernel, hashes: number): number {
  fill(pdq.pixels(longestSide, longestSide), longestSide);
  const run = () => {
    for (let time = 0; time < hashes; time += 1) pdq.hashAll(longestSide, longestSide);
  };
  return hashes / secondsOf(run);
}

/** Detail of several sizes, so that the picture has full quality. */
function fill(pixels: Uint8Array, width: number): void {
  for (let at = 0; at < pixels.length; at += 1) {
    const pixel = Math.floor(at / 3);
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    pixels[at] = 128 + 60 * Math.sin((x / width) * 23 + y / 17) + 60 * Math.cos((y / width) * 19 - x / 29);
  }
}

function plainRate(): number {
  const pixels = new Uint8Array(longestSide * longestSide * 3);
  fill(pixels, longestSide);
  const times = 20;
  const seconds = secondsOf(() => {
    for (let time = 0; time < times; time += 1) {
      hexOf(hashPlainly(pixels, longestSide, longestSide).frequencies, 'original');
    }
  });
  return times / seconds;
}

async function decodingRate(): Promise<number> {
  const times = 100;
  const before = process.cpuUsage();
  for (let time = 0; time < times; time += 1) await decode('family-original.jpg');
  const { user, system } = process.cpuUsage(before);
  return times / ((user + system) / 1e6);
}
