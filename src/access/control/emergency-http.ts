import { Type } from 'typebox';
import {
  type Emergency,
  EmergencyBody,
  EmergencyCodesReply,
  EmergencyListReply,
  EmergencyReply,
  EmergencyReviewBody,
} from '#contract/control';
import type { Ctx, StaffActor } from '../ctx.ts';
import { permissionsOf } from '../permissions.ts';
import { defineRoute, type Route } from '../route.ts';
import { controlRefusal } from './codes.ts';
import { CursorText, isUuid, Limit, pageFrom, readCursor, UuidParam, usualLimit } from './cursor.ts';
import { printEmergencyCodes } from './emergency-codes.ts';
import { type EmergencyRow, endEmergency, listEmergencies } from './emergency-store.ts';
import { reviewEmergency } from './review-emergency.ts';
import { takeEmergencyAccess } from './take-emergency-access.ts';

const EmergencyParams = Type.Object({ emergencyId: UuidParam });

/** Emergency access. Works with nothing but this bureau. Paths are relative to `/v1`. */
export function emergencyRoutes(parts: { readonly emergencyMinutes: number }): readonly Route[] {
  return [...ownRoutes(parts.emergencyMinutes), ...reviewRoutes(), codesRoute];
}

function ownRoutes(minutes: number): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/desk/emergencies',
      permission: 'session:own',
      audit: 'take-emergency-access',
      summary:
        'Open one report that one’s role does not open, for a while, with a reason; supervisors are told at once',
      body: EmergencyBody,
      reply: EmergencyReply,
      handle: async (ctx, { body }) => {
        const taken = await takeEmergencyAccess(named(ctx), { ...body, minutes });
        const reply: EmergencyReply = {
          id: taken.id,
          reportId: body.reportId,
          endsAt: taken.endsAt.toISOString(),
          reviewBy: taken.reviewBy.toISOString(),
        };
        const details = { emergency: taken.id, minutes };
        const why = `emergency access ${taken.id}: ${body.reason.trim()}`;
        return { status: 201, body: reply, subject: `report:${body.reportId}`, why, details };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/desk/emergencies/:emergencyId/end',
      permission: 'session:own',
      audit: 'end-emergency-access',
      summary: 'End one’s own emergency access before its time; it is reviewed all the same',
      params: EmergencyParams,
      handle: async (ctx, { params }) => {
        const id = idOf(params.emergencyId);
        if (!(await endEmergency(ctx.tx.db, id, ownerOf(ctx), ctx.now)))
          throw controlRefusal('control.unknown-emergency');
        return { body: { id, ended: true }, subject: `emergency:${id}` };
      },
    }),
  ];
}

function reviewRoutes(): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/desk/emergencies',
      permission: 'emergency:read',
      audit: 'list-emergencies',
      summary: 'Uses of emergency access, with who, why, what was done and what a supervisor made of it',
      query: Type.Object({
        state: Type.Optional(Type.Enum(['unreviewed', 'all'])),
        limit: Type.Optional(Limit),
        cursor: Type.Optional(CursorText),
      }),
      reply: EmergencyListReply,
      handle: async (ctx, { query }) => {
        const limit = query.limit ?? usualLimit;
        const before = readCursor(query.cursor, 'uuid');
        const rows = await listEmergencies(ctx.tx.db, {
          isUnreviewedOnly: query.state !== 'all',
          ...(before !== undefined && { before }),
          limit: limit + 1,
        });
        const place = (row: EmergencyRow) => ({ micros: row.openedMicros, id: row.id });
        const body: EmergencyListReply = pageFrom(rows, limit, (row) => emergencyOf(ctx, row), place);
        return { body, details: { count: body.items.length } };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/desk/emergencies/:emergencyId/review',
      permission: 'emergency:review',
      audit: 'review-emergency',
      summary: 'Say whether a colleague’s use of emergency access was justified',
      params: EmergencyParams,
      body: EmergencyReviewBody,
      handle: async (ctx, { params, body }) => {
        const emergencyId = idOf(params.emergencyId);
        const row = await reviewEmergency(named(ctx), { emergencyId, ...body });
        return {
          body: emergencyOf(ctx, row),
          subject: `emergency:${row.id}`,
          why: body.note,
          details: { verdict: body.verdict },
        };
      },
    }),
  ];
}

const codesRoute: Route = defineRoute({
  method: 'POST',
  path: '/desk/staff/:staffId/emergency-codes',
  permission: 'emergency:codes',
  needs: 'recent-sign-in',
  audit: 'print-emergency-codes',
  summary: 'Make a sheet of one-time codes for one person, shown once; earlier ones stop working',
  params: Type.Object({ staffId: Type.String() }),
  reply: EmergencyCodesReply,
  handle: async (ctx, { params }) => {
    const printed = await printEmergencyCodes(ctx, params);
    const body: EmergencyCodesReply = {
      id: printed.staffId,
      name: printed.name,
      codes: [...printed.codes],
    };
    return {
      status: 201,
      body,
      subject: `staff:${printed.staffId}`,
      details: { codes: body.codes.length },
    };
  },
});

function emergencyOf(ctx: Ctx, row: EmergencyRow): Emergency {
  const { actor } = ctx;
  const mayReview = actor.kind === 'staff' && permissionsOf(actor.roles).has('emergency:review');
  return {
    id: row.id,
    kind: row.kind,
    by: { id: row.staffId, name: row.staffName },
    ...(row.reportId !== null && { reportId: row.reportId }),
    reason: row.reason,
    openedAt: row.openedAt.toISOString(),
    endsAt: row.endsAt.toISOString(),
    ...(row.endedAt !== null && { endedAt: row.endedAt.toISOString() }),
    reviewBy: row.reviewBy.toISOString(),
    isOverdue: row.reviewedAt === null && row.reviewBy <= ctx.now,
    ...(row.reviewedAt !== null &&
      row.reviewedBy !== null &&
      row.verdict !== null && {
        review: {
          by: { id: row.reviewedBy, name: row.reviewerName ?? row.reviewedBy },
          at: row.reviewedAt.toISOString(),
          verdict: row.verdict,
          ...(row.reviewNote !== null && { note: row.reviewNote }),
        },
      }),
    acts: row.acts,
    canReview: mayReview && row.reviewedAt === null && row.staffId !== actor.id,
  };
}

function idOf(text: string): string {
  if (!isUuid(text)) throw controlRefusal('control.unknown-emergency');
  return text;
}

function ownerOf(ctx: Ctx): string {
  if (ctx.actor.kind !== 'staff') throw controlRefusal('control.unknown-emergency');
  return ctx.actor.id;
}

function named(ctx: Ctx): Ctx<StaffActor> {
  const { actor } = ctx;
  if (actor.kind !== 'staff') throw controlRefusal('control.named-person-needed');
  return { ...ctx, actor };
}
