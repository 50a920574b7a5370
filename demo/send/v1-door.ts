import { randomUUID } from 'node:crypto';
import type { FiledReply, FileReply, OpenedReply } from '#contract/intake';
import type { Problem } from '#contract/shapes';
import type { DayFile, DayReport, FirstTry } from '../day/report.ts';
import type { StockFile } from '../pictures/stock.ts';
import { type Connection, type Message, multipart } from './connection.ts';
import { type Door, Refused } from './door.ts';
import { fileDetailsBody, reportBody } from './v1-body.ts';

/** Speaks the JSON API, with an idempotency key on everything that must not happen twice. */
export function v1Door(connection: Connection): Door {
  const call = async <T>(method: Message['method'], path: string, body: unknown): Promise<T> =>
    await sent<T>(connection, {
      method,
      path,
      headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
      body: JSON.stringify(body),
    });
  return {
    open: async (report: DayReport, fault?: FirstTry) =>
      (await call<OpenedReply>('POST', '/v1/reports', reportBody(report, fault))).reportId,
    addFile: async (reportId: string, file: DayFile, stock: StockFile) => {
      const form = multipart([
        { name: 'file', value: stock.bytes, fileName: file.name ?? 'file', mediaType: stock.mediaType },
      ]);
      const path = `/v1/reports/${reportId}/files`;
      const reply = await sent<FileReply>(connection, {
        method: 'POST',
        path,
        headers: form.headers,
        body: form.body,
      });
      return { fileId: reply.fileId, md5: reply.md5 };
    },
    describeFile: async (report: DayReport, file: DayFile, { reportId, fileId, md5 }) => {
      await call(
        'PUT',
        `/v1/reports/${reportId}/files/${fileId}/details`,
        fileDetailsBody(report, file, md5),
      );
    },
    file: async (reportId: string) =>
      (await call<FiledReply>('POST', `/v1/reports/${reportId}/filing`, {})).files.length,
    retract: async (reportId: string) => {
      await call('POST', `/v1/reports/${reportId}/retraction`, {});
    },
  };
}

async function sent<T>(connection: Connection, message: Message): Promise<T> {
  const reply = await connection.send(message);
  if (reply.status < 300) return JSON.parse(reply.text) as T;
  throw new Refused(`${message.method} ${message.path}`, reply.status, reasonOf(reply.text));
}

function reasonOf(text: string): string {
  try {
    const problem = JSON.parse(text) as Partial<Problem>;
    const [first] = problem.defects ?? [];
    return first === undefined
      ? (problem.code ?? 'no code')
      : `${problem.code}: ${first.element} ${first.rule}`;
  } catch {
    return text.slice(0, 120);
  }
}
