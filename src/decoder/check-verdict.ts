import { orientations } from '../../kernel/orientations.ts';
import { usualLimits } from './limits.ts';
import type { Fact, FactName, PictureHash, Verdict } from './verdict.ts';

const factNames: readonly FactName[] = [
  'taken-at',
  'changed-at',
  'place',
  'altitude',
  'place-at',
  'device',
  'software',
  'orientation',
];
const hashForm = /^[0-9a-f]{64}$/;
const longestText = 400;

type Fields = Readonly<Record<string, unknown>>;

/**
 * What a child said, as far as it can be believed: a file that has taken over its decoder can make it say anything, so
 * every value is checked and nothing else is taken along. Undefined where it is no verdict on this file.
 */
export function checkVerdict(line: string, mediaType: string): Verdict | undefined {
  let said: unknown;
  try {
    said = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isFields(said) || said.mediaType !== mediaType) return undefined;
  if (said.kind === 'unreadable') {
    return isText(said.reason) ? { kind: 'unreadable', mediaType, reason: said.reason } : undefined;
  }
  if (said.kind !== 'picture') return undefined;
  const { width, height, frames, isPartial } = said;
  const hashes = listOf(said.hashes, 2, hashOf);
  const facts = listOf(said.facts, factNames.length, factOf);
  const isSound =
    isWhole(width, 1, usualLimits.maxSide) &&
    isWhole(height, 1, usualLimits.maxSide) &&
    isWhole(frames, 1, 0x7fff_ffff) &&
    typeof isPartial === 'boolean';
  if (!isSound || hashes === undefined || facts === undefined) return undefined;
  if (hashes[0]?.variant !== 'shown' || hashes[1]?.variant === 'shown') return undefined;
  return { kind: 'picture', mediaType, width, height, frames, isPartial, hashes, facts };
}

function hashOf(value: unknown): PictureHash | undefined {
  if (!isFields(value) || !isFields(value.orientations)) return undefined;
  const { variant, hash, quality, orientations: turned } = value;
  if ((variant !== 'shown' && variant !== 'stored') || !isHash(hash) || !isWhole(quality, 0, 100))
    return undefined;
  const pairs = orientations.map((name) => [name, turned[name]] as const);
  if (!pairs.every(([, each]) => isHash(each)) || turned.original !== hash) return undefined;
  return { variant, hash, quality, orientations: Object.fromEntries(pairs) as PictureHash['orientations'] };
}

function factOf(value: unknown): Fact | undefined {
  if (!isFields(value) || !isText(value.value) || !isText(value.source)) return undefined;
  const name = factNames.find((known) => known === value.name);
  return name === undefined ? undefined : { name, value: value.value, source: value.source };
}

function listOf<T>(
  value: unknown,
  most: number,
  read: (each: unknown) => T | undefined,
): readonly T[] | undefined {
  if (!Array.isArray(value) || value.length > most) return undefined;
  const items = value.map(read).filter((item) => item !== undefined);
  return items.length === value.length ? items : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isHash(value: unknown): value is string {
  return typeof value === 'string' && hashForm.test(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= longestText && !/\p{Cc}/u.test(value);
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
}
