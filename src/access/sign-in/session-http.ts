import { Type } from 'typebox';
import { SessionReply, SignInBody } from '#contract/administration';
import { AssertionOptionsReply, PasskeyProofBody, SignOutReply, WaysReply } from '#contract/sign-in';
import { readJson } from '../body.ts';
import { checked } from '../check.ts';
import { defineRoute, type Receiving, type Route, unaudited } from '../route.ts';
import { assertionOptions, checkAssertion, type ProvedPasskey } from './check-passkey.ts';
import { endedCookie } from './cookies.ts';
import { lockSession, signOut } from './end-sessions.ts';
import { ownOrigin, relyingPartyOf } from './relying-party.ts';
import {
  asStaff,
  ownSessionReply,
  ownToken,
  renewedAnswer,
  type SignInParts,
  sessionReply,
  signedInAnswer,
} from './route-parts.ts';
import { signInByLink } from './sign-in-by-link.ts';
import { sessionTokenOf } from './start-session.ts';
import { countAsk } from './throttle.ts';
import { renewByPasskey, signInByPasskey } from './use-passkey.ts';

/** Bodies with a passkey's answer are small; the largest is a first registration with its certificates. */
export const proofLimitBytes = 128 * 1024;

/** Ways in, and the session itself: `/v1/session`. */
export function sessionRoutes(parts: SignInParts): readonly Route[] {
  return [waysRoute(parts), ...signInRoutes(parts), ...ownSessionRoutes(parts), ...renewalRoutes(parts)];
}

function waysRoute(parts: SignInParts): Route {
  return defineRoute({
    method: 'GET',
    path: '/session/ways',
    permission: 'anyone',
    audit: unaudited('tells everybody the same: how people sign in here'),
    summary: 'How people may sign in',
    reply: WaysReply,
    withoutDatabase: true,
    handle: async (_ctx, { request }) => {
      const party = relyingPartyOf(request.baseUrl);
      const { bureau, settings } = parts;
      return {
        body: {
          bureau: { name: bureau.name, isDemonstration: bureau.isDemonstration },
          linksSignIn: settings.linksSignIn,
          ...(party === undefined ? {} : { passkeyOrigin: party.origin }),
          ...(settings.oidc === undefined ? {} : { agencySignIn: settings.oidc.name }),
        } satisfies WaysReply,
      };
    },
  });
}

