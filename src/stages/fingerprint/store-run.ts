import { type Kysely, sql } from 'kysely';
import type { Actor } from '#access';
import type { Sha256 } from '#base/ids';
import type { DB } from '#platform/database-types';

/** Runs over many files. */
type Db = Kysely<DB>;

export type RunScope = 'all' | 'missing';

/** One run, and how far it has come. */
export interface FingerprintRun {
  readonly id: string;
  readonly scope: RunScope;
  readonly askedAt: Date;
  readonly afterSha256: string;
  /** Files when it began. */
  readonly total: number;
  readonly files: number;
  readonly sizeBytes: number;
  readonly hashed: number;
  readonly unreadable: number;
  readonly leftOut: number;
  readonly stepAt: Date | null;
  readonly doneAt: Date | null;
}

const columns = sql`id::text as id, scope, asked_at as "askedAt", after_sha256 as "afterSha256", total, files,
  size_bytes::float8 as "sizeBytes", hashed, unreadable, left_out as "leftOut", step_at as "stepAt", done_at as "doneAt"`;

export async function runUnderWay(db: Db): Promise<FingerprintRun | undefined> {
  const { rows } =
    await sql<FingerprintRun>`select ${columns} from fingerprint.run where done_at is null`.execute(db);
  return rows[0];
}

export async function runById(db: Db, id: string): Promise<FingerprintRun | undefined> {
  const { rows } = await sql<FingerprintRun>`select ${columns} from fingerprint.run where id = ${id}`.execute(
    db,
  );
  return rows[0];
}

/** Undefined where another one was begun at the same moment. */
export async function insertRun(
  db: Db,
  run: {
    readonly id: string;
    readonly scope: RunScope;
    readonly at: Date;
    readonly by: Pick<Actor, 'kind' | 'id'>;
    readonly total: number;
  },
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('fingerprint.run')
    .values({
      id: run.id,
      scope: run.scope,
      asked_at: run.at,
      asked_by_kind: run.by.kind,
      asked_by_id: run.by.id,
      total: run.total,
    })
    .onConflict((oc) => oc.doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

/** Seals with sound bytes that a run is about. */
function wanted(scope: RunScope, version: string) {
  const isMissing = sql`and not exists (
    select from fingerprint.file known where known.sha256 = seal.sha256 and known.version = ${version})`;
  return sql`from vault.seal where location is not null and damaged_at is null ${scope === 'missing' ? isMissing : sql``}`;
}

export async function countWanted(db: Db, scope: RunScope, version: string): Promise<number> {
  const { rows } = await sql<{ files: number }>`
    select count(*)::int as files ${wanted(scope, version)}`.execute(db);
  return rows[0]?.files ?? 0;
}

export async function nextWanted(
  db: Db,
  run: FingerprintRun,
  version: string,
  limit: number,
): Promise<readonly { readonly sha256: Sha256; readonly sizeBytes: number }[]> {
  const { rows } = await sql<{ sha256: Sha256; sizeBytes: number }>`
    select sha256, size_bytes::float8 as "sizeBytes" ${wanted(run.scope, version)}
    and sha256 > ${run.afterSha256} order by sha256 limit ${limit}`.execute(db);
  return rows;
}

/** Held until the transaction ends, so that two workers do not look at the same files. */
export async function tryToLead(db: Db): Promise<boolean> {
  const { rows } = await sql<{ is_ours: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended('fingerprint.run', 0)) as is_ours`.execute(db);
  return rows[0]?.is_ours === true;
}

export interface Step {
  readonly after: Sha256;
  readonly files: number;
  readonly sizeBytes: number;
  readonly hashed: number;
  readonly unreadable: number;
  readonly leftOut: number;
}

export async function noteStep(db: Db, runId: string, step: Step, at: Date): Promise<void> {
  await sql`
    update fingerprint.run set after_sha256 = ${step.after}, files = files + ${step.files},
      size_bytes = size_bytes + ${step.sizeBytes}, hashed = hashed + ${step.hashed},
      unreadable = unreadable + ${step.unreadable}, left_out = left_out + ${step.leftOut}, step_at = ${at}
    where id = ${runId}`.execute(db);
}

export async function endRun(db: Db, runId: string, at: Date): Promise<void> {
  await sql`update fingerprint.run set done_at = ${at}, step_at = ${at} where id = ${runId}`.execute(db);
}
