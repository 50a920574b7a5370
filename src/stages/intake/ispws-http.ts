import type { IncomingMessage } from 'node:http';
import { type Answer, DefectList, defineRoute, type Receiving, type Route, type RouteFamily } from '#access';
import type { Parsed, Warning } from '#base/defects';
import { parseFileId, parseReportId, type ReportId } from '#base/ids';
import { addFile } from './add-file.ts';
import { intakeCodes, intakeRefusal } from './codes.ts';
import { describeFile } from './describe-file.ts';
import { fileReport } from './file-report.ts';
import { refuseUnlessOpen } from './find-open-report.ts';
import { encodingDefects } from './formats/declared-encoding.ts';
import { defectsSentence } from './formats/defects-sentence.ts';
import type { FileDetailsDraft, ReportDraft } from './formats/report-draft.ts';
import { schemaText } from './formats/schema-text.ts';
import { parseFileDetailsDocument, parseReportDocument } from './formats/xml-report.ts';
import { reportDoneResponse, reportResponse } from './formats/xml-response.ts';
import type { IntakeParts } from './intake-parts.ts';
import { ofProvider, providerOf } from './of-provider.ts';
import { openReport } from './open-report.ts';
import { presentIspwsFault, receiptLink, xmlHeaders } from './present-fault.ts';
import { readDocument } from './read-document.ts';
import { readIdForm } from './read-form.ts';
import { type ReceivedUpload, readUpload, refuseUpload } from './read-upload.ts';
import { retractReport } from './retract-report.ts';
import { isUrgentDraft } from './rules/urgent-draft.ts';

/**
 * The reporting protocol that services already speak: seven calls under `/ispws`. Every answer, errors included,
 * is one complete XML document; see docs/protocol.md.
 */
export function ispwsFamily(parts: IntakeParts): RouteFamily {
  return {
    name: 'ispws',
    prefix: '/ispws',
    signIn: 'service',
    presentFault: presentIspwsFault,
    routes: [
      statusRoute(parts),
      schemaRoute(parts),
      submitRoute(parts),
      uploadRoute(parts),
      fileInfoRoute(parts),
      finishRoute(parts),
      retractRoute(parts),
    ],
  };
}

function xml(body: string, more: Omit<Answer, 'body' | 'headers'> = {}): Answer {
  return { headers: xmlHeaders, body, ...more };
}

/** A client that compares codes reads `Success`; a person reads what to send better next time. */
function successSentence(warnings: readonly Warning[]): string {
  return warnings.length === 0 ? 'Success' : `Success. Note: ${defectsSentence(warnings)}`;
}

function statusRoute(parts: IntakeParts): Route {
  return defineRoute({
    method: 'GET',
    path: '/status',
    permission: 'intake:send',
    audit: 'report-status',
    summary: 'Checks the connection and the credential.',
    admission: parts.gate.admit('plain'),
    handle: async (ctx, { request }) => {
      const { username } = providerOf(ctx.actor);
      const description = `Remote User : ${username}, Remote Ip : ${request.remoteAddress}`;
      return xml(reportResponse({ code: 0, description }));
    },
  });
}

function schemaRoute(parts: IntakeParts): Route {
  return defineRoute({
    method: 'GET',
    path: '/xsd',
    permission: 'intake:send',
    audit: 'read-schema',
    summary: 'The XML schema of reports, file details and answers.',
    admission: parts.gate.admit('plain'),
    handle: async () => xml(schemaText()),
  });
}

interface ReceivedDocument<T> {
  readonly bytes: Buffer;
  readonly mediaType: string;
  readonly value: T;
  readonly warnings: readonly Warning[];
}

/** Takes in one document and reads it before the transaction opens; throws a DefectList with everything wrong. */
function receiveDocument<T>(
  parts: IntakeParts,
  code: 'intake.report-invalid' | 'intake.file-details-invalid',
  parse: (bytes: Uint8Array, options: { now: Date }) => Parsed<T>,
): Receiving<ReceivedDocument<T>> {
  return {
    limitBytes: parts.maxDocumentBytes,
    read: async ({ raw, contentType }: { raw: IncomingMessage; contentType: string }) => {
      const bytes = await readDocument(raw, parts.maxDocumentBytes);
      const encoding = encodingDefects(bytes, contentType);
      if (encoding.length > 0) throw new DefectList(code, intakeCodes[code].status, encoding);
      const parsed = parse(bytes, { now: parts.clock.now() });
      if (parsed.kind === 'defects') throw new DefectList(code, intakeCodes[code].status, parsed.defects);
      const mediaType = contentType === '' ? 'text/xml' : contentType;
      return { bytes, mediaType, value: parsed.value, warnings: parsed.warnings };
    },
  };
}