function signInRoutes(parts: SignInParts): readonly Route[] {
  const minutes = parts.settings.sessionMinutes;
  return [
    defineRoute({
      method: 'POST',
      path: '/session',
      permission: 'anyone',
      isGuessable: true,
      audit: 'sign-in',
      summary: 'Spend a one-time link and start a session',
      body: SignInBody,
      reply: SessionReply,
      handle: async (ctx, { body, request }) => {
        const session = await signInByLink(ctx, { token: body.token, minutes, request });
        return await signedInAnswer(ctx, parts, session, request);
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/session/challenge',
      permission: 'anyone',
      audit: unaudited('gives a number to be signed, which by itself opens nothing'),
      isGuessable: true,
      summary: 'What a browser needs to ask for a passkey',
      reply: AssertionOptionsReply,
      handle: async (ctx, { request }) => {
        await countAsk(ctx.tx.db, parts.settings.limits, request.remoteAddress, ctx.now);
        return { body: await assertionOptions(ctx, { purpose: 'sign-in', sessionSha256: null, request }) };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/session/passkey',
      permission: 'anyone',
      isGuessable: true,
      audit: 'sign-in-by-passkey',
      summary: 'Sign in with a passkey',
      reply: SessionReply,
      receive: proofReceiver(parts, 'sign-in'),
      handle: async (ctx, { received, request }) => {
        const session = await signInByPasskey(ctx, { passkey: received, minutes, request });
        const answer = await signedInAnswer(ctx, parts, session, request);
        return { ...answer, details: { passkey: received.id } };
      },
    }),
  ];
}

/** Takes a passkey's answer in and checks it before the transaction opens: its challenge is spent whatever follows. */
function proofReceiver(parts: SignInParts, purpose: 'sign-in' | 'renew'): Receiving<ProvedPasskey> {
  return {
    limitBytes: proofLimitBytes,
    accepts: { 'application/json': PasskeyProofBody },
    read: async ({ raw, request }) => {
      const { proof } = checked(PasskeyProofBody, await readJson(raw), 'body') as PasskeyProofBody;
      const sessionSha256 = purpose === 'renew' ? ownToken(request) : null;
      return await checkAssertion(parts, { proof, purpose, sessionSha256, request, now: parts.clock.now() });
    },
  };
}

function ownSessionRoutes(parts: SignInParts): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/session',
      permission: 'session:own',
      audit: unaudited('tells the reader only who they are themselves'),
      isBackground: ({ active }) => active !== 'yes',
      summary: 'Who is signed in, with what permissions; `active=yes` says that the person is at work',
      query: Type.Object({ active: Type.Optional(Type.Literal('yes')) }),
      reply: SessionReply,
      handle: async (ctx, { request }) => {
        if (ctx.actor.kind === 'staff')
          return { body: await ownSessionReply(ctx, parts, ctx.actor, ownToken(request)) };
        const machine = { state: 'open', hasPasskey: false, isFromAgency: false } as const;
        return { body: sessionReply(parts, ctx.actor, { ...machine, expiresAt: ctx.now }) };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/session',
      permission: 'session:own',
      audit: 'sign-out',
      summary: 'End the session',
      reply: SignOutReply,
      handle: async (ctx, { request }) => {
        const token = sessionTokenOf(request);
        const method = token === undefined ? undefined : await signOut(ctx, { token });
        const agencySignOut =
          method === 'oidc' ? parts.oidc?.signOutAddress(`${ownOrigin(request)}/sign-in`) : undefined;
        return {
          headers: { 'set-cookie': endedCookie(request) },
          body: {
            signedOut: true,
            ...(agencySignOut === undefined ? {} : { agencySignOut }),
          } satisfies SignOutReply,
          subject: `staff:${ctx.actor.id}`,
        };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/session/lock',
      permission: 'session:own',
      audit: 'lock-session',
      summary: 'Lock the session until its person has proved again who they are',
      handle: async (ctx, { request }) => {
        const token = sessionTokenOf(request);
        if (token !== undefined) await lockSession(ctx, { token });
        return { body: { isLocked: token !== undefined }, subject: `staff:${ctx.actor.id}` };
      },
    }),
  ];
}

function renewalRoutes(parts: SignInParts): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/session/renewal',
      permission: 'session:renew',
      audit: unaudited('gives a number to be signed, which by itself opens nothing'),
      isBackground: () => true,
      summary: 'What a browser needs to ask for one of this person’s passkeys',
      reply: AssertionOptionsReply,
      handle: async (ctx, { request }) => ({
        body: await assertionOptions(ctx, {
          purpose: 'renew',
          sessionSha256: ownToken(request),
          request,
          staffId: asStaff(ctx).actor.id,
        }),
      }),
    }),
    defineRoute({
      method: 'POST',
      path: '/session/renewal',
      permission: 'session:renew',
      isGuessable: true,
      audit: 'renew-sign-in',
      summary: 'Prove again who is there: unlocks, and opens dangerous deeds for five minutes',
      reply: SessionReply,
      receive: proofReceiver(parts, 'renew'),
      handle: async (ctx, { received, request }) => {
        const staff = asStaff(ctx);
        const sessionSha256 = ownToken(request);
        const session = await renewByPasskey(staff, { passkey: received, sessionSha256 });
        return {
          ...(await renewedAnswer(staff, parts, session, request)),
          details: { passkey: received.id },
        };
      },
    }),
  ];
}
