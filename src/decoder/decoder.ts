import { mediaTypeOf } from '#base/media-type';
import { decodable } from './decodable.ts';
import { DecoderProcess, type Ended } from './decoder-process.ts';
import { type DecoderLimits, usualLimits } from './limits.ts';
import { type Protection, type ProtectionLevel, probeProtection } from './protection.ts';
import { unknownType, type Verdict } from './verdict.ts';

export interface DecoderSettings {
  /** Children that decode at once. */
  readonly processes: number;
  /** The search path for the programs that protect them. */
  readonly path: string;
  /** Decode nothing with less; anything will do where absent. */
  readonly least?: ProtectionLevel;
  readonly limits?: DecoderLimits;
}

/** One file. It is opened again for a second attempt. */
export interface Source {
  readonly open: () => Promise<AsyncIterable<Uint8Array>>;
}

/** Says what files are, in processes that may break. Starts nothing before its first file. */
export interface Decoder {
  /**
   * What a file is and, of a picture, its hashes and what it says of itself. Throws only what reading the source
   * throws, and where no child can be started at all: that is the machine's fault and not the file's.
   */
  readonly look: (source: Source) => Promise<Verdict>;
  readonly protection: () => Promise<Protection>;
  /** Process ids of the children. */
  readonly pids: () => readonly number[];
  readonly stop: () => Promise<void>;
}

const levels: readonly ProtectionLevel[] = ['process', 'namespaces', 'bubblewrap'];
/** From the start of a file; enough to tell its media type. */
const headBytes = 4096;

export function createDecoder(settings: DecoderSettings): Decoder {
  const limits = settings.limits ?? usualLimits;
  const idle: DecoderProcess[] = [];
  const all = new Set<DecoderProcess>();
  const inTurn = turnsOf(settings.processes);
  let isStopped = false;
  let probed: Promise<Protection> | undefined;
  const protection = async (): Promise<Protection> => {
    probed ??= probeProtection(settings.path, limits);
    return await probed;
  };

  const start = async (): Promise<DecoderProcess> => {
    const found = await protection();
    if (levels.indexOf(found.level) < levels.indexOf(settings.least ?? 'process'))
      throw new Error(
        `No picture is decoded with less protection than ${settings.least}. ${found.todo ?? ''}`,
      );
    const one = await DecoderProcess.start(found, limits);
    all.add(one);
    void one.ended().then(() => all.delete(one));
    if (isStopped) one.end();
    return one;
  };

  const attempt = async (source: Source, isLast: boolean): Promise<Verdict | Ended> => {
    const bytes = await source.open();
    const { mediaType, whole, giveUp } = await tellType(bytes);
    const early = earlyVerdict(mediaType);
    if (early !== undefined) {
      await giveUp();
      return early;
    }
    let one = idle.pop();
    // The second attempt is made where no file before it can be to blame.
    if (one !== undefined && (!one.isUsable || (isLast && !one.isFresh))) {
      one.end();
      one = undefined;
    }
    one ??= await start();
    const verdict = await one.decode(mediaType, whole);
    if (one.isUsable) idle.push(one);
    else one.end();
    return verdict;
  };

  return {
    protection,
    pids: () => [...all].flatMap((one) => one.pid ?? []),
    look: async (source) =>
      await inTurn(async () => {
        const first = await attempt(source, false);
        if (first.kind !== 'ended') return first;
        const second = await attempt(source, true);
        if (second.kind !== 'ended') return second;
        const bytes = await source.open();
        const { mediaType, giveUp } = await tellType(bytes);
        await giveUp();
        return { kind: 'killed-decoder', mediaType, reason: killedBy(first, second) };
      }),
    stop: async () => {
      isStopped = true;
      const ending = [...all];
      for (const one of ending) one.end();
      await Promise.all(ending.map((one) => one.ended()));
    },
  };
}

/** Lets so many work at once; the rest wait in the order in which they came. */
function turnsOf(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let busy = 0;
  return async (work) => {
    if (busy >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else busy += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) busy -= 1;
      else next();
    }
  };
}

function killedBy(first: Ended, second: Ended): string {
  return first.words === second.words
    ? `The decoder ${first.words}, twice.`
    : `The decoder ${first.words}, and a fresh one ${second.words}.`;
}

function earlyVerdict(mediaType: string): Verdict | undefined {
  if (decodable.includes(mediaType)) return undefined;
  if (mediaType.startsWith('video/') || mediaType.startsWith('audio/'))
    return {
      kind: 'not-sampled',
      mediaType,
      reason: 'Films and sound are not sampled by this release; their digests are compared.',
    };
  const reason =
    mediaType === 'image/svg+xml'
      ? 'A drawing in SVG is a program that may ask for other files; it is never rendered.'
      : 'It is none of the kinds of pictures that are hashed.';
  return { kind: 'not-a-picture', mediaType, reason };
}

/** Reads the first bytes, tells the type, and gives the whole back as if nothing had been read. */
async function tellType(bytes: AsyncIterable<Uint8Array>): Promise<{
  readonly mediaType: string;
  readonly whole: AsyncIterable<Uint8Array>;
  readonly giveUp: () => Promise<void>;
}> {
  const rest = bytes[Symbol.asyncIterator]();
  const read: Uint8Array[] = [];
  let size = 0;
  while (size < headBytes) {
    const next = await rest.next();
    if (next.done === true) break;
    read.push(next.value);
    size += next.value.byteLength;
  }
  const mediaType = mediaTypeOf(read.length === 1 && read[0] !== undefined ? read[0] : Buffer.concat(read));
  const giveUp = async (): Promise<void> => {
    await rest.return?.();
  };
  const whole = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield* read;
      for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
    } finally {
      await giveUp();
    }
  };
  return { mediaType: mediaType ?? unknownType, whole: whole(), giveUp };
}
