import { meaningOf } from './response-codes.ts';

/**
 * The two documents that the bureau answers with. Both are always complete, errors included, and fit the served
 * schema: some clients read the body before the status and stop at a missing element.
 */

export interface ReportResponse {
  readonly code: number;
  /** More than the code says, for example what was wrong. A blank or a number gives way to what the code means. */
  readonly description?: string | undefined;
  readonly reportId?: string | undefined;
  readonly fileId?: string | undefined;
  /** MD5 of the bytes received, lower-case hex. */
  readonly hash?: string | undefined;
}

export interface ReportDoneResponse {
  readonly code: number;
  /** What was wrong. The document has no element for it, so it stands in a comment after the root. */
  readonly description?: string | undefined;
  /** Number of the report; an answer about no known report carries 0, because the element may not be missing. */
  readonly reportId?: string | undefined;
  readonly fileIds?: readonly string[] | undefined;
}

/** The answer to every call but /finish. */
export function reportResponse(response: ReportResponse): string {
  return document(
    element('reportResponse', [
      element('responseCode', String(response.code)),
      element('responseDescription', escaped(wordsOf(response.code, response.description))),
      ...present('reportId', numeric(response.reportId)),
      ...present('fileId', response.fileId),
      ...present('hash', response.hash),
    ]),
  );
}

/** The answer to /finish. */
export function reportDoneResponse(response: ReportDoneResponse): string {
  const { code, description, fileIds = [] } = response;
  const root = element('reportDoneResponse', [
    element('responseCode', String(code)),
    element('reportId', numeric(response.reportId) ?? '0'),
    fileIds.length === 0
      ? '<files/>'
      : element(
          'files',
          fileIds.map((id) => element('fileId', escaped(id))),
        ),
  ]);
  return document(description === undefined ? root : `${root}\n${comment(description)}`);
}

function wordsOf(code: number, description: string | undefined): string {
  const words = plain(description ?? '').trim();
  return words === '' || /^[-+\d.,\s]+$/.test(words) ? meaningOf(code) : words;
}

function document(root: string): string {
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n${root}\n`;
}

function element(name: string, content: string | readonly string[]): string {
  return `<${name}>${typeof content === 'string' ? content : content.join('')}</${name}>`;
}

function present(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [element(name, escaped(value))];
}

/** Clients read the report's number as a number; anything else is left out. */
function numeric(value: string | undefined): string | undefined {
  return value !== undefined && /^\d{1,18}$/.test(value) ? value : undefined;
}

/** Two hyphens in a row would end a comment. */
function comment(text: string): string {
  return `<!-- ${plain(text).replaceAll(/-(?=-)/g, '- ')} -->`;
}

function escaped(text: string): string {
  return plain(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#13;');
}

/** Without the characters that XML 1.0 (fifth edition, 2008, production 2) cannot carry, lone surrogates included. */
function plain(text: string): string {
  return text.replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '');
}
