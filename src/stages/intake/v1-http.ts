import { Type } from 'typebox';
import {
  type Answer,
  type Ctx,
  defineRoute,
  presentServiceProblem,
  type Receiving,
  type Route,
  type RouteFamily,
} from '#access';
import type { Defect } from '#base/defects';
import { parseFileId, type ReportId } from '#base/ids';
import {
  type DescribedReply,
  DescribedReply as DescribedReplyShape,
  type FileDetailsBody,
  FileDetailsBody as FileDetailsShape,
  type FiledReply,
  FiledReply as FiledReplyShape,
  type FileReply,
  FileReply as FileReplyShape,
  type Notice,
  type OpenedReply,
  OpenedReply as OpenedReplyShape,
  ReportBody as ReportShape,
  type RetractedReply,
  RetractedReply as RetractedReplyShape,
  SentListReply,
  SentReportReply,
} from '#contract/intake';
import { sha256Hex } from '#platform/random';
import { discardStaged } from '#vault';
import { addFile } from './add-file.ts';
import { answerOnce } from './answer-once.ts';
import { describeFile } from './describe-file.ts';
import { fileReport } from './file-report.ts';
import { refuseUnlessOpen } from './find-open-report.ts';
import { fileDetailsOfBody } from './formats/json-file-details.ts';
import type { ReportDraft } from './formats/report-draft.ts';
import type { IntakeParts } from './intake-parts.ts';
import { ofProvider, providerOf } from './of-provider.ts';
import { openReport } from './open-report.ts';
import { readDocument } from './read-document.ts';
import { goodOrThrow, type ReceivedJson, readFileDetailsBody, readReportBody } from './read-json.ts';
import { type ReceivedUpload, readRawUpload, readUpload, refuseUpload } from './read-upload.ts';
import { receiptRoute } from './receipt-http.ts';
import { reportIdOf, reportParams } from './report-params.ts';
import { retractReport } from './retract-report.ts';
import { isUrgentDraft } from './rules/urgent-draft.ts';
import { listSentReports, mostPerPage, showSentReport } from './show-sent-reports.ts';
import { findAnswer } from './store-answers.ts';

/**
 * The JSON API for services: the same deeds as `/ispws`, with an Idempotency-Key on every POST and problem details
 * (RFC 9457) for whatever is refused.
 */
export function serviceFamily(parts: IntakeParts): RouteFamily {
  return {
    name: 'service',
    prefix: '/v1',
    signIn: 'service',
    presentFault: presentServiceProblem,
    routes: [
      openRoute(parts),
      addFileRoute(parts),
      describeRoute(parts),
      filingRoute(parts),
      retractionRoute(parts),
      showRoute(parts),
      listRoute(parts),
      receiptRoute(parts),
    ],
  };
}

const fileParams = Type.Object({
  ...reportParams.properties,
  fileId: Type.String({ description: '32 hex digits' }),
});

function noticesOf(warnings: readonly Defect[]): Notice[] {
  return warnings.map(({ element, rule, message }) => ({ element, rule, message }));
}

function keyOf(request: { readonly headers: Readonly<Record<string, unknown>> }): string | undefined {
  const key = request.headers['idempotency-key'];
  return typeof key === 'string' ? key : undefined;
}

/** Answers once per Idempotency-Key; `digest` tells requests apart, together with the path. */
async function once<Reply>(
  ctx: Ctx,
  request: { readonly headers: Readonly<Record<string, unknown>> },
  asked: { readonly act: string; readonly digest: string; readonly subject?: ReportId },
  work: () => Promise<{ readonly status: number; readonly body: Reply & { readonly reportId: string } }>,
): Promise<Answer> {
  const requestSha256 = sha256Hex(`${asked.act}\n${asked.digest}`);
  const answer = await answerOnce(ofProvider(ctx), { key: keyOf(request), requestSha256 }, work);
  const { reportId } = answer.body as { readonly reportId: string };
  return {
    status: answer.status,
    ...(answer.isReplay ? { headers: { 'idempotent-replayed': 'true' } } : {}),
    body: answer.body,
    subject: `report:${reportId}`,
    details: { isReplay: answer.isReplay },
  };
}

