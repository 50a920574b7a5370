import { isAbsolute, relative } from 'node:path';
import type { EventData } from 'node:test';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';

export interface Outcome {
  readonly passed: number;
  readonly failed: number;
}

const root = fileURLToPath(new URL('../../', import.meta.url));

const filesAtOnce = 2;

/** A test that takes longer hangs: it counts as failed and the next one runs. */
const longestTestMs = 5 * 60_000;

/** Runs the files, two at a time, each in its own process; prints one line per file and every failure in full. */
export async function runFiles(files: readonly string[], signal: AbortSignal): Promise<Outcome> {
  const report = new Report();
  // A handle that a test forgot must not keep its process, and so the run, from ending.
  const stream = run({
    files: [...files],
    concurrency: filesAtOnce,
    timeout: longestTestMs,
    signal,
    execArgv: ['--test-force-exit'],
  });
  stream.on('test:pass', (data) => report.passed(data));
  stream.on('test:fail', (data) => report.failed(data));
  stream.on('test:stdout', (data) => process.stdout.write(data.message));
  stream.on('test:stderr', (data) => process.stderr.write(data.message));
  stream.on('test:summary', (data) => {
    if (data.file !== undefined) report.fileEnded(data.file, data.duration_ms);
  });
  stream.resume();
  await new Promise<void>((done, fail) => {
    stream.once('end', done);
    stream.once('error', fail);
  });
  report.finish();
  return { passed: report.passes, failed: report.failures.length };
}

/** What every event tells about its test. */
interface Told {
  readonly name: string;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
}

class Report {
  passes = 0;
  readonly failures: string[] = [];
  readonly #skipped: string[] = [];
  readonly #byFile = new Map<string, { passed: number; failed: number }>();

  passed(data: EventData.TestPass): void {
    if (data.details.type === 'suite') return;
    if (data.name === data.file) {
      // The runner calls a file without tests a test that passed.
      this.#fail(data, 'There is no test in this file.');
    } else if (data.skip !== undefined || data.todo !== undefined) {
      this.#skip(data);
    } else {
      this.passes += 1;
      this.#countsOf(data.file).passed += 1;
    }
  }

  failed(data: EventData.TestFail): void {
    const { error } = data.details;
    if (data.todo !== undefined) {
      this.#skip(data);
    } else if (!isSubtestFailure(error)) {
      // Where only an inner test failed, that one was counted already.
      this.#fail(data, data.name === data.file ? endingText(error) : errorText(error));
    }
  }

  fileEnded(file: string, durationMs: number): void {
    const { passed, failed } = this.#countsOf(file);
    const counts = failed === 0 ? `${passed} passed` : `${passed} passed, ${failed} failed`;
    console.log(
      `${failed === 0 ? '✔' : '✖'} ${shortPath(file)}: ${counts} (${(durationMs / 1000).toFixed(1)} s)`,
    );
  }

  finish(): void {
    for (const line of this.#skipped) console.log(`- skipped: ${line}`);
    for (const text of this.failures) console.log(`\n${text}`);
    if (this.failures.length > 0) console.log();
  }

  #fail(data: Told, reason: string): void {
    const title = `✖ ${place(data)}${data.name === data.file ? '' : ` ${data.name}`}`;
    this.#countsOf(data.file).failed += 1;
    this.failures.push(`${title}\n${reason.replaceAll(/^/gm, '    ')}`);
    console.log(title);
  }

  #skip(data: Told & { readonly skip?: string | boolean; readonly todo?: string | boolean }): void {
    const reason = data.skip ?? data.todo;
    this.#skipped.push(`${place(data)} ${data.name}${typeof reason === 'string' ? `: ${reason}` : ''}`);
  }

  #countsOf(file: string | undefined): { passed: number; failed: number } {
    const key = file ?? '';
    const counts = this.#byFile.get(key) ?? { passed: 0, failed: 0 };
    this.#byFile.set(key, counts);
    return counts;
  }
}

function isSubtestFailure(error: Error): boolean {
  return 'failureType' in error && error.failureType === 'subtestsFailed';
}

/** What became of a whole file: what it threw is on standard error already. */
function endingText(error: Error): string {
  const signal = 'signal' in error && error.signal !== null ? `signal ${error.signal}` : undefined;
  const status = 'exitCode' in error ? `status ${error.exitCode}` : undefined;
  return `The file ended with ${signal ?? status ?? 'an error'}; see its output above.`;
}

function place(data: Told): string {
  if (data.file === undefined) return '';
  return data.line === undefined ? shortPath(data.file) : `${shortPath(data.file)}:${data.line}`;
}

function shortPath(file: string): string {
  return isAbsolute(file) ? relative(root, file) : file;
}

/** Message, difference and stack of what a test threw, without the wrapper that the test runner puts around it. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isWrapper = 'code' in error && error.code === 'ERR_TEST_FAILURE' && error.cause !== undefined;
  if (isWrapper) return errorText(error.cause);
  const cause = error.cause === undefined ? '' : `\ncaused by ${errorText(error.cause)}`;
  const stack = (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line) && !/\(?node:/.test(line));
  return [`${error.name}: ${error.message}`, ...stack].join('\n') + cause;
}
