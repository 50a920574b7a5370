import { type Profiler, Session } from 'node:inspector';

/** Ours, what ours calls, and the fault that is planted for the fuzzer's own test. */
const ownCode = /^file:.*\/(src|tests\/fuzz\/planted\.ts|node_modules\/(?!pg|kysely|pino))(\/|$)/;

/**
 * What code an input reached, by V8's own block counts; nothing is instrumented. A character of code counts as new when
 * it never ran before, or never so often: counts are taken by their power of two, so that a loop that turns more often
 * is new as well.
 */
export class Coverage {
  readonly #session = new Session();
  /** For each function, how often each of its characters ran at most: 0 never, else one more than the power of two. */
  readonly #most = new Map<string, Uint8Array>();
  #reached = 0;

  constructor() {
    this.#session.connect();
    this.#post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** Characters of code that ran so far. */
  get reached(): number {
    return this.#reached;
  }

  /** Forgets what ran since the last look. */
  skip(): void {
    this.#take();
  }

  /** Whether code ran since the last look that never ran before, however often; it stays new. Of many inputs at once. */
  isNews(): boolean {
    return this.#ran().some(({ most, now }) => now.some((count, at) => count > 0 && most[at] === 0));
  }

  /** Whether anything is new since the last look, of one input; it is not new from then on. */
  look(): boolean {
    let isNew = false;
    for (const { most, now } of this.#ran()) {
      for (const [at, count] of now.entries()) {
        const before = most[at] ?? 0;
        if (count <= before) continue;
        if (before === 0) this.#reached += 1;
        most[at] = count;
        isNew = true;
      }
    }
    return isNew;
  }

  #ran(): readonly { readonly most: Uint8Array; readonly now: Uint8Array }[] {
    return this.#take()
      .filter(({ url }) => ownCode.test(url))
      .flatMap(({ scriptId, functions }) =>
        functions.map(({ ranges }) => {
          const start = ranges[0]?.startOffset ?? 0;
          const length = (ranges[0]?.endOffset ?? start) - start;
          const now = new Uint8Array(length);
          // Inner ranges follow the outer ones and say otherwise.
          for (const { startOffset, endOffset, count } of ranges)
            now.fill(count === 0 ? 0 : 32 - Math.clz32(count), startOffset - start, endOffset - start);
          return { most: this.#mostOf(`${scriptId}:${start}:${length}`, length), now };
        }),
      );
  }

  #mostOf(key: string, length: number): Uint8Array {
    const known = this.#most.get(key);
    if (known !== undefined) return known;
    const made = new Uint8Array(length);
    this.#most.set(key, made);
    return made;
  }

  #take(): readonly Profiler.ScriptCoverage[] {
    let taken: readonly Profiler.ScriptCoverage[] = [];
    this.#session.post('Profiler.takePreciseCoverage', (error, reply) => {
      if (error !== null) throw error;
      taken = reply.result;
    });
    return taken;
  }

  #post(method: 'Profiler.enable'): void {
    this.#session.post(method, (error) => {
      if (error !== null) throw error;
    });
  }
}
