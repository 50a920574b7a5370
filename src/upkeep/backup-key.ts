import { type KeyringNode, MultiKeyringNode } from '@aws-crypto/material-management-node';
import { RawAesKeyringNode, RawAesWrappingSuiteIdentifier } from '@aws-crypto/raw-aes-keyring-node';
import { systemClock } from '#platform/clock';
import { assertPrivate, createPrivate, readPrivate } from '#platform/private-file';
import { newKeyBytes, newUuid } from '#platform/random';

/** The key that everything in a backup is encrypted under. It is kept apart from the backups, or they protect nothing. */
export interface BackupKey {
  /** Backups name it, so that a wrong key is told from a damaged backup. */
  readonly id: string;
  readonly path: string;
  readonly keyring: KeyringNode;
}

/** The keys of one file, the newest last: new backups use it, older ones stay readable. */
export interface BackupKeys {
  readonly current: BackupKey;
  /** @throws Error that names the key and where it was looked for. */
  readonly byId: (id: string) => BackupKey;
  /** Reads what any of them wrote; for parts that do not say which. */
  readonly any: BackupKey;
}

const keyBytes = 32;

/** @throws Error with what to do when there is none, it is not one, or others may read it. */
export async function openBackupKeys(path: string): Promise<BackupKeys> {
  const text = await readPrivate(path);
  if (text === undefined) {
    throw new Error(
      `The backup key ${path} is not there. Bring back the copy that was kept apart from this machine, and name it ` +
        'with FIRSTLIGHT_BACKUP_KEY_FILE or --key FILE.',
    );
  }
  await assertPrivate(path);
  return keysOf(text, path);
}

/** Makes the file with a first key where there is none. Never overwrites one. */
export async function openOrMakeBackupKeys(
  path: string,
): Promise<{ readonly keys: BackupKeys; readonly isNew: boolean }> {
  if ((await readPrivate(path)) !== undefined) return { keys: await openBackupKeys(path), isNew: false };
  const entry = {
    id: newUuid(),
    createdAt: systemClock.now().toISOString(),
    key: newKeyBytes().toString('base64'),
  };
  const text = await createPrivate(path, `${JSON.stringify({ version: 1, keys: [entry] }, undefined, 2)}\n`);
  return { keys: keysOf(text, path), isNew: true };
}

function keysOf(text: string, path: string): BackupKeys {
  const entries = entriesOf(text, path);
  const byId = new Map(entries.map((entry) => [entry.id, backupKeyOf(entry, path)]));
  const current = byId.get(entries.at(-1)?.id ?? '');
  if (current === undefined) throw notAKeyFile(path);
  const children = [...byId.values()].map(({ keyring }) => keyring);
  return {
    current,
    any: { id: current.id, path, keyring: new MultiKeyringNode({ children }) },
    byId: (id) => {
      const key = byId.get(id);
      if (key !== undefined) return key;
      throw new Error(
        `This backup was made under the backup key ${id}, and ${path} holds only ${[...byId.keys()].join(', ')}. ` +
          'Name the file that holds that key with --key FILE.',
      );
    },
  };
}

function backupKeyOf(entry: { readonly id: string; readonly key: Buffer }, path: string): BackupKey {
  const keyring = new RawAesKeyringNode({
    keyName: entry.id,
    keyNamespace: 'firstlight backup',
    unencryptedMasterKey: new Uint8Array(entry.key),
    wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
    utf8Sorting: true,
  });
  return { id: entry.id, path, keyring };
}

function entriesOf(text: string, path: string): readonly { readonly id: string; readonly key: Buffer }[] {
  // The text is secret: no error may carry it, so the parser's own message and cause are dropped.
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    throw notAKeyFile(path);
  }
  if (!isRecord(read) || read.version !== 1 || !Array.isArray(read.keys)) throw notAKeyFile(path);
  return read.keys.map((each: unknown) => {
    if (!isRecord(each) || typeof each.id !== 'string' || typeof each.key !== 'string')
      throw notAKeyFile(path);
    const key = Buffer.from(each.key, 'base64');
    if (each.id === '' || key.byteLength !== keyBytes) throw notAKeyFile(path);
    return { id: each.id, key };
  });
}

function notAKeyFile(path: string): Error {
  return new Error(
    `The file ${path} is not a backup key. Bring back the copy that was kept; do not edit it.`,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
