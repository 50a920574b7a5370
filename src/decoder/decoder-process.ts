import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { checkVerdict } from './check-verdict.ts';
import type { DecoderLimits } from './limits.ts';
import { childEnvironment, type Protection } from './protection.ts';
import type { Verdict } from './verdict.ts';

/** How a child ended over a file, or that it hung or talked nonsense; in words for a person. */
export interface Ended {
  readonly kind: 'ended';
  readonly words: string;
}

/** An answer is some kilobytes; whoever says more is not to be listened to. */
const longestAnswer = 64 * 1024;
const startMs = 30_000;

/** One child that decodes one file after the other. After it has ended in whatever way, it is of no more use. */
export class DecoderProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #limits: DecoderLimits;
  readonly #gone: Promise<Ended>;
  #said = '';
  #hear: (line: string) => void = () => undefined;
  #files = 0;
  #isUsable = true;

  private constructor(protection: Protection, limits: DecoderLimits) {
    this.#limits = limits;
    const [program, ...rest] = protection.command;
    // Its words on standard error could repeat what a file holds; nobody reads them.
    this.#child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'ignore'], env: childEnvironment });
    this.#child.stdin.on('error', () => undefined);
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => this.#listen(text));
    this.#gone = new Promise((resolve) => {
      this.#child.once('error', () => resolve({ kind: 'ended', words: 'could not be started' }));
      this.#child.once('close', (code, signal) => resolve({ kind: 'ended', words: endOf(code, signal) }));
    });
    void this.#gone.then(() => {
      this.#isUsable = false;
    });
  }

  /** @throws Error where the child does not come up */
  static async start(protection: Protection, limits: DecoderLimits): Promise<DecoderProcess> {
    const one = new DecoderProcess(protection, limits);
    const answer = await one.#answer(startMs);
    if (typeof answer === 'string') return one;
    one.end();
    throw new Error(`A decoder did not start: it ${answer.words}.`);
  }

  /** Whether it can take another file. */
  get isUsable(): boolean {
    return this.#isUsable && this.#files < this.#limits.filesEach;
  }

  /** Whether a file before this one could be to blame. */
  get isFresh(): boolean {
    return this.#files === 0;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Sends a file and waits for what becomes of it. Throws only what reading `bytes` throws, and ends the child then. */
  async decode(mediaType: string, bytes: AsyncIterable<Uint8Array>): Promise<Verdict | Ended> {
    this.#files += 1;
    const { maxBytes, maxPixels, maxSide, timeoutMs } = this.#limits;
    try {
      await this.#send(Buffer.from(JSON.stringify({ mediaType, limits: { maxBytes, maxPixels, maxSide } })));
      let sizeBytes = 0;
      for await (const chunk of bytes) {
        sizeBytes += chunk.byteLength;
        if (sizeBytes > maxBytes) {
          this.end();
          return { kind: 'unreadable', mediaType, reason: tooMany(maxBytes) };
        }
        if (chunk.byteLength > 0) await this.#send(chunk);
        if (!this.#isUsable) break;
      }
    } catch (error) {
      this.end();
      throw error;
    }
    const waiting = this.#answer(timeoutMs);
    await this.#send(new Uint8Array());
    const answer = await waiting;
    if (typeof answer !== 'string') {
      this.end();
      return answer;
    }
    const verdict = checkVerdict(answer, mediaType);
    if (verdict !== undefined) return verdict;
    this.end();
    return { kind: 'ended', words: 'gave an answer that is none' };
  }

  end(): void {
    this.#isUsable = false;
    this.#child.kill('SIGKILL');
  }

  async ended(): Promise<void> {
    await this.#gone;
  }

  async #answer(waitMs: number): Promise<string | Ended> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Ended>((resolve) => {
      timer = setTimeout(
        () => resolve({ kind: 'ended', words: `took longer than ${waitMs / 1000} seconds` }),
        waitMs,
      );
    });
    const heard = new Promise<string>((resolve) => {
      this.#hear = resolve;
    });
    try {
      return await Promise.race([heard, this.#gone, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #listen(text: string): void {
    this.#said += text;
    const end = this.#said.indexOf('\n');
    if (end === -1) {
      if (this.#said.length > longestAnswer) this.end();
      return;
    }
    const line = this.#said.slice(0, end);
    this.#said = this.#said.slice(end + 1);
    this.#hear(line);
  }

  /** Waits while the child has not taken what it was given. */
  async #send(bytes: Uint8Array): Promise<void> {
    const { stdin } = this.#child;
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.byteLength);
    stdin.cork();
    stdin.write(length);
    const isTaken = stdin.write(bytes);
    stdin.uncork();
    if (isTaken || !this.#isUsable) return;
    let taken: () => void = () => undefined;
    const drained = new Promise<void>((resolve) => {
      taken = resolve;
      stdin.once('drain', resolve);
    });
    await Promise.race([drained, this.#gone]);
    stdin.off('drain', taken);
  }
}

function tooMany(maxBytes: number): string {
  return `The file is larger than ${Math.round(maxBytes / 1024 / 1024)} MB; larger pictures are not decoded.`;
}

function endOf(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal !== null) return `was ended by ${signal}`;
  // What starts a child in a box of its own tells of a signal in this way (POSIX shell, 2.8.2).
  return code !== null && code > 128 ? `was ended by signal ${code - 128}` : `ended with status ${code}`;
}
