/** Shows how far something is, on standard error: one line that is drawn again, or a line now and then without a terminal. */
export class Progress {
  readonly #label: string;
  readonly #total: number;
  readonly #startedMs = performance.now();
  readonly #isTerminal = process.stderr.isTTY === true;
  #shownMs = Number.NEGATIVE_INFINITY;

  constructor(label: string, total: number) {
    this.#label = label;
    this.#total = total;
  }

  show(done: number, remark = ''): void {
    const now = performance.now();
    if (now - this.#shownMs < (this.#isTerminal ? 100 : 5000)) return;
    this.#shownMs = now;
    this.#write(done, remark);
  }

  end(done: number, remark = ''): void {
    this.#write(done, remark);
    if (this.#isTerminal) process.stderr.write('\n');
  }

  #write(done: number, remark: string): void {
    const seconds = Math.round((performance.now() - this.#startedMs) / 1000);
    const line =
      `${this.#label} ${bar(done / Math.max(1, this.#total))} ${done}/${this.#total}  ${seconds} s  ${remark}`.trimEnd();
    process.stderr.write(
      this.#isTerminal ? `\r${line.slice(0, (process.stderr.columns ?? 80) - 1)}\u001b[K` : `${line}\n`,
    );
  }
}

function bar(share: number): string {
  const width = 24;
  const full = Math.min(width, Math.round(share * width));
  return `[${'='.repeat(full)}${' '.repeat(width - full)}]`;
}
