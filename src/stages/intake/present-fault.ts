import type { Fault, Presented, RequestFacts } from '#access';
import type { Defect } from '#base/defects';
import type { IntakeCode } from './codes.ts';
import { defectsSentence } from './formats/defects-sentence.ts';
import { reportDoneResponse, reportResponse } from './formats/xml-response.ts';

export const xmlHeaders = { 'content-type': 'text/xml;charset=UTF-8' } as const;

/** The protocol has no place for a receipt, so a header says where it is (RFC 8288). */
export function receiptLink(baseUrl: string, reportId: string): string {
  return `<${baseUrl}/v1/reports/${reportId}/receipt>; rel="describedby"; type="application/jose"`;
}

/** A code of the XML protocol and the HTTP status that it is answered with. */
interface XmlCode {
  readonly code: number;
  readonly status: number;
}

/** Refusals that no call of this protocol ends with. */
type OnlyOfTheApi =
  | `intake.key-${string}`
  | `intake.upload-${string}`
  | `intake.receipt-${string}`
  | 'intake.unknown-upload'
  | 'intake.uploads-too-many'
  | 'intake.cursor-unknown';

/**
 * The refusals of intake in the codes of the protocol (technical documentation of 2025-06-11, appendix D). What is
 * already filed or retracted comes with HTTP 200, because clients treat it as done.
 */
const codeOf: Readonly<Record<Exclude<IntakeCode, OnlyOfTheApi>, XmlCode>> = {
  'intake.unknown-report': { code: 5001, status: 404 },
  'intake.unknown-file': { code: 5002, status: 404 },
  'intake.report-filed': { code: 5102, status: 200 },
  'intake.report-retracted': { code: 5101, status: 200 },
  'intake.report-erased': { code: 5001, status: 410 },
  'intake.file-described': { code: 4000, status: 400 },
  'intake.synthetic-in-production': { code: 3100, status: 403 },
  'intake.report-invalid': { code: 4100, status: 400 },
  'intake.file-details-invalid': { code: 4100, status: 400 },
  'intake.filing-invalid': { code: 4100, status: 400 },
  'intake.document-too-large': { code: 4000, status: 413 },
  'intake.body-cut-off': { code: 4000, status: 400 },
  'intake.form-unreadable': { code: 4000, status: 400 },
  'intake.form-too-long': { code: 4000, status: 400 },
  'intake.id-missing': { code: 4000, status: 400 },
  'intake.id-malformed': { code: 4000, status: 400 },
  'intake.file-missing': { code: 4200, status: 400 },
  'intake.file-extra': { code: 4200, status: 400 },
  'intake.file-empty': { code: 4200, status: 400 },
  // A report that was opened or continued at the other door.
  'intake.uploads-unfinished': { code: 4000, status: 409 },
  'intake.uploads-sealing': { code: 1000, status: 503 },
};

/** Puts a fault into one complete XML document with the root that the call's client expects. */
export function presentIspwsFault(fault: Fault, request: RequestFacts & { readonly url: string }): Presented {
  const path = request.url.replace(/\?.*$/, '');
  const { code, status } = xmlCodeOf(fault, path);
  const description = sentenceOf(fault).replaceAll(/\s+/g, ' ').trim();
  const reportId = reportIdOf(fault);
  const headers: Record<string, string> = { ...xmlHeaders };
  if (status === 401) headers['www-authenticate'] = 'Basic realm="Firstlight", charset="UTF-8"';
  if (fault.kind === 'bug' && status === 503) headers['retry-after'] = String(fault.retryAfterSeconds ?? 5);
  // Whoever repeats a finish may have lost the first answer with its link.
  const isFiled = fault.kind === 'refusal' && fault.refusal.code === 'intake.report-filed';
  if (isFiled && reportId !== undefined) headers.link = receiptLink(request.baseUrl, reportId);
  const body = path.endsWith('/finish')
    ? reportDoneResponse({ code, description, reportId, fileIds: fileIdsOf(fault) })
    : reportResponse({ code, description, reportId });
  return { status, headers, body };
}

function xmlCodeOf(fault: Fault, path: string): XmlCode {
  switch (fault.kind) {
    case 'defects': {
      return { code: codeOfDefects(fault.defects), status: fault.status };
    }
    case 'bug':
      return { code: 1000, status: fault.status };
    case 'refusal': {
      // To the protocol, waiting after failed sign-ins is one more failed sign-in.
      if (fault.refusal.code === 'access.too-many-attempts') return { code: 2000, status: 429 };
      const known: XmlCode | undefined = (codeOf as Readonly<Record<string, XmlCode>>)[fault.refusal.code];
      return known ?? { code: codeOfStatus(fault.refusal.status, path), status: fault.refusal.status };
    }
  }
  return fault satisfies never;
}

/** What could not be read as XML at all is told apart from what broke the schema or a rule. */
function codeOfDefects(defects: readonly Defect[]): number {
  return defects.some((defect) => defect.layer === 'form') ? 4110 : 4100;
}

/** For refusals of access and of the HTTP layer, and of stages behind intake. */
function codeOfStatus(status: number, path: string): number {
  switch (status) {
    case 401:
      return 2000;
    case 403:
      if (path.endsWith('/submit')) return 3100;
      return /\/(?:upload|fileinfo|finish|retract)$/.test(path) ? 3300 : 3000;
    case 404:
      return 1210;
    // Later, as when the server is busy: clients of the protocol try 1000 again.
    case 429:
      return 1000;
    default:
      return status >= 500 ? 1000 : 4000;
  }
}

function sentenceOf(fault: Fault): string {
  switch (fault.kind) {
    case 'defects':
      return `Validation failed. ${defectsSentence(fault.defects)}`;
    case 'bug':
      return fault.status === 503
        ? 'Server error. The bureau is busy: wait as Retry-After says and send it again.'
        : `Server error. Nothing was changed; send it again, and quote ${fault.reference} when asking.`;
    case 'refusal':
      return fault.refusal.message;
  }
  return fault satisfies never;
}

/** The files of a report that was filed before; none otherwise. */
function fileIdsOf(fault: Fault): readonly string[] {
  const fileIds = fault.kind === 'refusal' ? fault.refusal.details.fileIds : undefined;
  return Array.isArray(fileIds) ? fileIds.filter((id) => typeof id === 'string') : [];
}

/** The number that was sent, where one was understood. */
function reportIdOf(fault: Fault): string | undefined {
  if (fault.kind === 'defects') return fault.subject?.replace(/^report:/, '');
  if (fault.kind !== 'refusal') return undefined;
  const { reportId } = fault.refusal.details;
  return typeof reportId === 'string' ? reportId : undefined;
}
