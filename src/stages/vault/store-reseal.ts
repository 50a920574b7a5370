import { type Kysely, sql } from 'kysely';
import type { Sha256 } from '#base/ids';
import type { DB } from '#platform/database-types';
import type { NewRun, ResealRun, ResealTarget } from './reseal-run.ts';
import { type SealRow, sealColumns, sealOf } from './store.ts';

/** Runs that seal again what stands, and the seals that they still have to visit. */
type Db = Kysely<DB>;

/** Held until the transaction ends, by whoever does a step of a run; false when somebody else holds it. */
export async function tryToLead(db: Db): Promise<boolean> {
  const { rows } = await sql<{ is_ours: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended('vault.reseal', 0)) as is_ours`.execute(db);
  return rows[0]?.is_ours === true;
}

/** False when another run is not done. */
export async function insertRun(db: Db, run: NewRun): Promise<boolean> {
  const row = await db
    .insertInto('vault.reseal_run')
    .values({
      id: run.id,
      kind: run.kind,
      key_id: run.kind === 'rotate' ? run.target : null,
      store: run.kind === 'move' ? run.target : null,
      asked_at: run.askedAt,
      asked_by_kind: run.askedBy.kind,
      asked_by_id: run.askedBy.id,
      total_files: run.totalFiles,
      total_bytes: run.totalBytes,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

export async function runById(db: Db, id: string): Promise<ResealRun | undefined> {
  const row = await db.selectFrom('vault.reseal_run').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : runOf(row);
}

/** The run that is not done. */
export async function runUnderWay(db: Db): Promise<ResealRun | undefined> {
  const row = await db
    .selectFrom('vault.reseal_run')
    .selectAll()
    .where('done_at', 'is', null)
    .executeTakeFirst();
  return row === undefined ? undefined : runOf(row);
}

/** The latest runs, the newest first. */
export async function latestRuns(db: Db, limit: number): Promise<readonly ResealRun[]> {
  const rows = await db
    .selectFrom('vault.reseal_run')
    .selectAll()
    .orderBy('asked_at', 'desc')
    .limit(limit)
    .execute();
  return rows.map(runOf);
}

type RunRow = {
  id: string;
  kind: string;
  key_id: string | null;
  store: string | null;
  asked_at: Date;
  after_sha256: string;
  files: string;
  size_bytes: string;
  total_files: string;
  total_bytes: string;
  left_files: string;
  step_at: Date | null;
  problem: string | null;
  done_at: Date | null;
};

function runOf(row: RunRow): ResealRun {
  return {
    id: row.id,
    kind: row.kind === 'move' ? 'move' : 'rotate',
    target: row.key_id ?? row.store ?? '',
    askedAt: row.asked_at,
    afterSha256: row.after_sha256,
    files: Number(row.files),
    sizeBytes: Number(row.size_bytes),
    totalFiles: Number(row.total_files),
    totalBytes: Number(row.total_bytes),
    leftFiles: Number(row.left_files),
    ...(row.step_at === null ? {} : { stepAt: row.step_at }),
    ...(row.problem === null ? {} : { problem: row.problem }),
    ...(row.done_at === null ? {} : { doneAt: row.done_at }),
  };
}

/** Adds to what a run has done. Own commit, so that progress shows while a long step goes on. */
export async function noteStep(
  db: Db,
  run: ResealRun,
  step: {
    readonly afterSha256: string;
    readonly files: number;
    readonly sizeBytes: number;
    readonly at: Date;
  },
): Promise<void> {
  await sql`
    update vault.reseal_run set after_sha256 = ${step.afterSha256}, files = files + ${step.files},
      size_bytes = size_bytes + ${step.sizeBytes}, step_at = ${step.at}, problem = null
    where id = ${run.id}::uuid and done_at is null`.execute(db);
}

/** Counts anew what a run has done, because a worker that was killed had no time to note it. */
export async function recountProgress(db: Db, run: ResealRun): Promise<void> {
  await sql`
    with elsewhere as (
      select count(*) as files, coalesce(sum(size_bytes), 0) as size_bytes
      from vault.seal seal where (${isLeft(run, false)}) or (${isLeft(run, true)})
    )
    update vault.reseal_run run set
      files = greatest(run.files, run.total_files - elsewhere.files),
      size_bytes = greatest(run.size_bytes, run.total_bytes - elsewhere.size_bytes)
    from elsewhere where run.id = ${run.id}::uuid and run.done_at is null`.execute(db);
}

export async function noteProblem(db: Db, run: ResealRun, problem: string, at: Date): Promise<void> {
  await db
    .updateTable('vault.reseal_run')
    .set({ problem, step_at: at })
    .where('id', '=', run.id)
    .where('done_at', 'is', null)
    .execute();
}

export async function endRun(
  db: Db,
  run: ResealRun,
  end: { readonly at: Date; readonly leftFiles: number; readonly problem?: string },
): Promise<void> {
  await db
    .updateTable('vault.reseal_run')
    .set({ done_at: end.at, left_files: end.leftFiles, problem: end.problem ?? null })
    .where('id', '=', run.id)
    .where('done_at', 'is', null)
    .execute();
}

/** A run that was done takes up what came late. False when another one is under way. */
export async function reopenRun(db: Db, run: ResealRun): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update vault.reseal_run set done_at = null, after_sha256 = '',
      total_files = files + (select count(*) from vault.seal seal where ${isLeft(run, false)}),
      total_bytes = size_bytes
        + (select coalesce(sum(seal.size_bytes), 0) from vault.seal seal where ${isLeft(run, false)})
    where id = ${run.id}::uuid and done_at is not null
      and not exists (select from vault.reseal_run where done_at is null)`.execute(db);
  return numAffectedRows === 1n;
}

