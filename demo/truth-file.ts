import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';

/** What is planted, beside the numbers that the bureau gave; for benchmarks, never sent anywhere. */
export class TruthFile {
  readonly services = new Set<string>();
  firstReportId = Number.POSITIVE_INFINITY;
  readonly #file: WriteStream;

  constructor(folder: string) {
    this.#file = createWriteStream(join(folder, 'demo', 'truth.ndjson'), { flags: 'a', mode: 0o600 });
  }

  async write(line: string, filed: readonly string[]): Promise<void> {
    for (const id of filed) this.firstReportId = Math.min(this.firstReportId, Number(id));
    if (!this.#file.write(`${line}\n`)) await once(this.#file, 'drain');
  }

  async close(): Promise<void> {
    this.#file.end();
    await once(this.#file, 'finish');
  }
}
