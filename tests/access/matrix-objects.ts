import { randomBytes, randomUUID } from 'node:crypto';
import type { Route, RouteFamily } from '#access';
import type { Environment } from '#contract/shapes';
import type { Service, Staff, TestBureau } from '../harness/bureau.ts';
import { type Call, call, ispws, multipart, reportXml } from '../stages/intake-build.ts';

/** Objects for every route that names one, and the requests that go with them. */

/** What a service's route may name. */
export interface SentIds {
  readonly reportId: string;
  readonly fileId: string;
  readonly uploadId: string;
}

const tus = { 'tus-resumable': '1.0.0' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const json = { 'content-type': 'application/json' };
const part = { ...tus, 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' };

type Asked = Omit<Call, 'method' | 'path' | 'authorization'>;

/** Method and path to what a service sends with it. A route that names an object and is not here is refused loudly. */
const requests: Readonly<Record<string, (ids: SentIds) => Asked>> = {
  'POST /ispws/upload': ({ reportId }) =>
    multipart([
      { name: 'id', value: reportId },
      { name: 'file', value: 'bytes', fileName: 'picture.png' },
    ]),
  'POST /ispws/fileinfo': ({ reportId, fileId }) => ({
    headers: { 'content-type': 'text/xml' },
    body: `<fileDetails><reportId>${reportId}</reportId><fileId>${fileId}</fileId></fileDetails>`,
  }),
  'POST /ispws/finish': ({ reportId }) => ({ headers: form, body: `id=${reportId}` }),
  'POST /ispws/retract': ({ reportId }) => ({ headers: form, body: `id=${reportId}` }),
  'POST /v1/reports/:reportId/files': () => ({
    headers: { 'content-type': 'application/octet-stream' },
    body: 'bytes',
  }),
  'PUT /v1/reports/:reportId/files/:fileId/details': () => ({ headers: json, body: '{}' }),
  'POST /v1/reports/:reportId/filing': () => ({ headers: json, body: '{}' }),
  'POST /v1/reports/:reportId/retraction': () => ({ headers: json, body: '{}' }),
  'GET /v1/reports/:reportId': () => ({}),
  'GET /v1/reports/:reportId/receipt': () => ({}),
  'OPTIONS /v1/reports/:reportId/uploads': () => ({ headers: tus }),
  'POST /v1/reports/:reportId/uploads': () => ({ headers: { ...tus, 'upload-length': '5' } }),
  'HEAD /v1/reports/:reportId/uploads/:uploadId': () => ({ headers: tus }),
  'PATCH /v1/reports/:reportId/uploads/:uploadId': () => ({ headers: part, body: 'bytes' }),
  'POST /v1/reports/:reportId/uploads/:uploadId': () => ({
    headers: { ...part, 'x-http-method-override': 'PATCH' },
    body: 'bytes',
  }),
  'DELETE /v1/reports/:reportId/uploads/:uploadId': () => ({ headers: tus }),
  'GET /v1/reports/:reportId/uploads/:uploadId': () => ({}),
};

/** Routes of services that name no object of theirs: there is nothing foreign about them. */
const withoutObject = new Set([
  'GET /ispws/status',
  'GET /ispws/xsd',
  'POST /ispws/submit',
  'POST /v1/reports',
  'GET /v1/reports',
]);

export function nameOf(family: RouteFamily, route: Route): string {
  return `${route.method} ${family.prefix}${route.path}`;
}

export function namesAnObject(family: RouteFamily, route: Route): boolean {
  return !withoutObject.has(nameOf(family, route));
}

/** The request of a service for this route about these objects. */
export function serviceCall(family: RouteFamily, route: Route, ids: SentIds): Omit<Call, 'authorization'> {
  const name = nameOf(family, route);
  const asked = requests[name];
  if (asked === undefined)
    throw new Error(`tests/access/matrix-objects.ts has no request for ${name}: add one`);
  const path = fill(`${family.prefix}${route.path}`, (param) => {
    if (param in ids) return ids[param as keyof SentIds];
    throw new Error(`tests/access/matrix-objects.ts makes no ${param} of a service: add it`);
  });
  return { method: route.method, path, ...asked(ids) };
}

/** An open report with a file and a begun upload; filed where the route is about filed ones. */
export async function sendObjects(bureau: TestBureau, service: Service, name: string): Promise<SentIds> {
  const sender = ispws(bureau, service);
  const reportId = await sender.open(reportXml());
  const fileId = (await sender.upload(reportId, randomBytes(32))).of('fileId') ?? '';
  if (name.endsWith('/receipt')) {
    await sender.finish(reportId);
    return { reportId, fileId, uploadId: absentIds().uploadId };
  }
  const begun = await call(bureau, {
    method: 'POST',
    path: `/v1/reports/${reportId}/uploads`,
    authorization: service.authorization,
    headers: { ...tus, 'upload-length': '5' },
  });
  return { reportId, fileId, uploadId: String(begun.headers.location).split('/').at(-1) ?? '' };
}

export function absentIds(): SentIds {
  const fileId = `a${randomBytes(16).toString('hex').slice(1)}`;
  return { reportId: '99999999', fileId, uploadId: randomBytes(16).toString('hex') };
}

export function fill(path: string, exampleOf: (param: string) => string): string {
  return path.replaceAll(/:([a-zA-Z0-9]+)|\*/g, (whole, name: string | undefined) =>
    exampleOf(name ?? whole),
  );
}

/** Who or what an object of the desk belongs to. */
export interface DeskOwner {
  readonly environment: Environment;
  /** Whose session, passkey or emergency access it is. */
  readonly staff: Staff;
}

/** Makes what a route of the desk names: one maker for each name of a parameter, of both environments. */
export function deskExamples(bureau: TestBureau, services: Readonly<Record<Environment, Service>>) {
  const filed = new Map<Environment, string>();
  const filedReport = async (environment: Environment) => {
    const known = filed.get(environment);
    if (known !== undefined) return known;
    const sender = ispws(bureau, services[environment]);
    const reportId = await sender.open(reportXml());
    await sender.upload(reportId, randomBytes(32));
    await sender.finish(reportId);
    await bureau.drain();
    filed.set(environment, reportId);
    return reportId;
  };
  const makers = { ...plainMakers(bureau, filedReport), ...rowMakers(bureau, filedReport) };
  return async (param: string, of: DeskOwner): Promise<string> => {
    const make = makers[param];
    if (make === undefined)
      throw new Error(`tests/access/matrix-objects.ts makes no example of :${param}: add one`);
    return await make(of);
  };
}

type Makers = Readonly<Record<string, (of: DeskOwner) => Promise<string>>>;
type FiledReport = (environment: Environment) => Promise<string>;

/** What comes about by a deed. */
function plainMakers(bureau: TestBureau, filedReport: FiledReport): Makers {
  return {
    reportId: async ({ environment }) => await filedReport(environment),
    sha256: async ({ environment }) => {
      const reportId = await filedReport(environment);
      const { rows } = await bureau.db.pool.query<{ sha256: string }>(
        'select sha256 from intake.report_file where report_id = $1',
        [reportId],
      );
      return rows[0]?.sha256 ?? '';
    },
    staffId: async () => (await bureau.signIn(`Person ${randomUUID()}`, ['grader'])).id,
    providerId: async ({ environment }) =>
      (await bureau.addService(`Service ${randomUUID()}`, environment)).id,
    '*': async () => '0/000',
  };
}

/** What would take several people or a long time to come about: its row, written by the owner. */
function rowMakers(bureau: TestBureau, filedReport: FiledReport): Makers {
  const at = bureau.clock.now();
  const soon = new Date(at.getTime() + 3_600_000);
  const inserted = async (text: string, values: readonly unknown[]) => {
    const { rows } = await bureau.db.pool.query<{ id: string }>(`${text} returning id`, [...values]);
    return rows[0]?.id ?? '';
  };
  return {
    attentionId: async () =>
      await inserted(
        `insert into platform.attention (id, job, subject, reason, attempts, since)
         values ($1, 'assess-report', $2, 'x', 1, $3)`,
        [randomUUID(), randomUUID(), at],
      ),
    sessionId: async ({ staff }) =>
      await inserted(
        `insert into access.session (token_sha256, staff_id, created_at, last_seen_at, expires_at, proved_at)
         values ($1, $2, $3, $3, $4, $3)`,
        [randomBytes(32), staff.id, at, soon],
      ),
    passkeyId: async ({ staff }) =>
      await inserted(
        `insert into access.passkey (id, staff_id, credential_id, public_key, counter, name, is_synced, created_at)
         values ($1, $2, $3, 'x', 0, 'x', false, $4)`,
        [randomUUID(), staff.id, randomUUID(), at],
      ),
    proposalId: async ({ staff }) =>
      await inserted(
        `insert into access.proposal (id, deed, input, input_sha256, sentence, reason, people, permission,
           asked_by_kind, asked_by, asked_by_name, asked_at, expires_at)
         values ($1, 'x', '{}', repeat('a', 64), 'x', 'x', 2, 'x', 'staff', $2, 'x', $3, $4)`,
        [randomUUID(), staff.id, at, soon],
      ),
    emergencyId: async ({ staff, environment }) =>
      await inserted(
        `insert into access.emergency (id, kind, staff_id, report_id, reason, opened_at, ends_at, review_by)
         values ($1, 'report', $2, $3, 'x', $4, $5, $5)`,
        [randomUUID(), staff.id, await filedReport(environment), at, soon],
      ),
    lookUpId: async ({ environment }) =>
      await inserted(
        `insert into access.look_up (at, actor_kind, actor_id, actor_name, report_id, task, why)
         values ($1, 'staff', $2, 'x', $3, 'own', 'x')`,
        [at, randomUUID(), await filedReport(environment)],
      ),
    entryId: async () =>
      await inserted(
        `insert into access.watch_entry (id, kind, category, digest, added_by_kind, added_by, added_at)
         values ($1, 'email', 'other', $2, 'staff', 'x', $3)`,
        [randomUUID(), randomUUID(), at],
      ),
    sampleId: async ({ staff }) =>
      await inserted(
        `insert into access.audit_sample (id, month, until, seed, size, population, drawn_by, drawn_at)
         values ($1, '2026-10-01', $3, 'x', 1, 0, $2, $3)`,
        [randomUUID(), staff.id, at],
      ),
  };
}
