import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type FileId, fileIdFrom, type ReportId } from '#base/ids';
import { openVault, type StagedBytes, sealFile, stageBytes, type Vault } from '#vault';
import { type TestCtx, type TestDatabase, testCtx, testDatabase } from '../harness/database.ts';

/** A vault in a folder of its own with a database of its own, and short ways to say what a test needs. */
export interface TestVault {
  readonly vault: Vault;
  readonly db: TestDatabase;
  readonly folder: string;
  readonly keyFile: string;
  readonly ctx: TestCtx;
  readonly remove: () => Promise<void>;
  readonly stage: (bytes: Uint8Array | Readable) => Promise<StagedBytes>;
  /** Stages and seals in one committed transaction. */
  readonly seal: (bytes: Uint8Array, reportId?: ReportId) => Promise<Sealed>;
}

export interface Sealed {
  readonly staged: StagedBytes;
  readonly fileId: FileId;
  readonly isFirstCopy: boolean;
}

export const testNow = new Date('2026-11-24T12:00:00Z');
export const reportA = '1000001' as ReportId;
export const reportB = '1000002' as ReportId;

export function anyFileId(): FileId {
  return fileIdFrom(randomBytes(16).toString('hex'));
}

export async function aVault(): Promise<TestVault> {
  const folder = await mkdtemp(join(tmpdir(), 'firstlight-vault-'));
  const keyFile = join(folder, 'keys', 'vault.key');
  const vault = await openVault({ folder: join(folder, 'evidence'), keyFile, create: true });
  const db = await testDatabase();
  const ctx = testCtx(db, { now: testNow });
  const stage = async (bytes: Uint8Array | Readable) =>
    await stageBytes(vault, db.kysely, bytes instanceof Readable ? bytes : Readable.from([bytes]), testNow);
  return {
    vault,
    db,
    folder: join(folder, 'evidence'),
    keyFile,
    ctx,
    remove: async () => await rm(folder, { recursive: true, force: true }),
    stage,
    seal: async (bytes, reportId = reportA) => {
      const staged = await stage(bytes);
      const fileId = anyFileId();
      const { isFirstCopy } = await ctx.run((c) => sealFile(c, vault, { staged, reportId, fileId }));
      return { staged, fileId, isFirstCopy };
    },
  };
}

/** Every file below a folder with its bytes, the vault's own note of its keys left out. */
export async function filesBelow(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found = new Map<string, Buffer>();
  for (const entry of entries) {
    if (!entry.isFile() || entry.name === 'keys-in-use.json') continue;
    const path = join(entry.parentPath, entry.name);
    found.set(path, await readFile(path));
  }
  return found;
}

export async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
