import { type Profiler, Session } from 'node:inspector';

/** Ours, what ours calls, and the fault that is planted for the fuzzer's own test. */
const ownCode = /^file:.*\/(src|tests\/fuzz\/planted\.ts|node_modules\/(?!pg|kysely|pino))(\/|$)/;

/**
 * What parts of the code an input reached, by V8's own block counts; no instrumentation. A part counts as new when it
 * was never reached, or never so often: counts are taken by their power of two, so that a loop that turns more often
 * is new as well.
 */
export class Coverage {
  readonly #session = new Session();
  readonly #blocks = new Set<string>();
  readonly #parts = new Set<string>();

  constructor() {
    this.#session.connect();
    this.#post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  get size(): number {
    return this.#parts.size;
  }

  /** Forgets what ran since the last look. */
  skip(): void {
    this.#take();
  }

  /** Whether code ran since the last look that never ran before, however often; it stays new. Of many inputs at once. */
  isNews(): boolean {
    return this.#ran().some(({ block }) => !this.#blocks.has(block));
  }

  /** How many new parts ran since the last look, of one input; they are not new from then on. */
  look(): number {
    const before = this.#parts.size;
    for (const { block, count } of this.#ran()) {
      this.#blocks.add(block);
      this.#parts.add(`${block}:${32 - Math.clz32(count)}`);
    }
    return this.#parts.size - before;
  }

  #ran(): readonly { readonly block: string; readonly count: number }[] {
    return this.#take()
      .filter(({ url }) => ownCode.test(url))
      .flatMap(({ scriptId, functions }) =>
        functions.flatMap(({ ranges }) =>
          ranges
            .filter(({ count }) => count > 0)
            .map(({ startOffset, endOffset, count }) => ({
              block: `${scriptId}:${startOffset}-${endOffset}`,
              count,
            })),
        ),
      );
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
