import type { Parsed } from '#base/defects';
import { DocumentReader, type ReadOptions } from './document-reader.ts';
import type { FileDetailsDraft, ReportDraft } from './report-draft.ts';
import { tables } from './vocabulary/vocabulary.ts';

let reader: DocumentReader | undefined;

function sharedReader(): DocumentReader {
  reader ??= new DocumentReader(tables);
  return reader;
}

/**
 * The body of /submit: bytes of one `<report>` in, the report model with warnings out, or everything wrong with it.
 * Never throws on what was sent. Times are judged against `now`.
 */
export function parseReportDocument(bytes: Uint8Array, options: ReadOptions): Parsed<ReportDraft> {
  return sharedReader().report(bytes, options);
}

/** The body of /fileinfo: bytes of one `<fileDetails>`, as above. */
export function parseFileDetailsDocument(bytes: Uint8Array, options: ReadOptions): Parsed<FileDetailsDraft> {
  return sharedReader().fileDetails(bytes, options);
}
