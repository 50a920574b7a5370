import { Type } from 'typebox';
import { parseStaffId } from '#base/ids';
import { SessionReply } from '#contract/administration';
import {
  AttestationOptionsReply,
  PasskeyBody,
  PasskeyListReply,
  PasskeyRenameBody,
  type SessionItem,
  SessionListReply,
} from '#contract/sign-in';
import { sha256Of } from '#platform/random';
import { readJson } from '../body.ts';
import { checked } from '../check.ts';
import { accessRefusal } from '../codes.ts';
import { defineRoute, type Route, unaudited } from '../route.ts';
import { staffById } from '../store.ts';
import { attestationOptions, checkAttestation, type NewCredential } from './check-passkey.ts';
import { endOtherSessions, endOwnSession, endSessionsOf } from './end-sessions.ts';
import { addPasskey, removePasskey, renamePasskey } from './manage-passkeys.ts';
import * as passkeyStore from './passkey-store.ts';
import { asStaff, ownToken, type SignInParts, signedInAnswer } from './route-parts.ts';
import { proofLimitBytes } from './session-http.ts';
import { sessionTokenOf, startSession } from './start-session.ts';
import * as store from './store.ts';

/** One's own passkeys and sessions under `/v1/account`, other people's sessions under `/v1/desk/staff`. */
export function accountRoutes(parts: SignInParts): readonly Route[] {
  return [addPasskeyRoute(parts), ...passkeyRoutes(parts), ...sessionListRoutes(), ...staffSessionRoutes()];
}

interface NamedCredential {
  readonly name: string;
  readonly credential: NewCredential;
}

/** Whoever came by a link that is good for this only is signed in by it. */
function addPasskeyRoute(parts: SignInParts): Route {
  return defineRoute({
    method: 'POST',
    path: '/account/passkeys',
    permission: 'passkey:add',
    needs: 'recent-sign-in',
    audit: 'add-passkey',
    summary: 'Register a passkey for oneself',
    reply: SessionReply,
    receive: {
      limitBytes: proofLimitBytes,
      accepts: { 'application/json': PasskeyBody },
      read: async ({ raw, request }): Promise<NamedCredential> => {
        const body = checked(PasskeyBody, await readJson(raw), 'body') as PasskeyBody;
        const sessionSha256 = ownToken(request);
        const now = parts.clock.now();
        return {
          name: body.name,
          credential: await checkAttestation(parts, { proof: body.proof, sessionSha256, request, now }),
        };
      },
    },
    handle: async (ctx, { received, request }) => {
      const staff = asStaff(ctx);
      const { id } = await addPasskey(staff, received);
      const { actor } = staff;
      // A session that can do more than the one before it gets a token of its own.
      const session = await startSession(ctx, {
        person: actor,
        method: 'passkey',
        minutes: parts.settings.sessionMinutes,
        request,
      });
      const answer = await signedInAnswer(ctx, parts, session, request);
      return { ...answer, details: { passkey: id } };
    },
  });
}

const PasskeyParams = Type.Object({ passkeyId: Type.String() });

function passkeyRoutes(parts: SignInParts): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/account/passkeys',
      permission: 'account:own',
      audit: unaudited('tells the reader only about passkeys of their own'),
      summary: 'One’s own passkeys',
      reply: PasskeyListReply,
      handle: async (ctx) => {
        const rows = await passkeyStore.livePasskeys(ctx.tx.db, asStaff(ctx).actor.id);
        return {
          body: {
            items: rows.map((row) => ({
              id: row.id,
              name: row.name,
              isSynced: row.is_synced,
              isSuspect: row.suspect_at !== null,
              createdAt: row.created_at.toISOString(),
              ...(row.last_used_at === null ? {} : { lastUsedAt: row.last_used_at.toISOString() }),
            })),
          } satisfies PasskeyListReply,
        };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/account/passkeys/challenge',
      permission: 'passkey:add',
      needs: 'recent-sign-in',
      audit: unaudited('gives a number to be signed, which by itself opens nothing'),
      summary: 'What a browser needs to make a passkey',
      reply: AttestationOptionsReply,
      handle: async (ctx, { request }) => ({
        body: {
          options: await attestationOptions(asStaff(ctx), {
            sessionSha256: ownToken(request),
            request,
            bureauName: parts.bureau.name,
          }),
        },
      }),
    }),
    defineRoute({
      method: 'PATCH',
      path: '/account/passkeys/:passkeyId',
      permission: 'account:own',
      audit: 'rename-passkey',
      summary: 'Give one of one’s own passkeys another name',
      params: PasskeyParams,
      body: PasskeyRenameBody,
      handle: async (ctx, { params, body }) => {
        const staff = asStaff(ctx);
        await renamePasskey(staff, { ...params, ...body });
        return { body: { id: params.passkeyId }, subject: `staff:${staff.actor.id}` };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/account/passkeys/:passkeyId',
      permission: 'account:own',
      needs: 'recent-sign-in',
      audit: 'remove-passkey',
      summary: 'Remove one of one’s own passkeys, never the only way in',
      params: PasskeyParams,
      handle: async (ctx, { params }) => {
        const staff = asStaff(ctx);
        await removePasskey(staff, { ...params, linksSignIn: parts.settings.linksSignIn });
        return {
          body: { id: params.passkeyId, isRemoved: true },
          subject: `staff:${staff.actor.id}`,
          details: { passkey: params.passkeyId },
        };
      },
    }),
  ];
}