function openRoute(parts: IntakeParts): Route {
  const receive: Receiving<ReceivedJson<ReportDraft>> = {
    limitBytes: parts.maxDocumentBytes,
    accepts: { 'application/json': ReportShape },
    read: async ({ raw, contentType }) => await readReportBody(parts, raw, contentType),
  };
  return defineRoute({
    method: 'POST',
    path: '/reports',
    permission: 'intake:send',
    audit: 'open-report',
    summary: 'Opens a report. Add files, then file it before expiresAt.',
    reply: OpenedReplyShape,
    receive,
    admission: parts.gate.admit('document', ({ value }: ReceivedJson<ReportDraft>) => isUrgentDraft(value)),
    handle: async (ctx, { received, request }) =>
      await once<OpenedReply>(ctx, request, { act: 'open-report', digest: received.sha256 }, async () => {
        const opened = await openReport(ofProvider(ctx), {
          draft: received.value,
          warnings: received.warnings,
          document: received,
          door: 'v1',
          isDemonstration: parts.bureau.isDemonstration,
        });
        return {
          status: 201,
          body: {
            reportId: opened.reportId,
            state: 'open',
            expiresAt: opened.expiresAt.toISOString(),
            documentSha256: opened.documentSha256,
            warnings: noticesOf(opened.warnings),
          },
        };
      }),
  });
}

function addFileRoute(parts: IntakeParts): Route {
  return defineRoute({
    method: 'POST',
    path: '/reports/:reportId/files',
    permission: 'intake:send',
    audit: 'add-file',
    summary: 'Adds one file of any size, as the bare body or as the field file of a form.',
    params: reportParams,
    reply: FileReplyShape,
    receive: receiveFile(parts),
    admission: parts.gate.admit('upload'),
    handle: async (ctx, { received, request }) => {
      const { reportId, staged, uploadName } = received;
      const digest = `${staged.sha256} ${uploadName ?? ''}`;
      return await once<FileReply>(ctx, request, { act: `add-file ${reportId}`, digest }, async () => {
        const { fileId, expiresAt } = await addFile(ofProvider(ctx), parts.vault, received);
        const { md5, sha1, sha256, sizeBytes } = staged;
        const body = { reportId, fileId, md5, sha1, sha256, sizeBytes, expiresAt: expiresAt.toISOString() };
        return { status: 201, body };
      });
    },
  });
}

function receiveFile(parts: IntakeParts): Receiving<ReceivedUpload> {
  return {
    limitBytes: Number.POSITIVE_INFINITY,
    accepts: {
      'application/octet-stream': null,
      'multipart/form-data': Type.Object({
        file: Type.String({ contentMediaType: 'application/octet-stream' }),
      }),
    },
    read: async (incoming) => {
      const { actor } = incoming;
      const key = keyOf(incoming.request);
      const known =
        key === undefined
          ? undefined
          : await parts.inTransaction((tx) => findAnswer(tx.db, providerOf(actor).id, key), actor);
      const rules = {
        actor: incoming.actor,
        reportId: reportIdOf({ reportId: incoming.params.reportId ?? '' }),
        // A repeated request is answered from what is stored, whatever became of the report since.
        mayAdd: async (reportId: ReportId) => {
          if (known === undefined) await refuseUnlessOpen(parts, incoming.actor, reportId);
          await parts.gate.admitStream(incoming.raw, incoming.actor, reportId);
        },
      };
      const isForm = /^\s*multipart\//i.test(incoming.contentType);
      const received = await (isForm ? readUpload : readRawUpload)(parts, incoming, rules);
      if (known !== undefined) await discardStaged(parts.vault, parts.db, received.staged);
      return received;
    },
    discard: async (upload, why) => await refuseUpload(parts, upload, why),
  };
}

