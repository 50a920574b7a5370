import { type Profiler, Session } from 'node:inspector';

const ownCode = /^file:.*\/(src|node_modules\/(?!@babel|pg|kysely|pino))\//;

/**
 * What parts of the code an input reached, by V8's own block counts; no instrumentation. A part counts as new when it
 * was never reached, or never so often: counts are taken by their power of two, so that a loop that turns more often
 * is new as well.
 */
export class Coverage {
  readonly #session = new Session();
  readonly #seen = new Set<string>();

  constructor() {
    this.#session.connect();
    this.#post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  get size(): number {
    return this.#seen.size;
  }

  /** Forgets what ran since the last look. */
  skip(): void {
    this.#take();
  }

  /** How many new parts ran since the last look; they are not new from then on. */
  look(): number {
    const before = this.#seen.size;
    for (const { url, scriptId, functions } of this.#take()) {
      if (!ownCode.test(url)) continue;
      for (const { ranges } of functions) {
        for (const { startOffset, endOffset, count } of ranges) {
          if (count > 0) this.#seen.add(`${scriptId}:${startOffset}-${endOffset}:${32 - Math.clz32(count)}`);
        }
      }
    }
    return this.#seen.size - before;
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
