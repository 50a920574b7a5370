import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#platform/clock';
import {
  type BackupFolder,
  type BackupKeys,
  type BackupParts,
  backUp,
  evidenceOf,
  type Manifest,
  makeBackupFolder,
  openOrMakeBackupKeys,
} from '#upkeep';
import { aVault, type TestVault } from '../stages/vault-build.ts';

/** A vault with a database and a backup folder beside it, without a running bureau. */
export interface TestUpkeep {
  readonly v: TestVault;
  readonly folder: BackupFolder;
  readonly keys: BackupKeys;
  readonly keyPath: string;
  readonly root: string;
  readonly audited: string[];
  readonly parts: BackupParts;
  readonly backUp: (overrides?: Partial<BackupParts>) => Promise<Manifest>;
  readonly remove: () => Promise<void>;
}

export async function anUpkeep(): Promise<TestUpkeep> {
  const root = await mkdtemp(join(tmpdir(), 'firstlight-upkeep-'));
  const v = await aVault();
  const folder = await makeBackupFolder(join(root, 'backups'));
  const keyPath = join(root, 'backup.key');
  const { keys } = await openOrMakeBackupKeys(keyPath);
  const audited: string[] = [];
  const parts: BackupParts = {
    db: v.db,
    databaseKind: 'server',
    evidence: evidenceOf(v.vault),
    keys,
    clock: systemClock,
    report: () => undefined,
    version: '0.0.0-test',
    bureau: { name: 'Test bureau', isDemonstration: false },
    keyFiles: { 'evidence.key': v.keyFile },
    audit: async (action) => {
      audited.push(action);
    },
  };
  return {
    v,
    folder,
    keys,
    keyPath,
    root,
    audited,
    parts,
    backUp: async (overrides = {}) => await backUp({ ...parts, ...overrides }, folder),
    remove: async () => {
      await v.remove();
      await rm(root, { recursive: true, force: true });
    },
  };
}
