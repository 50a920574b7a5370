declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** A report's number as the protocol shows it: a positive integer without leading zero, kept as a string. */
export type ReportId = Branded<string, 'ReportId'>;
/** One file record of one report: 32 lower-case hex characters with at least one letter. */
export type FileId = Branded<string, 'FileId'>;
/** SHA-256 of a file's bytes, 64 lower-case hex characters: the identity of bytes, however often reported. */
export type Sha256 = Branded<string, 'Sha256'>;
export type ProviderId = Branded<string, 'ProviderId'>;
export type StaffId = Branded<string, 'StaffId'>;

const reportIdForm = /^[1-9][0-9]{0,17}$/;
const fileIdForm = /^(?=.*[a-f])[0-9a-f]{32}$/;
const sha256Form = /^[0-9a-f]{64}$/;
const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Each gives the branded id, or undefined when the text has not its form. */
export function parseReportId(text: string): ReportId | undefined {
  return reportIdForm.test(text) ? (text as ReportId) : undefined;
}

export function parseFileId(text: string): FileId | undefined {
  return fileIdForm.test(text) ? (text as FileId) : undefined;
}

export function parseSha256(text: string): Sha256 | undefined {
  return sha256Form.test(text) ? (text as Sha256) : undefined;
}

export function parseProviderId(text: string): ProviderId | undefined {
  return uuidForm.test(text) ? (text as ProviderId) : undefined;
}

export function parseStaffId(text: string): StaffId | undefined {
  return uuidForm.test(text) ? (text as StaffId) : undefined;
}

/** 32 hex characters that a client cannot mistake for a number: the first digit becomes a letter if none is there. */
export function fileIdFrom(hex32: string): FileId {
  const id = /[a-f]/.test(hex32) ? hex32 : `f${hex32.slice(1)}`;
  const parsed = parseFileId(id);
  if (parsed === undefined) throw new Error('a file id is made from 32 lower-case hex characters');
  return parsed;
}
