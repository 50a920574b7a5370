import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A bureau that answers the command line's questions with fixed documents, and remembers what it was asked. */

export const token = 'a-token-for-tests-only-0123456789';
export const providerId = '0b6f3a52-7c1e-4c0b-9c39-0d7a0f6f2f11';
export const sandboxId = '1c7f3a52-7c1e-4c0b-9c39-0d7a0f6f2f12';
export const staffId = '2d8f3a52-7c1e-4c0b-9c39-0d7a0f6f2f13';
export const attentionId = '3e9f3a52-7c1e-4c0b-9c39-0d7a0f6f2f14';
export const at = '2026-11-24T20:56:00.000Z';

export const documents = {
  providers: {
    items: [
      {
        id: providerId,
        name: 'Example Chat',
        environment: 'production',
        username: 'example-chat',
        createdAt: at,
        credentialIssuedAt: at,
        reports: 1234,
      },
      {
        id: sandboxId,
        name: 'Example Chat',
        environment: 'sandbox',
        username: 'example-chat-sandbox',
        createdAt: at,
        credentialIssuedAt: at,
        suspendedAt: at,
        reports: 0,
      },
    ],
  },
  credential: {
    id: providerId,
    name: 'Example Chat',
    environment: 'production',
    username: 'example-chat',
    password: 'shown-once-only',
  },
  staff: {
    items: [
      {
        id: staffId,
        name: 'Ada Example',
        roles: ['triage-officer', 'auditor'],
        createdAt: at,
        passkeys: 1,
        isFromAgency: false,
        sessions: 0,
      },
    ],
  },
  link: { id: staffId, signInLink: 'http://127.0.0.1:8080/sign-in#abc', expiresAt: at },
  attention: {
    items: [
      {
        id: attentionId,
        job: 'assess-report',
        subject: 'report:1000002',
        reason: 'it could not be read',
        attempts: 5,
        since: at,
        isRetrying: false,
      },
      {
        id: providerId,
        job: 'assess-report',
        subject: 'report:1000003',
        reason: 'it could not be read',
        attempts: 5,
        since: at,
        isRetrying: true,
      },
    ],
  },
  register: {
    items: [
      {
        method: 'GET',
        path: '/v1/desk/status',
        permission: 'status:read',
        audit: 'none',
        heldBy: ['supervisor'],
      },
    ],
  },
  audit: {
    items: [
      {
        id: '1',
        at,
        actor: { kind: 'staff', id: staffId, name: 'Ada Example' },
        action: 'take-report',
        outcome: 'done',
        subject: 'report:1000002',
        why: 'triage',
      },
      {
        id: '2',
        at,
        actor: { kind: 'anonymous', id: 'anonymous', name: 'anonymous' },
        action: 'read-report',
        outcome: 'refused',
        code: 'access.sign-in-needed',
      },
    ],
  },
  status: {
    bureau: 'Example Bureau',
    version: '0.1.0',
    isDemonstration: true,
    reports: { open: 1, filed: 2, retracted: 3, expired: 4 },
    desk: { waiting: 5, taken: 6, decided: 7 },
    files: { records: 8, seals: 9, sizeBytes: 1_234_567 },
    jobs: { waiting: 10, running: 11, needAttention: 12 },
  },
  brief: {
    reportId: '1000002',
    reference: 'EX-2026-1000002',
    provider: { id: providerId, name: 'Example Chat', environment: 'production' },
    door: 'ispws',
    profile: 'cybertip',
    reportState: 'filed',
    state: 'waiting',
    openedAt: at,
    filedAt: at,
    incidentType: 'Online Enticement of Children for Sexual Acts',
    incidentAt: at,
    annotations: [],
    isSynthetic: true,
    urgency: 1,
    urgencyReasons: [{ code: 'imminent', sentence: 'The service says that a child is in danger now.' }],
    completeness: {
      share: 0.5,
      present: [],
      missing: [{ code: 'no-address', sentence: 'No address was sent.' }],
      rulesVersion: '1',
    },
    incidents: 1,
    parties: [
      {
        role: 'reported person',
        path: 'report/personOrUserReported',
        identifiers: [{ kind: 'screen name', value: 'evil\u202ename\u001b[31m', path: 'x', attributes: {} }],
      },
    ],
    files: [
      {
        fileId: 'f'.repeat(32),
        position: 1,
        md5: '0'.repeat(32),
        sha1: '0'.repeat(40),
        sha256: '0'.repeat(64),
        sizeBytes: 200_000,
        receivedAt: at,
        originalFileName: 'a\nb.png',
        annotations: [],
        identifiers: [],
        otherReports: 2,
        sealState: 'sealed',
      },
    ],
    fileCount: 3,
    partyCount: 2,
    sent: { name: 'report' },
    documentSha256: '1'.repeat(64),
    warnings: [],
    duplicates: [],
    priorReports: [],
    decisions: [{ id: staffId, kind: 'refer', by: { id: staffId, name: 'Ada Example' }, at }],
    can: {
      take: false,
      release: false,
      decide: false,
      undo: false,
      reopen: false,
      seeAudit: true,
      correct: false,
    },
    corrections: [],
    rankChanges: [],
  },
} as const;

