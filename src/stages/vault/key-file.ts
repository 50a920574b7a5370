import { stat } from 'node:fs/promises';
import type { KeyringNode } from '@aws-crypto/material-management-node';
import { RawAesKeyringNode, RawAesWrappingSuiteIdentifier } from '@aws-crypto/raw-aes-keyring-node';
import { Outage } from '#base/errors';
import { assertPrivate, createPrivate, readPrivate, replacePrivate } from '#platform/private-file';
import { newKeyBytes, newUuid } from '#platform/random';

/**
 * The key file: JSON `{version: 1, keys: [{id, createdAt, key}]}`, 256-bit keys in base64, the newest last and the
 * current one. Several processes and machines may share it. It is replaced whole, never written over.
 */
export class KeyFile {
  readonly path: string;
  #entries: readonly KeyEntry[] = [];
  #keyrings: ReadonlyMap<string, KeyringNode> = new Map();
  /** What the file looked like when it was read. */
  #look = '';

  private constructor(path: string) {
    this.path = path;
  }

  /** Undefined when there is no key file. Throws when it is not one, or when others may read it. */
  static async read(path: string): Promise<KeyFile | undefined> {
    const file = new KeyFile(path);
    return (await file.#load()) ? file : undefined;
  }

  /** Makes a key file with one new key. Never overwrites: of two processes that start at once, both get the same key. */
  static async create(path: string, now: Date): Promise<KeyFile> {
    await createPrivate(path, textOf([newEntry(newUuid(), now)]));
    const file = await KeyFile.read(path);
    if (file === undefined) throw new Error(`The key file ${path} went away while it was made. Start again.`);
    return file;
  }

  get ids(): readonly string[] {
    return this.#entries.map(({ id }) => id);
  }

  get currentId(): string {
    return this.#entries.at(-1)?.id ?? '';
  }

  keyring(id: string): KeyringNode | undefined {
    return this.#keyrings.get(id);
  }

  /**
   * Reads the file again when it changed. What was read before stays known, but throws {@link Outage} when the file
   * is gone or broken: nothing may be sealed under a key that only this process still knows.
   */
  async refresh(): Promise<void> {
    if ((await lookOf(this.path)) === this.#look) return;
    let isThere: boolean;
    try {
      isThere = await this.#load();
    } catch (cause) {
      throw new Outage(cause instanceof Error ? cause.message : String(cause), { cause });
    }
    if (!isThere) {
      throw new Outage(
        `The key file ${this.path} is not there any more. Put it back from its backup at once: nothing is sealed until then, ` +
          'and when this process ends nothing that was sealed can be read.',
      );
    }
  }

  /** Adds a new key as the current one, unless the id is there. Only one process at a time may change the file. */
  async add(id: string, now: Date): Promise<void> {
    await this.refresh();
    if (this.#keyrings.has(id)) return;
    await replacePrivate(this.path, textOf([...this.#entries, newEntry(id, now)]));
    await this.refresh();
  }

  /** Takes a key away for good, unless it is the current one. */
  async drop(id: string): Promise<void> {
    await this.refresh();
    if (!this.#keyrings.has(id)) return;
    if (id === this.currentId) throw new Error('the current key cannot be taken away');
    await replacePrivate(this.path, textOf(this.#entries.filter((entry) => entry.id !== id)));
    await this.refresh();
  }

  async #load(): Promise<boolean> {
    const look = await lookOf(this.path);
    const text = await readPrivate(this.path);
    if (text === undefined) return false;
    await assertPrivate(this.path);
    const entries = entriesOf(text, this.path);
    if (entries.length === 0)
      throw new Error(`The key file ${this.path} holds no key. Restore it from its backup.`);
    this.#entries = entries;
    this.#keyrings = new Map(
      entries.map((entry) => [entry.id, this.#keyrings.get(entry.id) ?? keyringOf(entry)]),
    );
    this.#look = look;
    return true;
  }
}

interface KeyEntry {
  readonly id: string;
  readonly createdAt: string;
  readonly key: Buffer;
}

const keyBytes = 32;
const keyNamespace = 'firstlight';

function newEntry(id: string, now: Date): KeyEntry {
  return { id, createdAt: now.toISOString(), key: newKeyBytes() };
}

function textOf(entries: readonly KeyEntry[]): string {
  const keys = entries.map((entry) => ({ ...entry, key: entry.key.toString('base64') }));
  return `${JSON.stringify({ version: 1, keys }, undefined, 2)}\n`;
}

function keyringOf(entry: KeyEntry): KeyringNode {
  return new RawAesKeyringNode({
    keyName: entry.id,
    keyNamespace,
    unencryptedMasterKey: new Uint8Array(entry.key),
    wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
    utf8Sorting: true,
  });
}

/** Changes whenever the file is replaced or written. */
async function lookOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, mode } = await stat(path, { bigint: true });
    return `${ino}-${size}-${mtimeNs}-${mode}`;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'gone';
    throw error;
  }
}

function entriesOf(text: string, path: string): readonly KeyEntry[] {
  // The text is secret: no error may carry it, so the parser's own message and cause are dropped.
  const broken = (): Error =>
    new Error(
      `The key file ${path} is not a Firstlight key file. Restore it from its backup; do not edit it.`,
    );
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    throw broken();
  }
  if (!isRecord(read) || read.version !== 1 || !Array.isArray(read.keys)) throw broken();
  return read.keys.map((each: unknown) => {
    if (!isRecord(each)) throw broken();
    const { id, createdAt, key } = each;
    if (typeof id !== 'string' || typeof createdAt !== 'string' || typeof key !== 'string') throw broken();
    const bytes = Buffer.from(key, 'base64');
    if (id === '' || bytes.byteLength !== keyBytes) throw broken();
    return { id, createdAt, key: bytes };
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