function submitRoute(parts: IntakeParts): Route {
  return defineRoute({
    method: 'POST',
    path: '/submit',
    permission: 'intake:send',
    audit: 'open-report',
    summary: 'Opens a report from one report document.',
    receive: receiveDocument<ReportDraft>(parts, 'intake.report-invalid', parseReportDocument),
    admission: parts.gate.admit('document', ({ value }: ReceivedDocument<ReportDraft>) =>
      isUrgentDraft(value),
    ),
    handle: async (ctx, { received }) => {
      const opened = await openReport(ofProvider(ctx), {
        draft: received.value,
        warnings: received.warnings,
        document: received,
        door: 'ispws',
        isDemonstration: parts.bureau.isDemonstration,
      });
      const { reportId } = opened;
      const body = reportResponse({ code: 0, description: successSentence(opened.warnings), reportId });
      return xml(body, { subject: `report:${reportId}`, details: { warnings: opened.warnings.length } });
    },
  });
}

function uploadRoute(parts: IntakeParts): Route {
  return defineRoute({
    method: 'POST',
    path: '/upload',
    permission: 'intake:send',
    audit: 'add-file',
    summary: 'Adds one file to an open report: multipart form with id, then file.',
    receive: uploads(parts, (incoming) =>
      readUpload(parts, incoming, {
        actor: incoming.actor,
        reportId: undefined,
        mayAdd: async (reportId) => {
          await refuseUnlessOpen(parts, incoming.actor, reportId);
          await parts.gate.admitStream(incoming.raw, incoming.actor, reportId);
        },
      }),
    ),
    admission: parts.gate.admit('upload', ({ reportId }: ReceivedUpload) => reportId),
    handle: async (ctx, { received }) => {
      const { reportId, staged } = received;
      const { fileId } = await addFile(ofProvider(ctx), parts.vault, received);
      const body = reportResponse({ code: 0, description: 'Success', reportId, fileId, hash: staged.md5 });
      return xml(body, { subject: `report:${reportId}`, details: { fileId } });
    },
  });
}

type ReadUpload = (incoming: Parameters<Receiving<ReceivedUpload>['read']>[0]) => Promise<ReceivedUpload>;

/** Uploads have no limit of size; what the transaction did not take over is removed again. */
function uploads(parts: IntakeParts, read: ReadUpload): Receiving<ReceivedUpload> {
  return {
    limitBytes: Number.POSITIVE_INFINITY,
    read,
    discard: async (received, why) => await refuseUpload(parts, received, why),
  };
}

function fileInfoRoute(parts: IntakeParts): Route {
  return defineRoute({
    method: 'POST',
    path: '/fileinfo',
    permission: 'intake:send',
    audit: 'describe-file',
    summary: 'Describes one uploaded file, once, from one fileDetails document.',
    receive: receiveDocument<FileDetailsDraft>(
      parts,
      'intake.file-details-invalid',
      parseFileDetailsDocument,
    ),
    admission: parts.gate.admit('document', ({ value }: ReceivedDocument<FileDetailsDraft>) =>
      parseReportId(value.reportId),
    ),
    handle: async (ctx, { received }) => {
      const details = received.value;
      const reportId = parseReportId(details.reportId);
      if (reportId === undefined) throw intakeRefusal('intake.unknown-report');
      const fileId = parseFileId(details.fileId.toLowerCase());
      const described = await describeFile(ofProvider(ctx), {
        reportId,
        fileId,
        details,
        document: received,
      });
      const description = successSentence(received.warnings);
      const body = reportResponse({ code: 0, description, reportId, fileId: described.fileId });
      return xml(body, { subject: `report:${reportId}`, details: { fileId: described.fileId } });
    },
  });
}

/** The forms of `/finish` and `/retract`: one number and nothing else. */
const idForm: Receiving<ReportId> = {
  limitBytes: 64 * 1024,
  read: async ({ raw, contentType }) => await readIdForm(raw, contentType),
};

function finishRoute(parts: IntakeParts): Route {
  return defineRoute({
    method: 'POST',
    path: '/finish',
    permission: 'intake:send',
    audit: 'file-report',
    summary: 'Files an open report; a link in the headers leads to the signed receipt.',
    receive: idForm,
    admission: parts.gate.admit('plain', (reportId: ReportId) => reportId),
    handle: async (ctx, { received: reportId, request }) => {
      const filed = await fileReport(ofProvider(ctx), parts, { reportId });
      const fileIds = filed.files.map((file) => file.id);
      const twin =
        filed.duplicateOf === undefined ? '' : ` The same document and files as report ${filed.duplicateOf}.`;
      const description = `Filed as ${filed.reference}.${twin}`;
      const body = reportDoneResponse({ code: 0, reportId, fileIds, description });
      const answer = xml(body, { subject: `report:${reportId}`, details: { files: fileIds.length } });
      return { ...answer, headers: { ...answer.headers, link: receiptLink(request.baseUrl, reportId) } };
    },
  });
}

function retractRoute(parts: IntakeParts): Route {
  return defineRoute({
    method: 'POST',
    path: '/retract',
    permission: 'intake:send',
    audit: 'retract-report',
    summary: 'Takes an open report back; what was sent is removed.',
    receive: idForm,
    admission: parts.gate.admit('plain', (reportId: ReportId) => reportId),
    handle: async (ctx, { received: reportId }) => {
      await retractReport(ofProvider(ctx), { reportId });
      return xml(reportResponse({ code: 0, description: 'Success', reportId }), {
        subject: `report:${reportId}`,
      });
    },
  });
}
