import { refusalsOf } from '#base/errors';

/** Everything intake refuses, for both doors; `ispws-http.ts` puts these into the codes of the XML protocol. */
export const intakeCodes = {
  'intake.unknown-report': {
    status: 404,
    sentence:
      'You have no open report with this number. Unfinished reports are given up in time: open a new one.',
  },
  'intake.unknown-file': {
    status: 404,
    sentence: 'This report has no file with this id. Use the id that the upload was answered with.',
  },
  'intake.report-filed': {
    status: 409,
    sentence:
      'This report is already filed; nothing can be added, changed or taken back. Open a new report for more.',
  },
  'intake.report-retracted': {
    status: 409,
    sentence: 'This report was already retracted. Open a new report to send it after all.',
  },
  'intake.file-described': {
    status: 409,
    sentence:
      'This file is already described, and details are taken once per file. Upload it again to say more.',
  },
  'intake.synthetic-in-production': {
    status: 403,
    sentence:
      'This report is marked as invented data, and this credential is for production. ' +
      'Send invented reports with a credential of the sandbox environment.',
  },
  'intake.report-invalid': {
    status: 400,
    sentence: 'The report cannot be taken as it is. Correct the places named and send it again.',
  },
  'intake.file-details-invalid': {
    status: 400,
    sentence: 'The file details cannot be taken as they are. Correct the places named and send them again.',
  },
  'intake.filing-invalid': {
    status: 400,
    sentence: 'The report as a whole breaks a rule. Retract it and send it again without what is named.',
  },
  'intake.document-too-large': {
    status: 413,
    sentence: 'The document is larger than this bureau takes. Send pictures and long attachments as files.',
  },
  'intake.body-cut-off': {
    status: 400,
    sentence: 'The request ended before its body was complete, and nothing of it was kept. Send it again.',
  },
  'intake.form-unreadable': {
    status: 400,
    sentence:
      'The form cannot be read. Send multipart/form-data, or a urlencoded form where there is no file.',
  },
  'intake.form-too-long': {
    status: 400,
    sentence:
      'The form has too many or too long fields. Send the field id, and for an upload then one field file.',
  },
  'intake.id-missing': {
    status: 400,
    sentence:
      'The form has no field id before the file. Send the report number as the first field, named id.',
  },
  'intake.id-malformed': {
    status: 400,
    sentence: 'The field id is not a report number. Send the number that the report was opened with, once.',
  },
  'intake.file-missing': {
    status: 400,
    sentence: 'The upload holds no file. Send the bytes in one field named file after the field id.',
  },
  'intake.file-extra': {
    status: 400,
    sentence: 'The upload holds more than one file. Send each file in a request of its own; none was kept.',
  },
  'intake.file-empty': {
    status: 400,
    sentence: 'The file is empty: it has zero bytes. Check that it could be read where it was sent from.',
  },
  'intake.key-malformed': {
    status: 400,
    sentence:
      'Idempotency-Key must be 1 to 255 visible ASCII characters. Send a new random one for each act.',
  },
  'intake.key-reused': {
    status: 422,
    sentence: 'This Idempotency-Key was used for a different request. Send a new key with each new request.',
  },
  'intake.key-in-flight': {
    status: 409,
    sentence:
      'A request with this Idempotency-Key is still being worked on. Wait a moment and send it again.',
  },
  'intake.cursor-unknown': {
    status: 400,
    sentence: 'The cursor is not one that a page was answered with. Start again without a cursor.',
  },
} as const;

export type IntakeCode = keyof typeof intakeCodes;
export const intakeRefusal = refusalsOf(intakeCodes);
