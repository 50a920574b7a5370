import { chmod, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { KeyringNode } from '@aws-crypto/material-management-node';
import { RawAesKeyringNode, RawAesWrappingSuiteIdentifier } from '@aws-crypto/raw-aes-keyring-node';
import { newKeyBytes, newUuid } from '#platform/random';
import { createOnce, readIfThere } from './durable-file.ts';

/**
 * The keys that wrap every file's own data key. A file is sealed under the current key and names it, so that older
 * keys stay readable while evidence is re-sealed, and a key service can take the place of a key file.
 */
export interface Keyring {
  /** Id of the key that new seals are made under. */
  readonly currentId: string;
  /** Ids of every key that can be read with, the current one included. */
  readonly ids: readonly string[];
  /** Wraps and unwraps data keys under one key. Throws, with what to restore, when the key is not held. */
  wrapping(keyId: string): KeyringNode;
}

interface KeyEntry {
  readonly id: string;
  readonly createdAt: string;
  readonly key: Buffer;
}

const keyBytes = 32;
const keyNamespace = 'firstlight';

/** Reads a key file; undefined when there is none. Throws when it is not one, or when others may read it. */
export async function readKeyFile(path: string): Promise<Keyring | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  await assertPrivate(path);
  return keyringOf(entriesOf(text, path), path);
}

/** Makes a key file with one new key. Never overwrites: of two processes that start at once, both get the same key. */
export async function createKeyFile(path: string, now: Date): Promise<Keyring> {
  const folder = dirname(path);
  if ((await mkdir(folder, { recursive: true, mode: 0o700 })) !== undefined) await chmod(folder, 0o700);
  const entry = { id: newUuid(), createdAt: now.toISOString(), key: newKeyBytes().toString('base64') };
  const text = await createOnce(path, `${JSON.stringify({ version: 1, keys: [entry] }, undefined, 2)}\n`);
  return keyringOf(entriesOf(text, path), path);
}

function keyringOf(entries: readonly KeyEntry[], path: string): Keyring {
  const byId = new Map(
    entries.map((entry) => [
      entry.id,
      new RawAesKeyringNode({
        keyName: entry.id,
        keyNamespace,
        unencryptedMasterKey: new Uint8Array(entry.key),
        wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
        utf8Sorting: true,
      }),
    ]),
  );
  const current = entries.at(-1);
  if (current === undefined)
    throw new Error(`The key file ${path} holds no key. Restore it from its backup.`);
  return {
    currentId: current.id,
    ids: [...byId.keys()],
    wrapping: (keyId) => {
      const keyring = byId.get(keyId);
      if (keyring === undefined) {
        throw new Error(
          `Key ${keyId} is not in the key file ${path}. Restore the key file that holds it from its backup.`,
        );
      }
      return keyring;
    },
  };
}

/** The newest key stands last and is the current one. */
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

async function assertPrivate(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) {
    throw new Error(`Others on this machine may read the key file ${path}. Run: chmod 600 ${path}`);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
