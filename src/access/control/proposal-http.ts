import { Type } from 'typebox';
import type { Role } from '#contract/administration';
import { roles } from '#contract/administration';
import {
  ApprovalBody,
  ControlledDeedsReply,
  DeclineBody,
  Proposal,
  ProposalBody,
  ProposalListReply,
} from '#contract/control';
import type { Ctx, StaffActor } from '../ctx.ts';
import { type Permission, permissionsOf, permissionsOfMachine, permissionsOfRole } from '../permissions.ts';
import { type Answer, defineRoute, type Route, unaudited } from '../route.ts';
import { askForDeed } from './ask-for-deed.ts';
import { controlRefusal } from './codes.ts';
import { type Origins, stillNeeded } from './consent.ts';
import { CursorText, isUuid, Limit, pageFrom, readCursor, UuidParam, usualLimit } from './cursor.ts';
import {
  activeStaff,
  findProposal,
  listProposals,
  type ProposalRow,
  type VoteRow,
  votesOf,
} from './proposal-store.ts';
import {
  approveProposal,
  type Deeds,
  declineProposal,
  factsOf,
  originsNow,
  subjectOf,
  withdrawProposal,
} from './vote-on-proposal.ts';

const ProposalParams = Type.Object({ proposalId: UuidParam });

/** Proposals under two-person control. Paths are relative to `/v1`. */
export function proposalRoutes(deeds: Deeds): readonly Route[] {
  return [...readingRoutes(deeds), ...changingRoutes(deeds)];
}

function readingRoutes(deeds: Deeds): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/desk/controlled-deeds',
      permission: 'control:ask',
      audit: unaudited('tells which deeds need more than one person, which the documentation tells as well'),
      summary: 'Every deed under two-person control, with who may agree to it and what it takes',
      reply: ControlledDeedsReply,
      handle: async () => ({
        body: {
          items: [...deeds.values()].map((deed) => ({
            name: deed.name,
            people: deed.people,
            permission: deed.permission,
            heldBy: roles.filter((role) => permissionsOfRole[role].includes(deed.permission)),
            input: deed.input,
          })),
        } satisfies ControlledDeedsReply,
      }),
    }),
    defineRoute({
      method: 'GET',
      path: '/desk/proposals',
      permission: 'session:own',
      audit: 'list-proposals',
      summary: 'Proposals that concern the reader: asked for, to vote on, or all for whoever reads the audit',
      query: Type.Object({
        state: Type.Optional(Type.Enum(['open', 'ended', 'all'])),
        limit: Type.Optional(Limit),
        cursor: Type.Optional(CursorText),
      }),
      reply: ProposalListReply,
      handle: async (ctx, { query }) => {
        const limit = query.limit ?? usualLimit;
        const before = readCursor(query.cursor, 'uuid');
        const rows = await listProposals(ctx.tx.db, {
          state: query.state ?? 'open',
          reader: readerOf(ctx),
          ...(before !== undefined && { before }),
          limit: limit + 1,
          now: ctx.now,
        });
        const shown = await presenter(ctx, deeds, rows.slice(0, limit));
        const place = (row: ProposalRow) => ({ micros: row.askedMicros, id: row.id });
        const body: ProposalListReply = pageFrom(rows, limit, shown, place);
        return { body, details: { count: body.items.length } };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/desk/proposals/:proposalId',
      permission: 'session:own',
      audit: 'read-proposal',
      summary: 'One proposal, with who voted how',
      params: ProposalParams,
      reply: Proposal,
      handle: async (ctx, { params }) => await answerFor(ctx, deeds, idOf(params.proposalId)),
    }),
  ];
}

function changingRoutes(deeds: Deeds): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/desk/proposals',
      permission: 'control:ask',
      audit: 'ask-for-deed',
      summary: 'Ask for a deed that nobody does alone; others approve or decline exactly what is asked',
      body: ProposalBody,
      reply: Proposal,
      handle: async (ctx, { body }) => {
        const deed = deeds.get(body.deed);
        if (deed === undefined) throw controlRefusal('control.unknown-deed');
        const asked = await askForDeed(ctx, deed, body);
        const answer = await answerFor(ctx, deeds, asked.proposalId);
        return {
          ...answer,
          status: 201,
          why: body.reason,
          details: { deed: deed.name, digest: asked.digest },
        };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/desk/proposals/:proposalId/approval',
      permission: 'control:approve',
      needs: 'recent-sign-in',
      audit: 'approve-proposal',
      summary: 'Approve exactly what a colleague asked for; the last approval that is needed does it',
      params: ProposalParams,
      body: ApprovalBody,
      reply: Proposal,
      handle: async (ctx, { params, body }) => {
        const input = { proposalId: idOf(params.proposalId), digest: body.digest };
        const { proposal, needed } = await approveProposal(named(ctx), deeds, input);
        const answer = await answerFor(ctx, deeds, proposal.id);
        return { ...answer, why: proposal.reason, details: { deed: proposal.deed, needed } };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/desk/proposals/:proposalId/decline',
      permission: 'control:approve',
      audit: 'decline-proposal',
      summary: 'Decline what a colleague asked for, which ends it',
      params: ProposalParams,
      body: DeclineBody,
      reply: Proposal,
      handle: async (ctx, { params, body }) => {
        const input = { proposalId: idOf(params.proposalId), ...body };
        const proposal = await declineProposal(named(ctx), deeds, input);
        const answer = await answerFor(ctx, deeds, proposal.id);
        return { ...answer, why: body.note, details: { deed: proposal.deed } };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/desk/proposals/:proposalId/withdrawal',
      permission: 'control:ask',
      audit: 'withdraw-proposal',
      summary: 'Take back what one asked for',
      params: ProposalParams,
      reply: Proposal,
      handle: async (ctx, { params }) => {
        const proposal = await withdrawProposal(ctx, { proposalId: idOf(params.proposalId) });
        return { ...(await answerFor(ctx, deeds, proposal.id)), details: { deed: proposal.deed } };
      },
    }),
  ];
}

