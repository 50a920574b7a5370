import { readdir } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Service, TestBureau } from '../harness/bureau.ts';

/** Documents and calls of an invented service, for tests of both doors. */

const enticement = 'Online Enticement of Children for Sexual Acts';

export interface ReportParts {
  readonly incidentType?: string;
  readonly at?: string;
  readonly head?: string;
  readonly summary?: string;
  readonly email?: string;
  readonly rest?: string;
}

/** A small report document; `rest` goes after the reporter. */
export function reportXml(parts: ReportParts = {}): string {
  const email = parts.email ?? '<email>trust@harbour-chat.example</email>';
  return (
    `<report>${parts.head ?? ''}<incidentSummary><incidentType>${parts.incidentType ?? enticement}</incidentType>` +
    `${parts.summary ?? ''}<incidentDateTime>${parts.at ?? '2026-03-01T10:00:00Z'}</incidentDateTime></incidentSummary>` +
    `<internetDetails><webPageIncident><url>https://harbour-chat.example/room/1</url></webPageIncident></internetDetails>` +
    `<reporter><reportingPerson>${email}</reportingPerson></reporter>${parts.rest ?? ''}</report>`
  );
}

export const batchedXml =
  '<report><batchedReport reason="VIRAL_POTENTIAL_MEME"/><incidentSummary>' +
  '<incidentType>Child Pornography (possession, manufacture, and distribution)</incidentType>' +
  '<incidentDateTime>2026-03-01T10:00:00Z</incidentDateTime></incidentSummary>' +
  '<reporter><reportingPerson><email>trust@harbour-chat.example</email></reportingPerson></reporter>' +
  '<personOrUserReported><espIdentifier>u-1</espIdentifier></personOrUserReported>' +
  '<personOrUserReported><espIdentifier>u-2</espIdentifier></personOrUserReported></report>';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** Text of the first element of this name. */
  readonly of: (name: string) => string | undefined;
  readonly code: number;
  readonly json: () => Record<string, unknown>;
}

export interface Call {
  readonly method?: string;
  readonly path: string;
  readonly authorization?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** One request with exactly the headers that are given: no content type is made up. */
export async function call(bureau: TestBureau, asked: Call): Promise<Reply> {
  const body = asked.body === undefined ? undefined : Buffer.from(asked.body);
  return await new Promise((resolve, reject) => {
    const sent = request(
      `${bureau.url}${asked.path}`,
      {
        method: asked.method ?? (body === undefined ? 'GET' : 'POST'),
        headers: {
          ...(asked.authorization === undefined ? {} : { authorization: asked.authorization }),
          ...(body === undefined ? {} : { 'content-length': String(body.length) }),
          ...asked.headers,
        },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const of = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            text,
            of,
            code: Number(of('responseCode')),
            json: () => JSON.parse(text) as Record<string, unknown>,
          });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

export interface FormPart {
  readonly name: string;
  readonly value: string | Uint8Array;
  readonly fileName?: string;
}

/** A multipart form as bytes, names of files unescaped as hostile clients send them. */
export function multipart(parts: readonly FormPart[]): { body: Buffer; headers: Record<string, string> } {
  const boundary = '----firstlight-test-boundary';
  const chunks = parts.flatMap((part) => [
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="${part.name}"` +
        `${part.fileName === undefined ? '' : `; filename="${part.fileName}"\r\nContent-Type: application/octet-stream`}\r\n\r\n`,
    ),
    Buffer.from(part.value),
    Buffer.from('\r\n'),
  ]);
  const body = Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]);
  return { body, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } };
}

/** The seven calls as one service makes them. */
export function ispws(bureau: TestBureau, service: Service) {
  const ask = async (path: string, more: Omit<Call, 'path'> = {}) =>
    await call(bureau, { path: `/ispws${path}`, authorization: service.authorization, ...more });
  const form = async (path: string, id: string) =>
    await ask(path, {
      body: `id=${id}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  return {
    ask,
    status: async () => await ask('/status'),
    submit: async (
      xml: string | Uint8Array,
      headers: Record<string, string> = { 'content-type': 'text/xml' },
    ) => await ask('/submit', { body: xml, headers }),
    /** Opens a report and gives its number. */
    open: async (xml: string = reportXml()): Promise<string> => {
      const reply = await ask('/submit', { body: xml, headers: { 'content-type': 'text/xml' } });
      const id = reply.of('reportId');
      if (id === undefined) throw new Error(`submit answered ${reply.status}: ${reply.text}`);
      return id;
    },
    upload: async (id: string, bytes: string | Uint8Array, fileName = 'picture.png') =>
      await ask(
        '/upload',
        multipart([
          { name: 'id', value: id },
          { name: 'file', value: bytes, fileName },
        ]),
      ),
    fileinfo: async (id: string, fileId: string, inner = '') =>
      await ask('/fileinfo', {
        body: `<fileDetails><reportId>${id}</reportId><fileId>${fileId}</fileId>${inner}</fileDetails>`,
        headers: { 'content-type': 'text/xml' },
      }),
    finish: async (id: string) => await form('/finish', id),
    retract: async (id: string) => await form('/retract', id),
  };
}

/** What is in the vault: bytes on disk and places that belong to nobody. */
export async function leftovers(bureau: TestBureau): Promise<{ onDisk: number; incoming: number }> {
  const files = await readdir(join(bureau.folder, 'evidence'), { recursive: true, withFileTypes: true });
  const { rows } = await sql<{ count: string }>`select count(*) from vault.incoming`.execute(
    bureau.db.kysely,
  );
  return { onDisk: files.filter((file) => file.isFile()).length, incoming: Number(rows[0]?.count) };
}