export function reportPage(from: number, count: number, next?: string) {
  const items = Array.from({ length: count }, (_, index) => ({
    reportId: String(1_000_000 + from + index),
    reference: `EX-${from + index}`,
    provider: documents.brief.provider,
    state: 'filed' as const,
    deskState: 'waiting' as const,
    urgency: 2,
    incidentType: 'Child Pornography (possession, manufacture, and distribution)',
    openedAt: at,
    filedAt: at,
    files: 2,
    incidents: 1,
    isSynthetic: true,
  }));
  return { items, ...(next === undefined ? {} : { next }) };
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly authorization: string | undefined;
}

export interface AnsweringBureau {
  readonly url: string;
  readonly asked: Asked[];
  /** Lines that a verification answers with. */
  verification: readonly unknown[];
  close(): Promise<unknown>;
}

export async function startAnsweringBureau(): Promise<AnsweringBureau> {
  const asked: Asked[] = [];
  const bureau = { url: '', asked, verification: [] as readonly unknown[], close: () => closed(server) };
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
    });
    request.on('end', () => {
      const { authorization } = request.headers;
      const body: unknown = text === '' ? undefined : JSON.parse(text);
      asked.push({ method: request.method ?? '', path: request.url ?? '', body, authorization });
      answer(response, `${request.method} ${request.url}`, authorization, bureau.verification);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  bureau.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return bureau;
}

function closed(server: Server): Promise<unknown> {
  return new Promise((resolve) => server.close(resolve));
}

function answer(
  response: ServerResponse,
  question: string,
  authorization: string | undefined,
  verification: readonly unknown[],
): void {
  const json = (status: number, body: unknown) => {
    response.writeHead(status, {
      'content-type': status >= 400 ? 'application/problem+json' : 'application/json',
    });
    response.end(JSON.stringify(body));
  };
  const problem = (status: number, code: string, detail: string) =>
    json(status, { type: 'about:blank', title: 'Refused', status, code, detail, requestId: 'request-7' });
  const answers: Record<string, () => void> = {
    'GET /v1/desk/providers': () => json(200, documents.providers),
    'POST /v1/desk/providers': () => json(201, documents.credential),
    [`POST /v1/desk/providers/${providerId}/rotate`]: () => json(200, documents.credential),
    [`POST /v1/desk/providers/${sandboxId}/suspend`]: () => response.writeHead(204).end(),
    [`POST /v1/desk/providers/${sandboxId}/resume`]: () => json(200, documents.providers.items[1]),
    'GET /v1/desk/staff': () => json(200, documents.staff),
    'POST /v1/desk/staff': () => json(201, documents.link),
    [`POST /v1/desk/staff/${staffId}/disable`]: () => response.writeHead(204).end(),
    [`POST /v1/desk/staff/${staffId}/link`]: () => json(200, documents.link),
    'GET /v1/desk/attention': () => json(200, documents.attention),
    [`POST /v1/desk/attention/${attentionId}/retry`]: () => response.writeHead(202).end(),
    'GET /v1/desk/register': () => json(200, documents.register),
    'GET /v1/desk/status': () => json(200, documents.status),
    'GET /v1/desk/status?environment=sandbox': () =>
      json(200, { ...documents.status, environment: 'sandbox' }),
    'GET /v1/desk/audit?order=newest&outcome=refused&limit=100': () => json(200, documents.audit),
    'GET /v1/desk/audit?subject=report%3A1000002&limit=100': () => json(200, documents.audit),
    'GET /v1/desk/reports/1000002': () => json(200, documents.brief),
    'GET /v1/desk/reports/1000009': () =>
      problem(404, 'assess.unknown-report', 'There is no report with this number: check it.'),
    'GET /v1/desk/reports/1000010': () => problem(500, 'platform.fault', 'Something went wrong.'),
    'GET /v1/desk/reports/1000011': () => response.writeHead(200).end('<html>'),
    'GET /v1/desk/reports?state=filed&limit=100': () => json(200, reportPage(0, 100, 'second')),
    'GET /v1/desk/reports?state=filed&cursor=second&limit=20': () => json(200, reportPage(100, 20, 'third')),
    'GET /v1/desk/reports?limit=50': () => json(200, reportPage(0, 2)),
    [`GET /v1/desk/reports?environment=sandbox&provider=${sandboxId}&limit=50`]: () =>
      json(200, reportPage(0, 0)),
    'POST /v1/desk/verification': () => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      response.end(verification.map((line) => `${JSON.stringify(line)}\n`).join(''));
    },
  };
  if (authorization !== `Bearer ${token}`) problem(401, 'access.sign-in-needed', 'Sign in.');
  else (answers[question] ?? (() => problem(404, 'access.unknown-route', `no such route: ${question}`)))();
}
