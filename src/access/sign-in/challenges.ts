import { newToken } from '#platform/random';
import type { Ctx } from '../ctx.ts';
import type { ChallengePurpose } from './passkey-store.ts';
import { insertChallenge } from './passkey-store.ts';

/** How long somebody may take over a passkey's dialog. WebAuthn Level 3, 15.1, recommends 5 to 10 minutes. */
export const challengeMs = 5 * 60_000;

/** Makes a challenge of 256 bits that can be answered once, by this session where there is one. */
export async function makeChallenge(
  ctx: Ctx,
  input: { readonly purpose: ChallengePurpose; readonly sessionSha256: Buffer | null },
): Promise<string> {
  const challenge = newToken();
  await insertChallenge(ctx.tx.db, {
    challenge,
    ...input,
    expiresAt: new Date(ctx.now.getTime() + challengeMs),
  });
  return challenge;
}

/**
 * The challenge that a browser says it answered, out of its client data (WebAuthn Level 3, 5.8.1). Undefined for
 * anything that is not such a text; whether it is one of ours is for the database to say.
 */
export function answeredChallenge(clientDataJson: string): string | undefined {
  try {
    const data: unknown = JSON.parse(Buffer.from(clientDataJson, 'base64url').toString('utf8'));
    if (typeof data !== 'object' || data === null || !('challenge' in data)) return undefined;
    const { challenge } = data;
    return typeof challenge === 'string' && /^[A-Za-z0-9_-]{20,200}$/.test(challenge) ? challenge : undefined;
  } catch {
    return undefined;
  }
}