function describeRoute(parts: IntakeParts): Route {
  const receive: Receiving<ReceivedJson<FileDetailsBody>> = {
    limitBytes: parts.maxDocumentBytes,
    accepts: { 'application/json': FileDetailsShape },
    read: async ({ raw, contentType }) => await readFileDetailsBody(parts, raw, contentType),
  };
  return defineRoute({
    method: 'PUT',
    path: '/reports/:reportId/files/:fileId/details',
    permission: 'intake:send',
    audit: 'describe-file',
    summary: 'Describes one file, once.',
    params: fileParams,
    reply: DescribedReplyShape,
    receive,
    admission: parts.gate.admit('document'),
    handle: async (ctx, { params, received }) => {
      const reportId = reportIdOf(params);
      const ids = { reportId, fileId: params.fileId };
      const drafted = fileDetailsOfBody(received.value, ids, { now: ctx.now });
      const details = goodOrThrow('intake.file-details-invalid', drafted);
      const described = await describeFile(ofProvider(ctx), {
        reportId,
        fileId: parseFileId(params.fileId),
        details: details.value,
        document: received,
      });
      const body: DescribedReply = {
        reportId,
        fileId: described.fileId,
        expiresAt: described.expiresAt.toISOString(),
        warnings: noticesOf([...received.warnings, ...details.warnings]),
      };
      return { body, subject: `report:${reportId}`, details: { fileId: described.fileId } };
    },
  });
}

/** Filing and retraction need no body; whatever comes is read away up to a small limit. */
const noBody: Receiving<string> = {
  limitBytes: 64 * 1024,
  read: async ({ raw }) => sha256Hex(await readDocument(raw, 64 * 1024)),
};

function filingRoute(parts: IntakeParts): Route {
  return defineRoute({
    method: 'POST',
    path: '/reports/:reportId/filing',
    permission: 'intake:send',
    audit: 'file-report',
    summary:
      'Files the report; the answer holds the receipt. Afterwards nothing can be changed or taken back.',
    params: reportParams,
    reply: FiledReplyShape,
    receive: noBody,
    admission: parts.gate.admit('plain'),
    handle: async (ctx, { params, request }) => {
      const reportId = reportIdOf(params);
      const asked = { act: `file-report ${reportId}`, digest: '' };
      return await once<FiledReply>(ctx, request, asked, async () => {
        const filed = await fileReport(ofProvider(ctx), parts, { reportId });
        const body: FiledReply = {
          reportId,
          state: 'filed',
          reference: filed.reference,
          filedAt: filed.filedAt.toISOString(),
          ...(filed.duplicateOf === undefined ? {} : { duplicateOf: filed.duplicateOf }),
          documentSha256: filed.documentSha256,
          files: filed.files.map((file) => ({
            fileId: file.id,
            sha256: file.sha256,
            md5: file.md5,
            sizeBytes: Number(file.sizeBytes),
          })),
          receipt: filed.receipt,
        };
        return { status: 200, body };
      });
    },
  });
}

function retractionRoute(parts: IntakeParts): Route {
  return defineRoute({
    method: 'POST',
    path: '/reports/:reportId/retraction',
    permission: 'intake:send',
    audit: 'retract-report',
    summary: 'Takes an open report back; what was sent is removed.',
    params: reportParams,
    reply: RetractedReplyShape,
    receive: noBody,
    admission: parts.gate.admit('plain'),
    handle: async (ctx, { params, request }) => {
      const reportId = reportIdOf(params);
      const asked = { act: `retract-report ${reportId}`, digest: '' };
      return await once<RetractedReply>(ctx, request, asked, async () => {
        const { retractedAt } = await retractReport(ofProvider(ctx), { reportId });
        const body = { reportId, state: 'retracted', retractedAt: retractedAt.toISOString() } as const;
        return { status: 200, body };
      });
    },
  });
}

function showRoute(parts: IntakeParts): Route {
  return defineRoute({
    method: 'GET',
    path: '/reports/:reportId',
    permission: 'intake:send',
    audit: 'show-sent-report',
    summary: 'One report of your own: its state, reference, warnings and files.',
    params: reportParams,
    reply: SentReportReply,
    admission: parts.gate.admit('plain'),
    handle: async (ctx, { params }) => {
      const reportId = reportIdOf(params);
      return { body: await showSentReport(ofProvider(ctx), { reportId }), subject: `report:${reportId}` };
    },
  });
}

function listRoute(parts: IntakeParts): Route {
  return defineRoute({
    method: 'GET',
    path: '/reports',
    permission: 'intake:send',
    audit: 'list-sent-reports',
    summary: 'Reports of your own, newest first.',
    query: Type.Object({
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: mostPerPage })),
      cursor: Type.Optional(Type.String({ maxLength: 100 })),
    }),
    reply: SentListReply,
    admission: parts.gate.admit('plain'),
    handle: async (ctx, { query }) => ({ body: await listSentReports(ofProvider(ctx), query) }),
  });
}
