import { type Kysely, sql } from 'kysely';
import type { DB } from '#platform/database-types';
import type { Permission } from '../permissions.ts';
import type { Origins } from './consent.ts';

/** The SQL of proposals. Lock order: the proposal's row first, everything else after it. */
type Db = Kysely<DB>;

export interface ProposalRow {
  readonly id: string;
  readonly deed: string;
  readonly input: unknown;
  readonly digest: string;
  readonly sentence: string;
  readonly reason: string;
  readonly people: number;
  readonly permission: string;
  readonly askedBy: { readonly kind: 'staff' | 'system'; readonly id: string; readonly name: string };
  readonly askedAt: Date;
  readonly expiresAt: Date;
  readonly state: 'open' | 'done' | 'declined' | 'withdrawn';
  readonly endedAt: Date | null;
  readonly result: Record<string, unknown> | null;
  /** For cursors: what `askedAt` cuts short. */
  readonly askedMicros: string;
}

export interface VoteRow {
  readonly proposalId: string;
  readonly staffId: string;
  readonly staffName: string;
  readonly vote: 'approve' | 'decline';
  readonly note: string | null;
  readonly digest: string;
  readonly votedAt: Date;
}

const columns = sql`id::text as id, deed, input, input_sha256 as digest, sentence, reason, people, permission,
  json_build_object('kind', asked_by_kind, 'id', asked_by, 'name', asked_by_name) as "askedBy", asked_at as "askedAt",
  expires_at as "expiresAt", state, ended_at as "endedAt", result,
  (extract(epoch from asked_at) * 1000000)::bigint::text as "askedMicros"`;

export async function insertProposal(
  db: Db,
  row: Omit<ProposalRow, 'state' | 'endedAt' | 'result' | 'askedMicros'>,
): Promise<void> {
  await db
    .insertInto('access.proposal')
    .values({
      id: row.id,
      deed: row.deed,
      input: JSON.stringify(row.input),
      input_sha256: row.digest,
      sentence: row.sentence,
      reason: row.reason,
      people: row.people,
      permission: row.permission,
      asked_by_kind: row.askedBy.kind,
      asked_by: row.askedBy.id,
      asked_by_name: row.askedBy.name,
      asked_at: row.askedAt,
      expires_at: row.expiresAt,
    })
    .execute();
}

/** The proposal, held alone until the transaction ends, so that of two who vote at once the second sees the first. */
export async function lockProposal(db: Db, id: string): Promise<ProposalRow | undefined> {
  await sql`select from access.proposal where id = ${id} for update`.execute(db);
  return await findProposal(db, id);
}

export async function findProposal(db: Db, id: string): Promise<ProposalRow | undefined> {
  const { rows } = await sql<ProposalRow>`select ${columns} from access.proposal where id = ${id}`.execute(
    db,
  );
  return rows[0];
}

/** An open proposal for exactly this. */
export async function openTwin(db: Db, digest: string, now: Date): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    select id::text as id from access.proposal where state = 'open' and expires_at > ${now} and input_sha256 = ${digest}
    limit 1`.execute(db);
  return rows[0]?.id;
}

export async function countOpen(db: Db, now: Date): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from access.proposal where state = 'open' and expires_at > ${now}`.execute(db);
  return rows[0]?.n ?? 0;
}

export async function insertVote(db: Db, vote: VoteRow): Promise<void> {
  await db
    .insertInto('access.proposal_vote')
    .values({
      proposal_id: vote.proposalId,
      staff_id: vote.staffId,
      staff_name: vote.staffName,
      vote: vote.vote,
      note: vote.note,
      input_sha256: vote.digest,
      voted_at: vote.votedAt,
    })
    .execute();
}

export async function votesOf(db: Db, proposalIds: readonly string[]): Promise<readonly VoteRow[]> {
  if (proposalIds.length === 0) return [];
  const { rows } = await sql<VoteRow>`
    select proposal_id::text as "proposalId", staff_id::text as "staffId", staff_name as "staffName", vote, note,
      input_sha256 as digest, voted_at as "votedAt"
    from access.proposal_vote where proposal_id = any(${proposalIds}::uuid[]) order by voted_at, staff_id`.execute(
    db,
  );
  return rows;
}

