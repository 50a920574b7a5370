import type { Role } from '#contract/administration';
import { recordAudit } from '../audit.ts';
import { accessRefusal } from '../codes.ts';
import type { Ctx, StaffActor } from '../ctx.ts';
import { permissionsOf } from '../permissions.ts';
import { controlRefusal } from './codes.ts';
import { agreeing, type ConsentFacts, type Origins, stillNeeded, tieDays } from './consent.ts';
import type { Agreement, ControlledDeed } from './controlled-deed.ts';
import { inputDigest } from './input-digest.ts';
import {
  activeStaff,
  endProposal,
  insertVote,
  lockProposal,
  originsOf,
  type ProposalRow,
  type VoteRow,
  votesOf,
} from './proposal-store.ts';

export type Deeds = ReadonlyMap<string, ControlledDeed>;

interface Vote {
  readonly proposalId: string;
  /** Of what the voter was shown. */
  readonly digest: string;
}

/**
 * Approves a proposal. When with this enough people agree, the deed runs in this transaction and leaves an audit row
 * of its own with every name. A refusal of the deed undoes the approval, too: it can be given again once the cause
 * is put right. Refuses whose account is tied to that of somebody who agreed before.
 * @returns how many more people are needed; 0 when the deed has run
 */
export async function approveProposal(
  ctx: Ctx<StaffActor>,
  deeds: Deeds,
  input: Vote,
): Promise<{
  readonly proposal: ProposalRow;
  readonly needed: number;
  readonly result?: Record<string, unknown>;
}> {
  const { proposal, deed } = await votable(ctx, deeds, input);
  const before = await votesOf(ctx.tx.db, [proposal.id]);
  const vote = voteOf(ctx, input, 'approve', null);
  const votes = [...before, vote];
  const origins = await originsNow(ctx, [proposal], votes);
  const facts = factsOf(proposal, votes, { deed, origins });
  const permitted = await permittedNow(ctx, deed);
  const agreedBefore = agreeing(factsOf(proposal, before, { deed, origins }), permitted);
  if (agreeing(facts, permitted).size <= agreedBefore.size)
    throw controlRefusal('control.not-independent', { subject: subjectOf(proposal) });
  await insertVote(ctx.tx.db, vote);
  const needed = stillNeeded(facts, permitted);
  if (needed > 0) return { proposal, needed };
  const agreement = agreementOf(proposal, votes, agreeing(facts, permitted));
  const result = await deed.run(ctx, proposal.input, agreement);
  await endProposal(ctx.tx.db, proposal.id, { state: 'done', at: ctx.now, result });
  const names = agreement.approvedBy.map((person) => person.name).join(', ');
  await recordAudit(ctx.tx, {
    at: ctx.now,
    actor: ctx.actor,
    action: deed.name,
    outcome: 'done',
    subject: `proposal:${proposal.id}`,
    why: `asked by ${agreement.askedBy.name}, approved by ${names}: ${proposal.reason}`,
    details: { digest: proposal.digest, askedBy: agreement.askedBy.id, people: proposal.people },
  });
  return { proposal, needed: 0, result };
}

/** Declines a proposal, which ends it. */
export async function declineProposal(
  ctx: Ctx<StaffActor>,
  deeds: Deeds,
  input: Vote & { readonly note: string },
): Promise<ProposalRow> {
  const { proposal } = await votable(ctx, deeds, input);
  await insertVote(ctx.tx.db, voteOf(ctx, input, 'decline', input.note.trim()));
  await endProposal(ctx.tx.db, proposal.id, { state: 'declined', at: ctx.now });
  return proposal;
}

/** Takes one's own proposal back. What a job or the machine asked for is withdrawn by the machine. */
export async function withdrawProposal(
  ctx: Ctx,
  input: { readonly proposalId: string },
): Promise<ProposalRow> {
  const proposal = await lockProposal(ctx.tx.db, input.proposalId);
  if (proposal === undefined) throw controlRefusal('control.unknown-proposal');
  refuseEnded(ctx, proposal);
  const { askedBy } = proposal;
  const isOwn = askedBy.kind === 'staff' ? askedBy.id === ctx.actor.id : ctx.actor.kind === 'system';
  if (!isOwn) throw controlRefusal('control.not-yours', { subject: subjectOf(proposal) });
  await endProposal(ctx.tx.db, proposal.id, { state: 'withdrawn', at: ctx.now });
  return proposal;
}