function idOf(text: string): string {
  if (!isUuid(text)) throw controlRefusal('control.unknown-proposal');
  return text;
}

function named(ctx: Ctx): Ctx<StaffActor> {
  const { actor } = ctx;
  if (actor.kind !== 'staff') throw controlRefusal('control.named-person-needed');
  return { ...ctx, actor };
}

/** What concerns this reader; a machine and whoever reads the audit see all. */
export function readerOf(ctx: Ctx): {
  readonly id: string;
  readonly permissions: readonly Permission[];
  readonly seesAll: boolean;
} {
  const { actor } = ctx;
  if (actor.kind !== 'staff')
    return { id: actor.id, permissions: permissionsOfMachine, seesAll: actor.kind === 'system' };
  const held = permissionsOf(actor.roles);
  const votes = held.has('control:approve');
  return { id: actor.id, permissions: votes ? [...held] : [], seesAll: held.has('audit:read') };
}

async function answerFor(ctx: Ctx, deeds: Deeds, proposalId: string): Promise<Answer> {
  const row = await findProposal(ctx.tx.db, proposalId);
  const reader = readerOf(ctx);
  const concerns =
    row !== undefined &&
    (reader.seesAll ||
      row.askedBy.id === reader.id ||
      reader.permissions.some((one) => one === row.permission));
  if (!concerns) throw controlRefusal('control.unknown-proposal');
  const shown = await presenter(ctx, deeds, [row]);
  return { body: shown(row) satisfies Proposal, subject: subjectOf(row) };
}

/** How these proposals are shown to this reader; votes and permissions are read once for all of them. */
async function presenter(
  ctx: Ctx,
  deeds: Deeds,
  rows: readonly ProposalRow[],
): Promise<(row: ProposalRow) => Proposal> {
  const cast = await votesOf(
    ctx.tx.db,
    rows.map(({ id }) => id),
  );
  const votes = Map.groupBy(cast, ({ proposalId }) => proposalId);
  const origins = await originsNow(ctx, rows, cast);
  const staff = await activeStaff(ctx.tx.db);
  const able = (permission: string) =>
    new Set(
      staff
        .filter((one) => permissionsOf(one.roles as readonly Role[]).has(permission as Permission))
        .map(({ id }) => id),
    );
  return (row) =>
    presented(ctx, deeds, row, { votes: votes.get(row.id) ?? [], able: able(row.permission), origins });
}

function presented(
  ctx: Ctx,
  deeds: Deeds,
  row: ProposalRow,
  more: {
    readonly votes: readonly VoteRow[];
    readonly able: ReadonlySet<string>;
    readonly origins: Origins;
  },
): Proposal {
  const isExpired = row.state === 'open' && row.expiresAt <= ctx.now;
  const isOpen = row.state === 'open' && !isExpired;
  const facts = factsOf(row, more.votes, { deed: deeds.get(row.deed), origins: more.origins });
  const isOwn = row.askedBy.id === ctx.actor.id;
  const hasVoted = more.votes.some(({ staffId }) => staffId === ctx.actor.id);
  const mayVote =
    ctx.actor.kind === 'staff' &&
    more.able.has(ctx.actor.id) &&
    permissionsOf(ctx.actor.roles).has('control:approve');
  return {
    id: row.id,
    deed: row.deed,
    sentence: row.sentence,
    reason: row.reason,
    input: row.input,
    digest: row.digest,
    people: row.people,
    needed: isOpen ? stillNeeded(facts, more.able) : 0,
    permission: row.permission,
    askedBy: { ...row.askedBy },
    askedAt: row.askedAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    state: isExpired ? 'expired' : row.state,
    ...(row.endedAt !== null && { endedAt: row.endedAt.toISOString() }),
    votes: more.votes.map(({ staffId, staffName, vote, votedAt, note }) => ({
      by: { id: staffId, name: staffName },
      vote,
      at: votedAt.toISOString(),
      ...(note !== null && { note }),
    })),
    ...(row.result !== null && { result: row.result }),
    can: {
      vote: isOpen && mayVote && !isOwn && !hasVoted && deeds.has(row.deed),
      withdraw: isOpen && (isOwn || (row.askedBy.kind === 'system' && ctx.actor.kind === 'system')),
    },
  };
}
