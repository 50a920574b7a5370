import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type FileId, fileIdFrom, type ReportId } from '#base/ids';
import type { EvidenceConfig } from '#platform/config-evidence';
import { openVault, type StagedBytes, sealFile, stageBytes, type Vault } from '#vault';
import { type TestCtx, type TestDatabase, testCtx, testDatabase } from '../harness/database.ts';
import { type S3Options, type S3Server, startS3Server } from '../harness/s3-server.ts';

/** A vault in a folder of its own with a database of its own, and short ways to say what a test needs. */
export interface TestVault {
  readonly vault: Vault;
  readonly db: TestDatabase;
  readonly folder: string;
  readonly keyFile: string;
  readonly ctx: TestCtx;
  readonly settings: EvidenceConfig;
  readonly s3?: S3Server;
  /** What stands in the store, past everything that guards it. */
  readonly raw: RawPlaces;
  readonly remove: () => Promise<void>;
  readonly stage: (bytes: Uint8Array | Readable) => Promise<StagedBytes>;
  /** Stages and seals in one committed transaction. */
  readonly seal: (bytes: Uint8Array, reportId?: ReportId) => Promise<Sealed>;
}

interface RawPlaces {
  readonly read: (place: string) => Promise<Buffer>;
  readonly write: (place: string, bytes: Buffer) => Promise<void>;
  readonly remove: (place: string) => Promise<void>;
  readonly all: () => Promise<ReadonlyMap<string, Buffer>>;
  /** Unmounts the volume, or makes the bucket unknown. */
  readonly takeAway: () => Promise<void>;
  readonly putBack: () => Promise<void>;
}

function rawPlaces(folder: string, server: S3Server | undefined): RawPlaces {
  if (server === undefined) {
    return {
      read: async (place) => await readFile(join(folder, place)),
      write: async (place, bytes) => await writeFile(join(folder, place), bytes),
      remove: async (place) => await unlink(join(folder, place)),
      all: async () => await filesBelow(folder),
      takeAway: async () => await rename(folder, `${folder}.away`),
      putBack: async () => await rename(`${folder}.away`, folder),
    };
  }
  const keyOf = (place: string) => `bureau/${place}`;
  return {
    takeAway: async () => {
      server.rule = () => ({ kind: 'error', status: 404, code: 'NoSuchBucket' });
    },
    putBack: async () => {
      server.rule = undefined;
    },
    read: async (place) => server.objects.get(keyOf(place))!.bytes,
    write: async (place, bytes) => {
      server.objects.set(keyOf(place), { bytes, metadata: {}, at: new Date() });
    },
    remove: async (place) => {
      server.objects.delete(keyOf(place));
    },
    all: async () =>
      new Map(
        [...server.objects].flatMap(([key, { bytes }]) =>
          key.includes('/evidence/') ? [[key, bytes] as const] : [],
        ),
      ),
  };
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

export type StoreKind = 'local' | 's3';
/** Every test that matters runs on both. */
export const storeKinds: readonly StoreKind[] = ['local', 's3'];

/** Settings of a vault whose evidence goes to a small object store of this process. */
export function settingsFor(
  store: string,
  server: Pick<S3Server, 'url'> | undefined,
  kms: Partial<EvidenceConfig['kms']> = {},
): EvidenceConfig {
  return {
    store,
    s3: {
      endpoint: server?.url,
      region: undefined,
      isPathStyle: true,
      credentials: { keyId: 'test', secret: 'test' },
    },
    kms: { key: undefined, endpoint: undefined, ...kms },
    verifyDays: 30,
  };
}

export const s3Address = 's3://evidence/bureau';

export async function aVault(kind: StoreKind = 'local', options: S3Options = {}): Promise<TestVault> {
  const folder = await mkdtemp(join(tmpdir(), 'firstlight-vault-'));
  const keyFile = join(folder, 'keys', 'vault.key');
  const server = kind === 's3' ? await startS3Server(options) : undefined;
  const settings = settingsFor(kind === 's3' ? s3Address : 'local', server);
  const vault = await openVault({ folder: join(folder, 'evidence'), keyFile, create: true, settings });
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
    settings,
    ...(server === undefined ? {} : { s3: server }),
    raw: rawPlaces(join(folder, 'evidence'), server),
    remove: async () => {
      await server?.close();
      await rm(folder, { recursive: true, force: true });
    },
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