/** What a run still has to do. Damaged bytes cannot be read, so they are left until they are restored. */
function isLeft(target: ResealTarget, isDamaged: boolean) {
  const elsewhere =
    target.kind === 'rotate'
      ? sql`(seal.key_id < ${target.target} or seal.key_id > ${target.target})`
      : sql`(seal.store < ${target.target} or seal.store > ${target.target})`;
  const damage = isDamaged ? sql`seal.damaged_at is not null` : sql`seal.damaged_at is null`;
  return sql`${elsewhere} and seal.location is not null and ${damage}`;
}

export async function leftToDo(
  db: Db,
  target: ResealTarget,
): Promise<{ readonly files: number; readonly sizeBytes: number }> {
  const { rows } = await sql<{ files: string; size_bytes: string }>`
    select count(*) as files, coalesce(sum(seal.size_bytes), 0) as size_bytes
    from vault.seal seal where ${isLeft(target, false)}`.execute(db);
  return { files: Number(rows[0]?.files ?? 0), sizeBytes: Number(rows[0]?.size_bytes ?? 0) };
}

/** Whether anything sound is left, found through the index on keys or stores. */
export async function isAnythingLeft(db: Db, target: ResealTarget): Promise<boolean> {
  const { rows } = await sql`
    select 1 from vault.seal seal where ${isLeft(target, false)} limit 1`.execute(db);
  return rows.length > 0;
}

export async function countDamagedLeft(db: Db, target: ResealTarget): Promise<number> {
  const { rows } = await sql<{ files: string }>`
    select count(*) as files from vault.seal seal where ${isLeft(target, true)}`.execute(db);
  return Number(rows[0]?.files ?? 0);
}

/** The next seals that a run has to visit, by rising SHA-256. */
export async function nextToReseal(db: Db, run: ResealRun, limit: number): Promise<readonly SealRow[]> {
  const columns = sql.join(sealColumns.map((column) => sql.ref(`seal.${column}`)));
  const { rows } = await sql<Parameters<typeof sealOf>[0]>`
    select ${columns} from vault.seal seal
    where seal.sha256 > ${run.afterSha256} and ${isLeft(run, false)}
    order by seal.sha256 limit ${limit}`.execute(db);
  return rows.map(sealOf);
}

/** Gives a seal the fresh copy of the same bytes, which was read back whole. */
export async function putInPlace(
  db: Db,
  copy: { readonly sha256: Sha256; readonly store: string; readonly place: string; readonly keyId: string },
  at: Date,
): Promise<void> {
  await db
    .updateTable('vault.seal')
    .set({ store: copy.store, location: copy.place, key_id: copy.keyId, verified_at: at })
    .where('sha256', '=', copy.sha256)
    .execute();
}

/** How much stands in each store. */
export async function storesInUse(
  db: Db,
): Promise<readonly { readonly id: string; readonly files: number; readonly sizeBytes: number }[]> {
  const { rows } = await sql<{ store: string; files: string; size_bytes: string }>`
    select store, count(*) as files, sum(size_bytes) as size_bytes
    from vault.seal where location is not null group by store order by store`.execute(db);
  return rows.map((row) => ({
    id: row.store,
    files: Number(row.files),
    sizeBytes: Number(row.size_bytes),
  }));
}
