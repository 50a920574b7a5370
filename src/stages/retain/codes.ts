import { refusalsOf } from '#base/errors';

/** Everything retention refuses; compared with docs/errors.md. */
export const retainCodes = {
  'retain.unknown-report': {
    status: 404,
    sentence: 'There is no filed report with this number. Check the number.',
  },
  'retain.erased-already': {
    status: 410,
    sentence:
      'The content of this report was erased, so there is nothing left to hold or to destroy. Its certificate says when and under what.',
  },
  'retain.on-hold': {
    status: 409,
    sentence:
      'A legal hold stands on what the details name, and a hold beats every schedule. Leave these reports out, or have the hold lifted by two people first.',
  },
  'retain.not-due': {
    status: 409,
    sentence:
      'What the details name is not due by its schedule yet. Leave these reports out, or ask with the ground "order" where a court or a rule orders it.',
  },
  'retain.undecided': {
    status: 409,
    sentence:
      'Nobody has decided what the details name, and nothing is destroyed unseen. Decide these reports first.',
  },
  'retain.approved-already': {
    status: 409,
    sentence:
      'The destruction of what the details name is approved already and runs. Leave these reports out.',
  },
  'retain.unknown-hold': {
    status: 404,
    sentence: 'There is no such hold that stands. List the holds of the report to find its id.',
  },
  'retain.review-in-past': {
    status: 400,
    sentence:
      'The day on which the hold is reviewed has to lie ahead, within five years. Choose a later day.',
  },
  'retain.schedule-unchanged': {
    status: 409,
    sentence: 'The schedule says exactly this already, so there is nothing to change.',
  },
  'retain.reference-shorter': {
    status: 400,
    sentence: 'The reference is kept at least as long as the content. Give a longer term for the reference.',
  },
  'retain.not-erased': {
    status: 404,
    sentence: 'This report was not erased, so there is no certificate.',
  },
  'retain.not-certified': {
    status: 409,
    sentence:
      'The content is erased and the bytes are being destroyed; the certificate follows in a moment. Ask again.',
  },
} as const;

export const retainRefusal = refusalsOf(retainCodes);

export function subjectOf(reportId: string): string {
  return `report:${reportId}`;
}

/** A few of many numbers, for the details of a refusal. */
export function someOf(reportIds: readonly string[]): string {
  const shown = reportIds.slice(0, 10).join(', ');
  return reportIds.length > 10 ? `${shown} and ${reportIds.length - 10} more` : shown;
}
