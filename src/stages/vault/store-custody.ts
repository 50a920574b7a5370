import { type Kysely, sql } from 'kysely';
import type { Actor } from '#access';
import type { FileId, ReportId, Sha256 } from '#base/ids';
import type { DB } from '#platform/database-types';

/** Who holds which bytes, and everything that happened to them. */
type Db = Kysely<DB>;

export interface HoldingRow {
  readonly sha256: Sha256;
  readonly reportId: ReportId;
  readonly isReleased: boolean;
}

export interface NewHolding {
  readonly sha256: Sha256;
  readonly fileId: FileId;
  readonly reportId: ReportId;
  readonly heldAt: Date;
  readonly by: Actor;
  readonly note?: string;
}

/** Adds a holder and its custody entry. The seal's row is held by then, shared or alone. */
export async function insertHolding(db: Db, holding: NewHolding): Promise<void> {
  const { sha256, fileId, reportId, heldAt, by, note } = holding;
  await sql`
    with held as (
      insert into vault.holding (sha256, file_id, report_id, held_at)
      values (${sha256}, ${fileId}, ${reportId}, ${heldAt})
      returning *
    )
    insert into vault.custody (at, sha256, act, actor_kind, actor_id, report_id, file_id, note)
    select held_at, sha256, 'received', ${by.kind}, ${by.id}, report_id, file_id, ${note ?? null} from held`.execute(
    db,
  );
}

export async function findHolding(db: Db, fileId: FileId): Promise<HoldingRow | undefined> {
  const row = await db
    .selectFrom('vault.holding')
    .select(['sha256', 'report_id', 'released_at'])
    .where('file_id', '=', fileId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    sha256: row.sha256 as Sha256,
    reportId: row.report_id as ReportId,
    isReleased: row.released_at !== null,
  };
}

/** Releases every holding of a report that is still held, and leaves a custody entry for each. */
export async function releaseHoldings(db: Db, reportId: ReportId, at: Date, by: Actor): Promise<number> {
  const { numAffectedRows } = await sql`
    with released as (
      update vault.holding set released_at = ${at} where report_id = ${reportId} and released_at is null
      returning *
    )
    insert into vault.custody (at, sha256, act, actor_kind, actor_id, report_id, file_id)
    select released_at, sha256, 'released', ${by.kind}, ${by.id}, report_id, file_id
    from released order by held_at, file_id`.execute(db);
  return Number(numAffectedRows ?? 0n);
}

export async function hasHolder(db: Db, sha256: Sha256): Promise<boolean> {
  const row = await db
    .selectFrom('vault.holding')
    .select('file_id')
    .where('sha256', '=', sha256)
    .where('released_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Seals with bytes that no file record holds any longer, by rising SHA-256; of one report, or of all. */
export async function unheldSeals(
  db: Db,
  options: { readonly reportId?: ReportId; readonly limit: number },
): Promise<readonly Sha256[]> {
  const { reportId } = options;
  let query = db
    .selectFrom('vault.seal as seal')
    .select('seal.sha256')
    .where('seal.location', 'is not', null)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('vault.holding as held')
            .select('held.file_id')
            .whereRef('held.sha256', '=', 'seal.sha256')
            .where('held.released_at', 'is', null),
        ),
      ),
    );
  if (reportId !== undefined) {
    query = query.where('seal.sha256', 'in', (eb) =>
      eb.selectFrom('vault.holding as once').select('once.sha256').where('once.report_id', '=', reportId),
    );
  }
  const rows = await query.orderBy('seal.sha256').limit(options.limit).execute();
  return rows.map((row) => row.sha256 as Sha256);
}

type CustodyAct =
  | 'received'
  | 'verified'
  | 'read'
  | 'released'
  | 'damaged'
  | 'destroyed'
  | 'moved'
  | 'resealed'
  | 'quarantined'
  | 'restored'
  | 'erased';

export interface CustodyEntry {
  readonly at: Date;
  readonly sha256: Sha256;
  readonly act: CustodyAct;
  readonly actor: Pick<Actor, 'kind' | 'id'>;
  readonly reportId?: ReportId;
  readonly fileId?: FileId;
  readonly note?: string;
}

export async function insertCustody(db: Db, entries: readonly CustodyEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await db
    .insertInto('vault.custody')
    .values(
      entries.map((entry) => ({
        at: entry.at,
        sha256: entry.sha256,
        act: entry.act,
        actor_kind: entry.actor.kind,
        actor_id: entry.actor.id,
        report_id: entry.reportId ?? null,
        file_id: entry.fileId ?? null,
        note: entry.note ?? null,
      })),
    )
    .execute();
}

/** Everything that happened to the bytes that a report holds or held, in order; other reports' entries left out. */
export async function custodyOf(db: Db, reportId: ReportId): Promise<readonly CustodyEntry[]> {
  const rows = await db
    .selectFrom('vault.custody as entry')
    .selectAll()
    .where((eb) =>
      eb.or([
        eb('entry.report_id', '=', reportId),
        eb.and([
          eb('entry.report_id', 'is', null),
          eb('entry.sha256', 'in', (sub) =>
            sub.selectFrom('vault.holding').select('sha256').where('report_id', '=', reportId),
          ),
        ]),
      ]),
    )
    .orderBy('entry.id')
    .execute();
  return rows.map((row) => ({
    at: row.at,
    sha256: row.sha256 as Sha256,
    act: row.act as CustodyAct,
    actor: { kind: row.actor_kind as Actor['kind'], id: row.actor_id },
    ...(row.report_id === null ? {} : { reportId: row.report_id as ReportId }),
    ...(row.file_id === null ? {} : { fileId: row.file_id as FileId }),
    ...(row.note === null ? {} : { note: row.note }),
  }));
}
