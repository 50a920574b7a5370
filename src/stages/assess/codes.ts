import { refusalsOf } from '#base/errors';

/** Refusals of the desk: someone moves a report in a way that its state or their part in it does not allow. */
export const assessCodes = {
  'assess.unknown-report': {
    status: 404,
    sentence:
      'There is no filed report with this number. Check the number, or search the line for its reference.',
  },
  'assess.named-person-needed': {
    status: 403,
    sentence:
      'Only a named member of staff may do this, because somebody has to answer for it. Sign in to the console.',
  },
  'assess.taken-by-another': {
    status: 409,
    sentence:
      'Somebody else has taken this report; the details say who. Take another one, or ask that person to release it.',
  },
  'assess.already-decided': {
    status: 409,
    sentence:
      'This report is decided already; the details say by whom. Reopen it with a reason if that was wrong.',
  },
  'assess.not-taken': {
    status: 409,
    sentence: 'Nobody has taken this report, so there is nothing to release or undo. Take it first.',
  },
  'assess.too-many-taken': {
    status: 409,
    sentence: 'You hold ten reports that are not decided. Decide or release one before you take the next.',
  },
  'assess.not-assessed': {
    status: 409,
    sentence: 'The rules have not looked at this report yet; they do within seconds. Correct it then.',
  },
  'assess.not-in-sample': {
    status: 409,
    sentence:
      'This report is not one that you were given from the blind sample, or you have answered already. Ask for the next one of the sample.',
  },
  'assess.share-out-of-bounds': {
    status: 400,
    sentence:
      'The share of looks for those who waited longest is from 0.01 to 0.9; it is never 0. Send a share within.',
  },
  'assess.not-decided': {
    status: 409,
    sentence: 'This report is not decided, so it need not be reopened. Take it and decide.',
  },
  'assess.reason-needed': {
    status: 400,
    sentence: 'This needs a reason of at least three letters. Pick one from the list or write your own.',
  },
  'assess.decided-by-another': {
    status: 403,
    sentence:
      'Only whoever decided can undo it; the details say who. Reopen the report with a reason instead.',
  },
  'assess.undo-too-late': {
    status: 409,
    sentence: 'A decision can be undone for fifteen minutes only. Reopen the report with a reason instead.',
  },
} as const;

export const assessRefusal = refusalsOf(assessCodes);

/** Names the report in the audit row of a refusal. */
export function subjectOf(reportId: string): string {
  return `report:${reportId}`;
}

export function refuseUnknown(reportId: string): never {
  throw assessRefusal('assess.unknown-report', { subject: subjectOf(reportId) });
}

/** Names whoever has it: a colleague to walk over to. */
export function refuseTaken(
  entry: { readonly reportId: string; readonly takenAt?: Date },
  takenBy: { readonly name: string },
): never {
  throw assessRefusal('assess.taken-by-another', {
    subject: subjectOf(entry.reportId),
    takenBy: takenBy.name,
    ...(entry.takenAt !== undefined && { takenAt: entry.takenAt.toISOString() }),
  });
}

export function refuseDecided(
  entry: { readonly reportId: string },
  decision: { readonly kind: string; readonly at: Date; readonly by: { readonly name: string } },
): never {
  throw assessRefusal('assess.already-decided', {
    subject: subjectOf(entry.reportId),
    decidedBy: decision.by.name,
    decidedAt: decision.at.toISOString(),
    decision: decision.kind,
  });
}
