import { refusalsOf } from '#base/errors';

/** Refusals of signing in, of sessions, and of those who knock too often. @public docs/errors.md is compared with it. */
export const signInCodes = {
  'access.passkey-needed': {
    status: 403,
    sentence:
      'A link is good for one thing here: registering a passkey. Register one, and everything else opens.',
  },
  'access.passkey-refused': {
    status: 401,
    sentence:
      'This passkey does not open the bureau. Try another one of yours, or ask an administrator for a new link.',
  },
  'access.passkey-copied': {
    status: 403,
    sentence:
      'This passkey seems to have been copied and is refused from now on. Sign in with another one and tell an administrator.',
  },
  'access.passkey-unreadable': {
    status: 422,
    sentence: 'What the passkey answered could not be read. Try again with an up-to-date browser.',
  },
  'access.challenge-spent': {
    status: 409,
    sentence: 'That took too long, or was sent twice. Try again.',
  },
  'access.passkey-known': { status: 409, sentence: 'This passkey is registered already. Use another one.' },
  'access.passkeys-full': {
    status: 409,
    sentence: 'Ten passkeys are registered, which is the most. Remove one that you no longer use.',
  },
  'access.unknown-passkey': { status: 404, sentence: 'You have no such passkey. List them to find the id.' },
  'access.last-passkey': {
    status: 409,
    sentence: 'This is your only way in. Register another passkey first, then remove this one.',
  },
  'access.passkeys-need-name': {
    status: 409,
    sentence:
      'Passkeys need a host name and https, and this address has none. Open the console at the address that an administrator gives you.',
  },
  'access.unknown-host': {
    status: 421,
    sentence:
      'The bureau does not know itself by this name. Set FIRSTLIGHT_PUBLIC_URL to the address that people open, and start it again.',
  },
  'access.session-locked': {
    status: 423,
    sentence: 'This session is locked. Prove who you are to go on, or sign in anew.',
  },
  'access.step-up-needed': {
    status: 403,
    sentence:
      'This needs a fresh proof of who you are: use your passkey again, then repeat it within five minutes.',
  },
  'access.unknown-session': {
    status: 404,
    sentence: 'There is no such session. List them again; it may have ended.',
  },
  'access.other-person': {
    status: 403,
    sentence:
      'Somebody else answered than the person who is signed in. Sign out first, then sign in as yourself.',
  },
  'access.oidc-off': {
    status: 404,
    sentence: 'This bureau has no sign-in service of an agency. Use a passkey or a link.',
  },
  'access.oidc-unavailable': {
    status: 503,
    sentence:
      'Your agency\u2019s sign-in service does not answer. Use your passkey, or try again in a minute.',
  },
  'access.oidc-refused': {
    status: 401,
    sentence: 'Your agency\u2019s sign-in service did not confirm who you are. Start signing in again.',
  },
  'access.oidc-weak': {
    status: 403,
    sentence:
      'You signed in at your agency in a way that is not strong enough here. Do it again with your security key.',
  },
  'access.oidc-no-role': {
    status: 403,
    sentence:
      'You are known at your agency, but in no group that works at this bureau. Ask your agency to put you in one.',
  },
  'access.oidc-needed': {
    status: 403,
    sentence:
      'You have not signed in through your agency for a week. Do that first; then your passkey works again.',
  },
  'access.too-many-attempts': {
    status: 429,
    sentence: 'Too many attempts failed. Wait as Retry-After says, then try again.',
  },
  'access.too-many-requests': {
    status: 429,
    sentence:
      'More requests came than this bureau takes in a minute. Wait as Retry-After says and send it again.',
  },
} as const;

export const signInRefusal = refusalsOf(signInCodes);