export async function endProposal(
  db: Db,
  id: string,
  end: {
    readonly state: 'done' | 'declined' | 'withdrawn';
    readonly at: Date;
    readonly result?: Record<string, unknown>;
  },
): Promise<void> {
  await db
    .updateTable('access.proposal')
    .set({
      state: end.state,
      ended_at: end.at,
      result: end.result === undefined ? null : JSON.stringify(end.result),
    })
    .where('id', '=', id)
    .execute();
}

/** Everybody who may sign in now, with their roles: at most a few hundred in any bureau. */
export async function activeStaff(
  db: Db,
): Promise<readonly { readonly id: string; readonly name: string; readonly roles: readonly string[] }[]> {
  return await db
    .selectFrom('access.staff')
    .select(['id', 'name', 'roles'])
    .where('disabled_at', 'is', null)
    .execute();
}

/**
 * What makes an account or opens a way into it; its audit row names the account as `staff:` and the id. Emergency codes
 * are printed by the machine's administrator alone.
 */
const makings = ['add-staff', 'issue-sign-in-link'];

/**
 * For each of these accounts, the people from whom a way into it came since `since`, over however many hands. The trail
 * is asked, because it is what nobody can change; what the machine's administrator did ties nobody.
 */
export async function originsOf(db: Db, ids: readonly string[], since: Date): Promise<Origins> {
  const asked = [...new Set(ids)];
  if (asked.length === 0) return new Map();
  const { rows } = await sql<{ account: string; maker: string }>`
    with recursive origin (account, maker) as (
      select id, id from unnest(${asked}::text[]) as asked (id)
      union
      select origin.account, audit.actor_id from origin
        join access.audit on audit.subject = 'staff:' || origin.maker
      where audit.action = any(${makings}::text[]) and audit.outcome = 'done' and audit.actor_kind = 'staff'
        and audit.at > ${since}
    )
    select account, maker from origin`.execute(db);
  const makers = Map.groupBy(rows, ({ account }) => account);
  return new Map([...makers].map(([account, found]) => [account, new Set(found.map(({ maker }) => maker))]));
}

export interface ProposalQuery {
  readonly state: 'open' | 'ended' | 'all';
  readonly reader: {
    readonly id: string;
    readonly permissions: readonly Permission[];
    readonly seesAll: boolean;
  };
  readonly before?: { readonly micros: string; readonly id: string };
  readonly limit: number;
  readonly now: Date;
}

/** Proposals that concern the reader: their own, those they may vote on, or all for whoever reads the audit. Newest first. */
export async function listProposals(db: Db, query: ProposalQuery): Promise<readonly ProposalRow[]> {
  const { reader, before, now } = query;
  const concerns = reader.seesAll
    ? sql`true`
    : sql`(asked_by = ${reader.id} or permission = any(${[...reader.permissions]}))`;
  const state =
    query.state === 'all'
      ? sql`true`
      : query.state === 'open'
        ? sql`(state = 'open' and expires_at > ${now})`
        : sql`(state <> 'open' or expires_at <= ${now})`;
  const beyond =
    before === undefined
      ? sql`true`
      : sql`(asked_at, id) < (timestamptz 'epoch' + ${before.micros}::bigint * interval '1 microsecond', ${before.id}::uuid)`;
  const { rows } = await sql<ProposalRow>`
    select ${columns} from access.proposal where ${concerns} and ${state} and ${beyond}
    order by asked_at desc, access.proposal.id desc limit ${query.limit}`.execute(db);
  return rows;
}

/** Open proposals that this person may vote on and has not, and those that they asked for. */
export async function countWaiting(
  db: Db,
  reader: { readonly id: string; readonly permissions: readonly Permission[] },
  now: Date,
): Promise<{ readonly approvals: number; readonly asked: number }> {
  const { rows } = await sql<{ approvals: number; asked: number }>`
    select count(*) filter (where asked_by <> ${reader.id} and permission = any(${[...reader.permissions]})
        and not exists (select from access.proposal_vote vote
          where vote.proposal_id = proposal.id and vote.staff_id::text = ${reader.id}))::int as approvals,
      count(*) filter (where asked_by = ${reader.id})::int as asked
    from access.proposal proposal where state = 'open' and expires_at > ${now}`.execute(db);
  return rows[0] ?? { approvals: 0, asked: 0 };
}
