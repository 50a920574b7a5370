import { refusalsOf } from '#base/errors';

/** Refusals of access and of the HTTP layer itself. */
export const accessCodes = {
  'access.sign-in-needed': {
    status: 401,
    sentence: 'Sign in first: this needs a valid credential or session.',
  },
  'access.bad-credentials': {
    status: 401,
    sentence:
      'The user name or password is wrong, or the credential was replaced. Ask the bureau for a current one.',
  },
  'access.session-ended': {
    status: 401,
    sentence: 'The session has ended. Ask an administrator for a new sign-in link.',
  },
  'access.not-permitted': {
    status: 403,
    sentence:
      'You are signed in, but your role does not allow this. Ask an administrator for the role that it needs.',
  },
  'access.provider-suspended': {
    status: 403,
    sentence: 'This service is suspended and cannot send. Contact the bureau.',
  },
  'access.wrong-origin': {
    status: 403,
    sentence: 'The request came from another site. Open the console itself and try again.',
  },
  'access.link-unknown': {
    status: 404,
    sentence: 'This sign-in link is not known. Ask an administrator for a new one.',
  },
  'access.link-spent': {
    status: 410,
    sentence:
      'This sign-in link was used or has expired; each works once. Ask an administrator for a new one.',
  },
  'access.unknown-staff': {
    status: 404,
    sentence: 'There is no such member of staff. List them to find the id.',
  },
  'access.unknown-provider': { status: 404, sentence: 'There is no such service. List them to find the id.' },
  'access.name-taken': { status: 409, sentence: 'That name is in use. Choose another.' },
  'access.staff-disabled': {
    status: 409,
    sentence: 'This account is disabled. Add the person anew to let them in.',
  },
  'access.unknown-attention': {
    status: 404,
    sentence: 'That item no longer needs attention, or never did. List the items again.',
  },
  'access.nothing-sealed': {
    status: 404,
    sentence:
      'Nothing is sealed yet. Wait a few seconds; if it stays so, look at the list of what needs attention.',
  },
  'access.unknown-checkpoint': {
    status: 404,
    sentence: 'No checkpoint of that size was signed. Leave the size out to get the newest.',
  },
  'access.unknown-tile': {
    status: 404,
    sentence: 'There is no such tile in the log. Read the checkpoint and ask for tiles of its size.',
  },
  'access.log-shorter': {
    status: 409,
    sentence:
      'The log has fewer entries than that checkpoint says: the database was set back, or the checkpoint is of another log.',
  },
  'access.nothing-lost': {
    status: 409,
    sentence: 'The log continues everything that was signed: there is no loss to accept.',
  },
  'http.unknown-path': { status: 404, sentence: 'There is nothing at this address. Check the path.' },
  'http.body-too-large': {
    status: 413,
    sentence: 'The body is larger than this address takes. Send a smaller one.',
  },
  'http.body-not-json': {
    status: 400,
    sentence: 'The body is not valid JSON. Send one JSON document in UTF-8.',
  },
  'http.unreadable': {
    status: 400,
    sentence: 'The request could not be read. Check its headers and try again.',
  },
  'http.cut-off': { status: 400, sentence: 'The request ended before its body was complete. Send it again.' },
  'http.unsupported-type': {
    status: 415,
    sentence: 'The content type of the body is not one this address takes.',
  },
  'http.overloaded': {
    status: 503,
    sentence: 'The bureau is busy. Wait as Retry-After says and send it again.',
  },
} as const;

export const accessRefusal = refusalsOf(accessCodes);
