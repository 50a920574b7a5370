import { refusalsOf } from '#base/errors';

/** Refusals of the reading side. */
export const screenCodes = {
  'screens.unknown-report': {
    status: 404,
    sentence: 'There is no report with this number. Check the number, or search the line for its reference.',
  },
  'screens.reason-needed': {
    status: 400,
    sentence:
      'Somebody else works on this report or has decided it, so opening it needs a reason: say in a few words what it is for. It is kept for the auditor.',
  },
  'screens.bad-cursor': {
    status: 400,
    sentence:
      'The cursor is not one that this list gave, or belongs to another order. Start again without a cursor.',
  },
} as const;

export const screenRefusal = refusalsOf(screenCodes);