/** The proposal locked, if this person may vote on it now and was shown what it asks for. */
async function votable(
  ctx: Ctx<StaffActor>,
  deeds: Deeds,
  input: Vote,
): Promise<{ readonly proposal: ProposalRow; readonly deed: ControlledDeed }> {
  const proposal = await lockProposal(ctx.tx.db, input.proposalId);
  if (proposal === undefined) throw controlRefusal('control.unknown-proposal');
  const subject = subjectOf(proposal);
  const deed = deeds.get(proposal.deed);
  if (deed === undefined) throw controlRefusal('control.unknown-deed', { subject });
  refuseEnded(ctx, proposal);
  if (proposal.askedBy.id === ctx.actor.id) throw controlRefusal('control.own-proposal', { subject });
  // Asked of the staff's row as it is now, not of the session: a role may be gone since it began.
  if (!(await permittedNow(ctx, deed)).has(ctx.actor.id))
    throw accessRefusal('access.not-permitted', { subject });
  const votes = await votesOf(ctx.tx.db, [proposal.id]);
  if (votes.some(({ staffId }) => staffId === ctx.actor.id))
    throw controlRefusal('control.voted-already', { subject });
  const digest = inputDigest(deed.name, proposal.input);
  if (digest !== proposal.digest || digest !== input.digest)
    throw controlRefusal('control.digest-differs', { subject });
  return { proposal, deed };
}

function refuseEnded(ctx: Ctx, proposal: ProposalRow): void {
  if (proposal.state !== 'open' || proposal.expiresAt <= ctx.now)
    throw controlRefusal('control.proposal-ended', { subject: subjectOf(proposal) });
}

/** Ids of everybody who could agree to this deed at this moment. */
async function permittedNow(ctx: Ctx, deed: ControlledDeed): Promise<ReadonlySet<string>> {
  const staff = await activeStaff(ctx.tx.db);
  return new Set(
    staff
      .filter(({ roles }) => permissionsOf(roles as readonly Role[]).has(deed.permission))
      .map(({ id }) => id),
  );
}

/** From whom the accounts of those who asked and voted came, as far as that ties them at this moment. */
export async function originsNow(
  ctx: Ctx,
  proposals: readonly ProposalRow[],
  votes: readonly VoteRow[],
): Promise<Origins> {
  const askers = proposals.filter(({ askedBy }) => askedBy.kind === 'staff').map(({ askedBy }) => askedBy.id);
  const ids = [...askers, ...votes.map(({ staffId }) => staffId)];
  return await originsOf(ctx.tx.db, ids, new Date(ctx.now.getTime() - tieDays * 86_400_000));
}

/** A deed that meanwhile asks for more people is not done with fewer. */
export function factsOf(
  proposal: ProposalRow,
  votes: readonly VoteRow[],
  { deed, origins }: { readonly deed: ControlledDeed | undefined; readonly origins: Origins },
): ConsentFacts {
  return {
    people: Math.max(proposal.people, deed?.people ?? 0),
    askedBy: proposal.askedBy,
    digest: proposal.digest,
    approvals: votes
      .filter(({ vote }) => vote === 'approve')
      .map(({ staffId, digest }) => ({ staffId, digest })),
    origins,
  };
}

function agreementOf(
  proposal: ProposalRow,
  votes: readonly VoteRow[],
  agreed: ReadonlySet<string>,
): Agreement {
  return {
    proposalId: proposal.id,
    reason: proposal.reason,
    askedBy: proposal.askedBy,
    askedAt: proposal.askedAt,
    approvedBy: votes
      .filter(({ staffId, vote }) => vote === 'approve' && agreed.has(staffId))
      .map(({ staffId, staffName, votedAt }) => ({ id: staffId, name: staffName, at: votedAt })),
  };
}

function voteOf(ctx: Ctx<StaffActor>, input: Vote, vote: VoteRow['vote'], note: string | null): VoteRow {
  const { id, name } = ctx.actor;
  const { proposalId, digest } = input;
  return { proposalId, staffId: id, staffName: name, vote, note, digest, votedAt: ctx.now };
}

export function subjectOf(proposal: { readonly id: string }): string {
  return `proposal:${proposal.id}`;
}
