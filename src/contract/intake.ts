import { type Static, Type } from 'typebox';
import { PageOf, Time } from '#contract/shapes';
import { CybertipBody, IdentifierBody, moment, strict, text } from './intake-report.ts';
import { UkBody } from './intake-uk.ts';

/**
 * The service side of the JSON API: `/v1/reports`. Every body refuses unknown fields, so that a misspelt field is
 * an answer and not a loss.
 */

export {
  CybertipBody,
  eventNames,
  IdentifierBody,
  identifierKinds,
  PartyBody,
  reportAnnotations,
} from './intake-report.ts';
export { Schedule1, UkBody } from './intake-uk.ts';

/** `POST /v1/reports`. */
export const ReportBody = Type.Union([CybertipBody, UkBody]);
export type ReportBody = Static<typeof ReportBody>;

const Notice = Type.Object({ element: Type.String(), rule: Type.String(), message: Type.String() });
export type Notice = Static<typeof Notice>;

export const OpenedReply = Type.Object({
  reportId: Type.String(),
  state: Type.Literal('open'),
  expiresAt: Time,
  documentSha256: Type.String({ description: 'SHA-256 of the body exactly as it arrived' }),
  warnings: Type.Array(Notice),
});
export type OpenedReply = Static<typeof OpenedReply>;

/** `POST /v1/reports/:reportId/files`. */
export const FileReply = Type.Object({
  reportId: Type.String(),
  fileId: Type.String(),
  md5: Type.String(),
  sha1: Type.String(),
  sha256: Type.String(),
  sizeBytes: Type.Number(),
  expiresAt: Time,
});
export type FileReply = Static<typeof FileReply>;

export const fileAnnotations = [
  'animeDrawingVirtualHentai',
  'potentialMeme',
  'viral',
  'possibleSelfProduction',
  'physicalHarm',
  'violenceGore',
  'bestiality',
  'liveStreaming',
  'infant',
  'generativeAi',
] as const;

/** `PUT /v1/reports/:reportId/files/:fileId/details`: once per file. */
export const FileDetailsBody = Type.Object(
  {
    originalFileName: Type.Optional(text(2056)),
    uploadedAt: Type.Optional(moment('When the file was uploaded to the service.')),
    location: Type.Optional(text(2083, 'Where the file was, as a URL.')),
    viewedByProvider: Type.Optional(
      Type.Boolean({ description: 'A person at the service looked at the file.' }),
    ),
    exifViewedByProvider: Type.Optional(
      Type.Boolean({ description: 'Only together with viewedByProvider.' }),
    ),
    publiclyAvailable: Type.Optional(Type.Boolean()),
    relevance: Type.Optional(Type.Enum(['Reported', 'Supplemental Reported'])),
    annotations: Type.Optional(Type.Array(Type.Enum([...fileAnnotations]), { maxItems: 20 })),
    industryClassification: Type.Optional(Type.Enum(['A1', 'A2', 'B1', 'B2'])),
    originalHashes: Type.Optional(
      Type.Array(Type.Object({ type: Type.Optional(text(64)), value: text(256) }, strict), { maxItems: 100 }),
    ),
    identifiers: Type.Optional(
      Type.Array(IdentifierBody, { maxItems: 1000, description: 'Addresses and devices of the upload.' }),
    ),
    metadata: Type.Optional(
      Type.Array(Type.Object({ name: text(64), value: text(10_000) }, strict), { maxItems: 1000 }),
    ),
    notes: Type.Optional(Type.Array(text(100_000), { maxItems: 100 })),
  },
  strict,
);
export type FileDetailsBody = Static<typeof FileDetailsBody>;

export const DescribedReply = Type.Object({
  reportId: Type.String(),
  fileId: Type.String(),
  expiresAt: Time,
  warnings: Type.Array(Notice),
});
export type DescribedReply = Static<typeof DescribedReply>;

/** `POST /v1/reports/:reportId/filing`. */
export const FiledReply = Type.Object({
  reportId: Type.String(),
  state: Type.Literal('filed'),
  reference: Type.String({ description: 'the unique reference (URN) to keep' }),
  filedAt: Time,
  duplicateOf: Type.Optional(
    Type.String({ description: 'your earlier report with the same document and files' }),
  ),
  documentSha256: Type.String(),
  files: Type.Array(
    Type.Object({
      fileId: Type.String(),
      sha256: Type.String(),
      md5: Type.String(),
      sizeBytes: Type.Number(),
    }),
  ),
  receipt: Type.String({
    description:
      'signed proof of all this and more: a JWS in compact serialization, checked with the keys of GET /v1/keys',
  }),
});
export type FiledReply = Static<typeof FiledReply>;

/** `GET /v1/reports/:reportId/uploads/:uploadId`: how a resumable upload stands. */
export const UploadReply = Type.Object({
  reportId: Type.String(),
  uploadId: Type.String(),
  state: Type.Enum(['open', 'complete', 'sealed'], {
    description:
      'open: send on; complete: all bytes are here and are being sealed; sealed: the file is in the report',
  }),
  offsetBytes: Type.Integer(),
  lengthBytes: Type.Optional(Type.Integer()),
  file: Type.Optional(
    Type.Object({
      fileId: Type.String(),
      md5: Type.String(),
      sha1: Type.Optional(Type.String()),
      sha256: Type.String(),
      sizeBytes: Type.Number(),
    }),
  ),
});
export type UploadReply = Static<typeof UploadReply>;

/** `POST /v1/reports/:reportId/retraction`. */
export const RetractedReply = Type.Object({
  reportId: Type.String(),
  state: Type.Literal('retracted'),
  retractedAt: Time,
});
export type RetractedReply = Static<typeof RetractedReply>;

const reportStates = ['open', 'filed', 'retracted', 'expired'] as const;
export const SentReport = Type.Object({
  reportId: Type.String(),
  state: Type.Enum([...reportStates]),
  profile: Type.Enum(['cybertip', 'uk']),
  reference: Type.Optional(Type.String()),
  openedAt: Time,
  expiresAt: Type.Optional(Time),
  filedAt: Type.Optional(Time),
  endedAt: Type.Optional(Time),
  /** Since when its content is erased at the end of its term; number, reference and receipt stand. */
  erasedAt: Type.Optional(Time),
  files: Type.Integer(),
  incidents: Type.Integer(),
  duplicateOf: Type.Optional(Type.String()),
  isSynthetic: Type.Boolean(),
});
export type SentReport = Static<typeof SentReport>;

/** `GET /v1/reports/:reportId`. */
export const SentReportReply = Type.Object({
  ...SentReport.properties,
  documentSha256: Type.String(),
  warnings: Type.Array(Notice),
  fileList: Type.Array(
    Type.Object({
      fileId: Type.String(),
      position: Type.Integer(),
      md5: Type.String(),
      sha256: Type.String(),
      sizeBytes: Type.Number(),
      receivedAt: Time,
      isDescribed: Type.Boolean(),
    }),
    { description: 'Every file in the order of arrival; empty after retraction, expiry or erasure.' },
  ),
});
export type SentReportReply = Static<typeof SentReportReply>;

/** `GET /v1/reports?limit=&cursor=`: own reports, newest first. */
export const SentListReply = PageOf(SentReport);
export type SentListReply = Static<typeof SentListReply>;
