import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { discardStaged, type StagedBytes, stageBytes } from '#vault';
import type { IntakeParts } from './intake-parts.ts';

/** A little more than one read of a connection, so that neither side waits for each single one. */
const waitingBytes = 1024 * 1024;

/**
 * Takes in the same bytes a second time, as one whole file, while they are kept in parts. When nothing comes in
 * between, the file is ready with its last byte and nothing has to be joined; otherwise the parts are what counts.
 */
export class WholeTwin {
  readonly #parts: IntakeParts;
  readonly #source = new PassThrough({ highWaterMark: waitingBytes });
  readonly #staging: Promise<StagedBytes | undefined>;
  #isOver = false;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
    const { vault, db, clock, log } = parts;
    this.#staging = stageBytes(vault, db, this.#source, clock.now()).catch((err: unknown) => {
      this.#isOver = true;
      // The parts are kept all the same, and whatever is wrong with the store shows there.
      log.debug({ err }, 'an upload is kept in parts only');
      return undefined;
    });
  }

  /** Passes blocks on, each once both sides may take more. */
  async *alongside(blocks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const block of blocks) {
      if (!this.#isOver && !this.#source.write(block)) {
        await Promise.race([once(this.#source, 'drain').catch(() => undefined), this.#staging]);
      }
      yield block;
    }
  }

  /** The whole file, once every byte went by; undefined when it could not be staged. */
  async end(): Promise<StagedBytes | undefined> {
    this.#isOver = true;
    this.#source.end();
    return await this.#staging;
  }

  /** Removes what was taken in. Safe to call after `end`, for what nobody took over. */
  async giveUp(): Promise<void> {
    this.#isOver = true;
    this.#source.destroy(new Error('the upload goes on in parts'));
    const staged = await this.#staging;
    if (staged !== undefined) await discardStaged(this.#parts.vault, this.#parts.db, staged);
  }
}
