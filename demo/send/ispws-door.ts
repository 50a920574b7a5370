import type { DayFile, DayReport, FirstTry } from '../day/report.ts';
import type { Generation } from '../day/services.ts';
import type { StockFile } from '../pictures/stock.ts';
import { type Connection, multipart, type Reply } from './connection.ts';
import { type Door, Refused } from './door.ts';
import { type FileNumbers, fileDetailsDocument, reportDocument } from './report-document.ts';
import { textOf } from './xml.ts';

/** What the generations of clients say about an XML body; the oldest say nothing of use. */
const documentTypes: Readonly<Record<Generation, string>> = {
  2016: 'text/plain;charset=UTF-8',
  2021: 'text/xml; charset=utf-8',
  2026: 'application/xml; charset=utf-8',
};

/** Speaks the XML protocol as a client of that generation does. */
export function ispwsDoor(connection: Connection, generation: Generation): Door {
  const post = async (
    path: string,
    headers: Record<string, string>,
    body: Buffer | string,
  ): Promise<string> =>
    succeeded(path, await connection.send({ method: 'POST', path: `/ispws/${path}`, headers, body }));
  const document = async (path: string, body: string): Promise<string> =>
    await post(path, { 'content-type': documentTypes[generation] }, body);
  const byId = async (path: string, id: string): Promise<string> => {
    if (generation === 2026) {
      const form = multipart([{ name: 'id', value: id }]);
      return await post(path, form.headers, form.body);
    }
    return await post(path, { 'content-type': 'application/x-www-form-urlencoded' }, `id=${id}`);
  };

  return {
    open: async (report: DayReport, fault?: FirstTry) =>
      found(await document('submit', reportDocument(report, fault)), 'reportId'),
    addFile: async (reportId: string, file: DayFile, stock: StockFile) => {
      const form = multipart([
        { name: 'id', value: reportId },
        {
          name: 'file',
          value: stock.bytes,
          fileName: file.name ?? 'file',
          mediaType: 'application/octet-stream',
        },
      ]);
      const answer = await post('upload', form.headers, form.body);
      return { fileId: found(answer, 'fileId'), md5: found(answer, 'hash') };
    },
    describeFile: async (report: DayReport, file: DayFile, numbers: FileNumbers) => {
      await document('fileinfo', fileDetailsDocument(report, file, numbers));
    },
    file: async (reportId: string) => (await byId('finish', reportId)).split('<fileId>').length - 1,
    retract: async (reportId: string) => {
      await byId('retract', reportId);
    },
  };
}

/** Success is exactly HTTP 200 with code 0; everything else is a refusal. */
function succeeded(step: string, reply: Reply): string {
  const code = textOf(reply.text, 'responseCode');
  if (reply.status === 200 && code === '0') return reply.text;
  throw new Refused(step, reply.status, reasonOf(code, textOf(reply.text, 'responseDescription')));
}

/** The code, and the first broken rule as the description names it: `[layer: rule]`. */
function reasonOf(code: string | undefined, description = ''): string {
  const rule = /\[(\w+: [\w-]+)\]/.exec(description)?.[1];
  return `${code ?? 'no code'} ${rule ?? description.slice(0, 120)}`.trim();
}

function found(answer: string, name: string): string {
  const text = textOf(answer, name);
  if (text === undefined || text === '') throw new Error(`the bureau's answer has no ${name}`);
  return text;
}
