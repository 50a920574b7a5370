import { type Kysely, sql } from 'kysely';
import type { ReportId } from '#base/ids';
import type { DB } from '#platform/database-types';

/** The SQL of the register of erasures. */
type Db = Kysely<DB>;

/** Somebody who decided that a report is erased. */
export interface DecidedBy {
  readonly id: string;
  readonly name: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly part: 'asked' | 'approved' | 'set-schedule';
}

/** What the certificate says of what was erased. */
export interface ErasedFacts {
  readonly reference: string;
  readonly environment: 'production' | 'sandbox';
  readonly profile: 'cybertip' | 'uk';
  readonly filedAt: string;
  readonly documentDigest: string;
  readonly files: readonly { readonly fileId: string; readonly digest: string; readonly isShared: boolean }[];
  readonly counts: Readonly<Record<string, number>>;
}

export interface ErasureRow {
  readonly reportId: ReportId;
  readonly id: string;
  readonly state: 'approved' | 'erased' | 'certified' | 'stopped';
  readonly ground: 'schedule' | 'order';
  readonly basis: string;
  readonly scheduleProfile: 'cybertip' | 'uk';
  readonly scheduleVersion: number;
  readonly dueAt: Date;
  readonly approvedAt: Date;
  readonly approvedBy: readonly DecidedBy[];
  readonly proposalId: string | null;
  readonly erasedAt: Date | null;
  readonly facts: ErasedFacts | null;
  readonly places: readonly string[] | null;
  readonly certifiedAt: Date | null;
  readonly certificate: string | null;
  readonly approvedMicros: string;
}

const columns = sql`report_id::text as "reportId", id::text as id, state, ground, basis,
  schedule_profile as "scheduleProfile", schedule_version as "scheduleVersion", due_at as "dueAt",
  approved_at as "approvedAt", approved_by as "approvedBy", proposal_id::text as "proposalId", erased_at as "erasedAt",
  facts, places, certified_at as "certifiedAt", certificate,
  (extract(epoch from approved_at) * 1000000)::bigint::text as "approvedMicros"`;

/** Puts an approved erasure on the register, also in the place of one that a hold had stopped. */
export async function insertErasure(
  db: Db,
  row: Pick<
    ErasureRow,
    | 'reportId'
    | 'id'
    | 'ground'
    | 'basis'
    | 'scheduleProfile'
    | 'scheduleVersion'
    | 'dueAt'
    | 'approvedAt'
    | 'approvedBy'
    | 'proposalId'
  >,
): Promise<void> {
  await sql`
    insert into retain.erasure as known (report_id, id, state, ground, basis, schedule_profile, schedule_version, due_at,
      approved_at, approved_by, proposal_id)
    values (${row.reportId}, ${row.id}, 'approved', ${row.ground}, ${row.basis}, ${row.scheduleProfile},
      ${row.scheduleVersion}, ${row.dueAt}, ${row.approvedAt}, ${JSON.stringify(row.approvedBy)}, ${row.proposalId})
    on conflict (report_id) do update
    set id = excluded.id, state = excluded.state, ground = excluded.ground, basis = excluded.basis,
      schedule_profile = excluded.schedule_profile, schedule_version = excluded.schedule_version,
      due_at = excluded.due_at, approved_at = excluded.approved_at, approved_by = excluded.approved_by,
      proposal_id = excluded.proposal_id
    where known.state = 'stopped'`.execute(db);
}

export async function findErasure(db: Db, reportId: ReportId): Promise<ErasureRow | undefined> {
  const { rows } = await sql<ErasureRow>`
    select ${columns} from retain.erasure where report_id = ${reportId}`.execute(db);
  return rows[0];
}

export async function stopErasure(db: Db, reportId: ReportId): Promise<void> {
  await sql`update retain.erasure set state = 'stopped' where report_id = ${reportId} and state = 'approved'`.execute(
    db,
  );
}

export async function markErased(
  db: Db,
  reportId: ReportId,
  done: { readonly at: Date; readonly facts: ErasedFacts; readonly places: readonly string[] },
): Promise<void> {
  await sql`
    update retain.erasure set state = 'erased', erased_at = ${done.at}, facts = ${JSON.stringify(done.facts)},
      places = ${JSON.stringify(done.places)}
    where report_id = ${reportId}`.execute(db);
}

export async function markCertified(
  db: Db,
  reportId: ReportId,
  certificate: { readonly at: Date; readonly text: string },
): Promise<void> {
  await sql`
    update retain.erasure set state = 'certified', certified_at = ${certificate.at}, certificate = ${certificate.text}
    where report_id = ${reportId}`.execute(db);
}

/** Puts back a line of the register that a restore lost; the erasure itself is done again by whoever calls. */
export async function restoreErasure(
  db: Db,
  row: Omit<ErasureRow, 'approvedMicros' | 'state'>,
): Promise<void> {
  const state = row.certificate === null ? 'erased' : 'certified';
  await sql`
    insert into retain.erasure (report_id, id, state, ground, basis, schedule_profile, schedule_version, due_at,
      approved_at, approved_by, proposal_id, erased_at, facts, places, certified_at, certificate)
    values (${row.reportId}, ${row.id}, ${state}, ${row.ground}, ${row.basis}, ${row.scheduleProfile},
      ${row.scheduleVersion}, ${row.dueAt}, ${row.approvedAt}, ${JSON.stringify(row.approvedBy)}, ${row.proposalId},
      ${row.erasedAt}, ${JSON.stringify(row.facts)}, ${JSON.stringify(row.places)}, ${row.certifiedAt}, ${row.certificate})
    on conflict (report_id) do update
    set id = excluded.id, state = excluded.state, ground = excluded.ground, basis = excluded.basis,
      approved_at = excluded.approved_at, approved_by = excluded.approved_by, erased_at = excluded.erased_at,
      facts = excluded.facts, places = excluded.places, certified_at = excluded.certified_at,
      certificate = excluded.certificate`.execute(db);
}

/** The newest first. */
export async function listErasures(
  db: Db,
  query: { readonly before?: { readonly micros: string; readonly id: string }; readonly limit: number },
): Promise<readonly ErasureRow[]> {
  const { before } = query;
  const beyond =
    before === undefined
      ? sql`true`
      : sql`(approved_at, report_id) < (timestamptz 'epoch' + ${before.micros}::bigint * interval '1 microsecond', ${before.id}::bigint)`;
  const { rows } = await sql<ErasureRow>`
    select ${columns} from retain.erasure where ${beyond}
    order by approved_at desc, report_id desc limit ${query.limit}`.execute(db);
  return rows;
}

/** How far the register is. */
export async function countErasures(db: Db): Promise<Readonly<Record<ErasureRow['state'], number>>> {
  const { rows } = await sql<{ state: ErasureRow['state']; n: number }>`
    select state, count(*)::int as n from retain.erasure group by state`.execute(db);
  const counted = new Map(rows.map(({ state, n }) => [state, n]));
  const of = (state: ErasureRow['state']) => counted.get(state) ?? 0;
  return {
    approved: of('approved'),
    erased: of('erased'),
    certified: of('certified'),
    stopped: of('stopped'),
  };
}
