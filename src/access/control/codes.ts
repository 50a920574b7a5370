import { refusalsOf } from '#base/errors';

/** Refusals of two-person control, emergency access and the auditor's oversight. */
export const controlCodes = {
  'control.unknown-deed': {
    status: 404,
    sentence:
      'Nothing under two-person control has this name. List the controlled deeds to see what can be asked for.',
  },
  'control.unknown-proposal': {
    status: 404,
    sentence: 'There is no such proposal that concerns you. List the proposals to find its id.',
  },
  'control.too-few-people': {
    status: 409,
    sentence:
      'This needs the agreement of more people than may give it here; the details say how many. Ask an administrator to add a second person with the role, then ask again.',
  },
  'control.too-few-independent': {
    status: 409,
    sentence:
      'Too few of those who may agree have an account that is independent of yours: one that you made or gave a way in within the last seven days, that gave you yours, or that has its way in from the same person does not count. Have the administrator of the machine add a person with "firstlight staff add", or wait until the seven days are over.',
  },
  'control.already-asked': {
    status: 409,
    sentence:
      'Exactly this is asked for already; the details name the proposal. Approve or withdraw that one.',
  },
  'control.too-many-open': {
    status: 409,
    sentence: 'Too many proposals are open. Have some approved, declined or withdrawn, then ask again.',
  },
  'control.own-proposal': {
    status: 403,
    sentence: 'Whoever asks cannot approve or decline it as well. Ask a colleague who may.',
  },
  'control.not-independent': {
    status: 403,
    sentence:
      'Your approval would not count as that of another person: within the last seven days your account and one that asked or approved here were made, or given a sign-in link, one by the other or both by the same person. Ask a colleague whose account is older to approve, or wait until the seven days are over.',
  },
  'control.voted-already': {
    status: 409,
    sentence: 'You have voted on this proposal. Another person has to vote now.',
  },
  'control.proposal-ended': {
    status: 409,
    sentence:
      'This proposal has ended: it was approved, declined, withdrawn or has expired. Ask anew if it is still needed.',
  },
  'control.digest-differs': {
    status: 409,
    sentence:
      'What you approve is not what this proposal asks for. Open the proposal again and read what it says now.',
  },
  'control.not-yours': {
    status: 403,
    sentence: 'Only whoever asked can withdraw a proposal. Decline it instead.',
  },
  'control.grant-needed': {
    status: 409,
    sentence:
      'Taking out this many rows needs a second person. Ask for it with "firstlight proposal propose bulk-export", have it approved, then do it within the hour.',
  },
  'control.named-person-needed': {
    status: 403,
    sentence:
      'Only a named member of staff may do this, because somebody has to answer for it. Sign in to the console.',
  },
  'control.unknown-report': {
    status: 404,
    sentence: 'There is no filed report with this number. Check the number.',
  },
  'control.emergency-not-needed': {
    status: 409,
    sentence: 'Your role opens this report already, so no emergency access is needed. Open it.',
  },
  'control.too-many-emergencies': {
    status: 409,
    sentence:
      'You have as much emergency access open as one person may. Ask a supervisor to review it first.',
  },
  'control.unknown-emergency': {
    status: 404,
    sentence: 'There is no such emergency access. List them under Oversight to find its id.',
  },
  'control.own-emergency': {
    status: 403,
    sentence: 'Nobody reviews their own emergency access. Ask another supervisor.',
  },
  'control.reviewed-already': {
    status: 409,
    sentence: 'This emergency access is reviewed; the details say by whom. A review is not changed.',
  },
  'control.code-unknown': {
    status: 401,
    sentence:
      'This emergency code is not known, was used, or was replaced by newer ones. Take the next code of the newest sheet.',
  },
  'control.unknown-look-up': {
    status: 404,
    sentence: 'There is no such look-up. List them under Oversight to find its number.',
  },
  'control.unknown-watch-entry': {
    status: 404,
    sentence: 'There is no such entry on the watch-list, or it was removed. List the entries to find its id.',
  },
  'control.watched-already': {
    status: 409,
    sentence: 'This identifier is on the watch-list already.',
  },
  'control.nothing-to-watch': {
    status: 400,
    sentence:
      'Nothing is left of this identifier once it is normalised. Give the whole e-mail address, number or name.',
  },
  'control.month-ahead': {
    status: 400,
    sentence: 'This month has not begun, so there is nothing to draw from. Draw for a month that has.',
  },
  'control.unknown-sample': {
    status: 404,
    sentence: 'There is no such sample. List the samples to find its id.',
  },
} as const;

export const controlRefusal = refusalsOf(controlCodes);