function sessionListRoutes(): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/account/sessions',
      permission: 'account:own',
      audit: unaudited('tells the reader only about sessions of their own'),
      summary: 'One’s own sessions',
      reply: SessionListReply,
      handle: async (ctx, { request }) => {
        const rows = await store.listSessions(ctx.tx.db, asStaff(ctx).actor.id, ctx.now);
        const token = sessionTokenOf(request);
        return { body: { items: rows.map((row) => sessionItem(row, token)) } satisfies SessionListReply };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/account/sessions/:sessionId',
      permission: 'account:own',
      needs: 'recent-sign-in',
      audit: 'end-session',
      summary: 'End one of one’s own sessions',
      params: Type.Object({ sessionId: Type.String() }),
      handle: async (ctx, { params }) => {
        const staff = asStaff(ctx);
        await endOwnSession(staff, params);
        return { body: { ended: 1 }, subject: `staff:${staff.actor.id}` };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/account/sessions/end',
      permission: 'account:own',
      needs: 'recent-sign-in',
      audit: 'end-other-sessions',
      summary: 'End all of one’s own sessions but this one',
      handle: async (ctx, { request }) => {
        const staff = asStaff(ctx);
        const token = sessionTokenOf(request);
        const ended = token === undefined ? 0 : await endOtherSessions(staff, { token });
        return { body: { ended }, subject: `staff:${staff.actor.id}`, details: { ended } };
      },
    }),
  ];
}

const StaffParams = Type.Object({ staffId: Type.String() });

function staffSessionRoutes(): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/desk/staff/:staffId/sessions',
      permission: 'staff:manage',
      audit: 'list-sessions',
      summary: 'Where somebody is signed in',
      params: StaffParams,
      reply: SessionListReply,
      handle: async (ctx, { params }) => {
        const id = parseStaffId(params.staffId);
        const staff = id === undefined ? undefined : await staffById(ctx.tx.db, id);
        if (staff === undefined) throw accessRefusal('access.unknown-staff');
        const rows = await store.listSessions(ctx.tx.db, staff.id, ctx.now);
        return {
          body: { items: rows.map((row) => sessionItem(row, undefined)) } satisfies SessionListReply,
          subject: `staff:${staff.id}`,
        };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/desk/staff/:staffId/sessions/end',
      permission: 'staff:manage',
      audit: 'end-sessions',
      summary: 'End every session of a person; they may sign in again',
      params: StaffParams,
      handle: async (ctx, { params }) => {
        const ended = await endSessionsOf(ctx, params);
        return { body: { ended }, subject: `staff:${params.staffId}`, details: { ended } };
      },
    }),
  ];
}

const methods = ['link', 'passkey', 'oidc', 'emergency'] as const;

function sessionItem(row: store.SessionRow, token: string | undefined): SessionItem {
  return {
    id: row.id,
    isThis: token !== undefined && sha256Of(token).equals(row.token_sha256),
    method: methods.find((method) => method === row.method) ?? 'link',
    ...(row.device === null ? {} : { device: row.device }),
    ...(row.remote_address === null ? {} : { remoteAddress: row.remote_address }),
    startedAt: row.created_at.toISOString(),
    lastSeenAt: row.last_seen_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    isLocked: row.locked_at !== null,
  };
}
