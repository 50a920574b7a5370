import { refusalsOf } from '#base/errors';

/** Refusals of the reading side. */
export const screenCodes = {
  'screens.unknown-report': {
    status: 404,
    sentence: 'There is no report with this number. Check the number, or search the line for its reference.',
  },
  'screens.bad-cursor': {
    status: 400,
    sentence:
      'The cursor is not one that this list gave, or belongs to another order. Start again without a cursor.',
  },
} as const;

export const screenRefusal = refusalsOf(screenCodes);
