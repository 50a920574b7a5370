import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Child, forkChild, type GoMessage } from '#platform/child';
import type { Logger } from '#platform/log';

export type Part = 'server' | 'worker';

/** What each part is told to start with, each only its own way into the database. */
export type Words = Partial<Record<Part, GoMessage>>;

const paths: Readonly<Record<Part, string>> = {
  server: fileURLToPath(new URL('./server.ts', import.meta.url)),
  worker: fileURLToPath(new URL('./worker.ts', import.meta.url)),
};

const longestPauseMs = 30_000;
/** A part that ran so long had started well. */
const steadyMs = 10_000;

/** The processes of a bureau's parts on this machine: they load their code at once and wait for the word. */
export class Parts {
  readonly #children = new Map<Part, Child>();
  #isOver = false;

  constructor(parts: readonly Part[]) {
    for (const part of parts) this.#children.set(part, forkChild(paths[part]));
  }

  /** Gives the word to every part, and the server's address when all are ready. */
  async go(words: Words): Promise<string | undefined> {
    const urls = await Promise.all(
      [...this.#children].map(async ([part, child]) => {
        const word = words[part];
        return word === undefined ? undefined : await child.go(word);
      }),
    );
    return urls.find((url) => url !== undefined);
  }

  /**
   * Starts a part again when it ends while the bureau should run, with growing pauses; one that ran ten seconds
   * starts afresh. The built-in database watches over itself. Resolves with the reason when it cannot go on.
   */
  async watchOver(words: Words, log: Logger): Promise<Error> {
    const keep = async (part: Part): Promise<void> => {
      let pauseMs = 100;
      while (!this.#isOver) {
        const sinceMs = performance.now();
        await this.#children.get(part)?.exited;
        if (this.#isOver) return;
        pauseMs = performance.now() - sinceMs > steadyMs ? 100 : Math.min(pauseMs * 2, longestPauseMs);
        log.error({ part, pauseMs }, 'a part of the bureau ended and is started again');
        await sleep(pauseMs);
        if (this.#isOver) return;
        const child = forkChild(paths[part]);
        this.#children.set(part, child);
        const word = words[part];
        if (word !== undefined)
          await child.go(word).catch((err: unknown) => log.error({ err, part }, 'start failed'));
      }
    };
    return await new Promise((resolve) => {
      const fail = (error: unknown) => resolve(error instanceof Error ? error : new Error(String(error)));
      for (const part of this.#children.keys()) keep(part).catch(fail);
    });
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all([...this.#children.values()].map(async (child) => await child.stop()));
  }
}
