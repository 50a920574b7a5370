import type { IncomingMessage } from 'node:http';
import { Busboy } from '@fastify/busboy';
import { parseReportId, type ReportId } from '#base/ids';
import { intakeRefusal } from './codes.ts';
import { readDocument } from './read-document.ts';

/** A form of /finish and /retract holds one number; anything near this size is something else. */
const formLimitBytes = 64 * 1024;
const mostFields = 10;

/**
 * Reads the form of `/finish` and `/retract`: one field `id`, urlencoded, multipart, or with no content type at
 * all. Throws `intake.id-missing`, `intake.id-malformed`, `intake.form-unreadable` or `intake.form-too-long`.
 */
export async function readIdForm(raw: IncomingMessage, contentType: string): Promise<ReportId> {
  const bytes = await readDocument(raw, formLimitBytes);
  const ids = /^\s*multipart\//i.test(contentType)
    ? await idsOfMultipart(bytes, contentType)
    : new URLSearchParams(bytes.toString('utf8')).getAll('id');
  return onlyId(ids);
}

/** The one id of a form. A leading zero, a sign or a second, different id is refused. */
export function onlyId(ids: readonly string[]): ReportId {
  const [first, ...others] = ids.map((id) => id.trim());
  if (first === undefined || first === '') throw intakeRefusal('intake.id-missing');
  const reportId = parseReportId(first);
  if (reportId === undefined || others.some((other) => other !== first))
    throw intakeRefusal('intake.id-malformed');
  return reportId;
}

async function idsOfMultipart(bytes: Buffer, contentType: string): Promise<readonly string[]> {
  const form = openForm(contentType, { fields: mostFields, parts: mostFields, fieldSize: 1024 }, () => false);
  const ids: string[] = [];
  return await new Promise((resolve, reject) => {
    form.on('field', (name, value) => {
      if (name === 'id') ids.push(value);
    });
    form.on('fieldsLimit', () => reject(intakeRefusal('intake.form-too-long')));
    form.on('partsLimit', () => reject(intakeRefusal('intake.form-too-long')));
    form.on('error', () => reject(intakeRefusal('intake.form-unreadable')));
    form.on('finish', () => resolve(ids));
    form.end(bytes);
  });
}

/** A multipart reader that keeps file names as they came; throws `intake.form-unreadable` without a boundary. */
export function openForm(
  contentType: string,
  limits: NonNullable<ConstructorParameters<typeof Busboy>[0]['limits']>,
  isPartAFile: (name: string | undefined, fileName: string | undefined) => boolean,
): InstanceType<typeof Busboy> {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      limits: { fieldNameSize: 100, headerPairs: 50, headerSize: 16 * 1024, ...limits },
      isPartAFile: (name, _type, fileName) => isPartAFile(name, fileName),
      preservePath: true,
    });
  } catch {
    throw intakeRefusal('intake.form-unreadable');
  }
}
