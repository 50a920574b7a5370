/**
 * What a session is good for at a moment, from the hardest answer to the softest:
 * - *locked*: by its person, or because it lay idle. Good for proving again who it is, and for signing out.
 * - *enrolling*: started by a link where a link is not enough. Good for registering a passkey.
 * - *open*: good for everything that the person's roles allow.
 * Sessions that have ended or expired never get here.
 */
export type SessionState = 'locked' | 'enrolling' | 'open';

export interface SessionFacts {
  readonly method: string;
  readonly lockedAt: Date | null;
  readonly lastSeenAt: Date;
}

const minuteMs = 60_000;

export function sessionState(
  session: SessionFacts,
  settings: { readonly linksSignIn: boolean; readonly idleMinutes: number },
  now: Date,
): SessionState {
  const idleMs = now.getTime() - session.lastSeenAt.getTime();
  if (session.lockedAt !== null || idleMs >= settings.idleMinutes * minuteMs) return 'locked';
  return session.method === 'link' && !settings.linksSignIn ? 'enrolling' : 'open';
}

/** How long a proof of who somebody is opens dangerous deeds. Chosen: one deed with its dialog, not a second visit. */
const freshMinutes = 5;

/**
 * Whether a dangerous deed may be done without proving again. Who has nothing to prove with, because links sign in here
 * and they never registered a passkey, is not asked: a fresh link would prove nothing that the first did not.
 */
export function isFresh(
  session: { readonly method: string; readonly provedAt: Date; readonly hasPasskey: boolean },
  now: Date,
): boolean {
  if (session.method === 'link' && !session.hasPasskey) return true;
  return now.getTime() - session.provedAt.getTime() < freshMinutes * minuteMs;
}
