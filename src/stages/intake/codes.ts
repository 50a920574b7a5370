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
  'intake.report-erased': {
    status: 410,
    sentence:
      'The content of this report was erased at the end of its term, so nothing can be done with it. Its number, reference and receipt still stand. Open a new report for more.',
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
  'intake.unknown-upload': {
    status: 404,
    sentence: 'This report has no upload at this address. Begin one with POST to its uploads.',
  },
  'intake.upload-ended': {
    status: 410,
    sentence: 'This upload was given up, and what came in of it was removed. Begin a new one.',
  },
  'intake.upload-version': {
    status: 412,
    sentence: 'Uploads speak version 1.0.0 of tus. Send the header Tus-Resumable: 1.0.0 with every request.',
  },
  'intake.upload-header': {
    status: 400,
    sentence: 'A header of this upload is missing or cannot be read; the details say which. Correct it.',
  },
  'intake.upload-length': {
    status: 400,
    sentence:
      'The length of an upload is said once, is at least 1 and not less than what came in. Send the first one again or leave it out.',
  },
  'intake.upload-offset': {
    status: 409,
    sentence:
      'The upload stands elsewhere; the details say where. Ask for its offset with HEAD and go on from there.',
  },
  'intake.upload-taken-over': {
    status: 409,
    sentence:
      'Another request went on with this upload, and what this one brought since was not kept. Ask for its offset with HEAD.',
  },
  'intake.upload-cut-off': {
    status: 400,
    sentence:
      'The request ended before its body was complete. What came in is kept: ask for the offset with HEAD and go on from there.',
  },
  'intake.upload-complete': {
    status: 409,
    sentence: 'Every byte of this upload is here; it takes no more. GET says when its file is sealed.',
  },
  'intake.upload-sealed': {
    status: 409,
    sentence:
      'The file of this upload is part of the report and stays. Retract the report to take all of it back.',
  },
  'intake.upload-too-long': {
    status: 413,
    sentence: 'The request holds more bytes than this upload has left. Send as many as its length allows.',
  },
  'intake.upload-checksum': {
    // The protocol's own status for it (tus 1.0.0, checksum).
    status: 460,
    sentence: 'The bytes do not match their checksum, and none of them were kept. Send them again.',
  },
  'intake.uploads-too-many': {
    status: 409,
    sentence: 'This report has too many unfinished uploads. Finish or delete some of them first.',
  },
  'intake.uploads-unfinished': {
    status: 409,
    sentence:
      'Uploads of this report are not finished; the details name them. Finish or delete each of them, then file.',
  },
  'intake.uploads-sealing': {
    status: 503,
    sentence:
      'The last files of this report are being sealed, and nothing was changed. Wait as Retry-After says and file again.',
  },
  'intake.receipt-not-yet': {
    status: 409,
    sentence: 'This report is not filed, so there is no receipt. File it first.',
  },
  'intake.receipt-none': {
    status: 404,
    sentence:
      'There is no receipt for this report: it was taken back, has expired, or was filed before receipts were made.',
  },
  'intake.cursor-unknown': {
    status: 400,
    sentence: 'The cursor is not one that a page was answered with. Start again without a cursor.',
  },
} as const;

export type IntakeCode = keyof typeof intakeCodes;
export const intakeRefusal = refusalsOf(intakeCodes);
