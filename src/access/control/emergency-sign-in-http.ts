import { SessionReply } from '#contract/administration';
import { EmergencySignInBody } from '#contract/control';
import { createPasswordCheck } from '../passwords.ts';
import { defineRoute, type Route } from '../route.ts';
import { type SignInParts, signedInAnswer } from '../sign-in/route-parts.ts';
import { signInByCode } from './emergency-codes.ts';

/** `POST /v1/session/emergency`: the way in when every other one is away. Needs nothing but this bureau. */
export function emergencySignInRoute(
  parts: SignInParts & { readonly emergencySessionMinutes: number },
): Route {
  const checkSecret = createPasswordCheck();
  return defineRoute({
    method: 'POST',
    path: '/session/emergency',
    permission: 'anyone',
    isGuessable: true,
    audit: 'sign-in-by-emergency-code',
    summary: 'Spend a printed emergency code and start a session; supervisors are told at once',
    body: EmergencySignInBody,
    reply: SessionReply,
    handle: async (ctx, { body, request }) => {
      const minutes = parts.emergencySessionMinutes;
      const session = await signInByCode(ctx, checkSecret, { ...body, minutes, request });
      return {
        ...(await signedInAnswer(ctx, parts, session, request)),
        why: `emergency sign-in ${session.emergencyId}: ${body.reason.trim()}`,
        details: { emergency: session.emergencyId, minutes },
      };
    },
  });
}
