import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { before, describe, test } from 'node:test';
import { parseReportId } from '#base/ids';
import { createHttpServer, listen } from '#platform/http';
import { createLog } from '#platform/log';
import type { StaticFile } from '#platform/static-files';
import { readRawUpload, readUpload } from '../../src/stages/intake/read-upload.ts';
import { type Service, type Staff, startTestBureau, type TestBureau } from '../harness/bureau.ts';
import { closeAtEnd } from '../harness/database.ts';

let bureau: TestBureau;
let service: Service;
let administrator: Staff;
before(async () => {
  const page: StaticFile = {
    contentType: 'text/html; charset=utf-8',
    etag: '"page"',
    plain: Buffer.from('<!doctype html>'),
  };
  bureau = await startTestBureau({ pages: new Map([['/index.html', page]]) });
  service = await bureau.addService('Harbour Chat');
  administrator = await bureau.signIn('Ada Example', ['administrator', 'supervisor']);
});

/** Resolves when the connection is closed, in whichever way. */
async function closing(socket: Socket): Promise<void> {
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
}

/** Sends bytes as they are and gives everything that comes back until the connection is closed. */
async function sendRaw(url: string, text: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // A connection that is reset has said what it had to say.
  socket.on('error', () => undefined);
  socket.write(Buffer.from(text, 'latin1'));
  await closing(socket);
  return Buffer.concat(chunks).toString('utf8');
}

describe('what no route ever sees is answered in the words of its door', () => {
  for (const [path, type] of [
    ['/ispws', /^text\/xml/],
    ['/ispws?x=1', /^text\/xml/],
    ['/ispws/%zz', /^text\/xml/],
    ['/v1', /^application\/problem\+json/],
    ['/v1/reports/%ff', /^application\/problem\+json/],
    ['/v1/desk/reports/%ED%A0%80/take', /^application\/problem\+json/],
  ] as const) {
    test(`an address that is none: ${path}`, async () => {
      const reply = await fetch(`${bureau.url}${path}`, { method: 'GET' });
      assert.match(String(reply.status), /^40[04]$/);
      assert.match(reply.headers.get('content-type') ?? '', type);
      assert.match(reply.headers.get('request-id') ?? '', /^[0-9a-f-]{36}$/);
      assert.doesNotMatch(await reply.text(), /FST_|doctype/);
    });
  }

  for (const [name, request, status, body] of [
    [
      'a length that is none',
      'POST /ispws/submit HTTP/1.1\r\nHost: x\r\nContent-Length: -4\r\n\r\n',
      400,
      '</reportResponse>',
    ],
    [
      'a length beside chunks',
      'POST /v1/reports HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
      '"http.unreadable"',
    ],
    [
      'a chunk that is none',
      'POST /ispws/finish HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      400,
      '</reportDoneResponse>',
    ],
    [
      'headers beyond the limit',
      `GET /v1/reports HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`,
      431,
      '"http.unreadable"',
    ],
  ] as const) {
    test(name, async () => {
      const reply = await sendRaw(bureau.url, request);
      assert.match(reply, new RegExp(`^HTTP/1.1 ${status} `));
      assert.match(reply, /\r\nrequest-id: [0-9a-f-]{36}\r\n/);
      assert.ok(reply.includes(body), reply);
      assert.doesNotMatch(reply, /Client Error/);
    });
  }
});

describe('values that the database cannot hold are refused, not failed on', () => {
  test('the character NUL in a name', async () => {
    const staff = await administrator.ask('POST', '/v1/desk/staff', { name: 'A\u0000', roles: ['auditor'] });
    const added = await administrator.ask('POST', '/v1/desk/providers', {
      name: 'A\u0000',
      environment: 'sandbox',
    });
    for (const { status, body } of [staff, added]) {
      assert.equal(status, 400);
      const { defects } = body as { defects: { element: string; rule: string }[] };
      assert.deepEqual(
        defects.map(({ element, rule }) => `${element} ${rule}`),
        ['body.name nul-character'],
      );
    }
  });

  test('a name of blanks', async () => {
    const staff = await administrator.ask('POST', '/v1/desk/staff', { name: ' ', roles: ['auditor'] });
    const added = await administrator.ask('POST', '/v1/desk/providers', {
      name: '\t',
      environment: 'sandbox',
    });
    assert.deepEqual([staff.status, added.status], [400, 400]);
  });

  test('an id of dashes', async () => {
    const reply = await administrator.ask('POST', `/v1/desk/attention/${'-'.repeat(36)}/retry`);
    assert.equal(reply.status, 404);
  });

  test('a cursor made by hand that lies before the beginning of time', async () => {
    const position = { order: 'urgent', urgency: 1, filedAt: '-999999999999999999', reportId: '1' };
    const cursor = Buffer.from(JSON.stringify(position)).toString('base64url');
    const reply = await administrator.ask('GET', `/v1/desk/line?cursor=${cursor}`);
    assert.equal(reply.status, 400);
  });
});

describe('slow senders', () => {
  const pace = { everyMs: 300, leastBytes: 1024 };
  const head = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n';

  async function reading(): Promise<{ url: string; sizes: Promise<number> }> {
    const server = createHttpServer({ pace });
    let settle: (size: number) => void = () => undefined;
    const sizes = new Promise<number>((resolve) => {
      settle = resolve;
    });
    server.post('/', async (request, reply) => {
      let size = 0;
      try {
        for await (const chunk of request.raw) size += (chunk as Buffer).length;
      } finally {
        settle(size);
      }
      return await reply.send('read');
    });
    const url = await listen(server, '127.0.0.1', 0);
    closeAtEnd(async () => await server.close());
    return { url, sizes };
  }

  test('a body that comes by the drop is cut off', async () => {
    const { url, sizes } = await reading();
    const socket = connect(Number(new URL(url).port), '127.0.0.1').resume();
    socket.on('error', () => undefined);
    socket.write(head);
    const drops = setInterval(() => socket.write('x'), 50);
    await closing(socket);
    clearInterval(drops);
    assert.ok((await sizes) < 1000);
  });

  test('a body that keeps the pace may take many times as long', async () => {
    const { url, sizes } = await reading();
    const socket = connect(Number(new URL(url).port), '127.0.0.1').resume();
    socket.write(head);
    const part = Buffer.alloc(50_000, 'x');
    for (let sent = 0; sent < 1_000_000; sent += part.length) {
      socket.write(part);
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    assert.equal(await sizes, 1_000_000);
    socket.destroy();
  });
});

describe('a sender that leaves while something else is waited for', () => {
  for (const [name, type, read] of [
    ['a bare body', 'application/octet-stream', readRawUpload],
    ['a form', 'multipart/form-data; boundary=b', readUpload],
  ] as const) {
    test(`${name} is given up, and nothing of it is left`, { timeout: 5_000 }, async () => {
      const parts = {
        vault: bureau.vault,
        db: bureau.db.kysely,
        clock: bureau.clock,
        log: createLog('silent', 'test'),
        inTransaction: bureau.app.inTransaction,
      };
      const reportId = parseReportId('1000000');
      assert.ok(reportId);
      const refused = new Promise<unknown>((resolve) => {
        const server = createServer(async (raw) => {
          raw.on('error', () => undefined);
          const isGone = new Promise((resolve) => raw.once('close', resolve));
          const gone = async () => void (await isGone);
          if (read === readUpload) await gone();
          const actor = { kind: 'system', id: 'test', name: 'test' } as const;
          read(parts, { raw, contentType: type }, { actor, reportId, mayAdd: gone }).then(resolve, resolve);
        });
        server.listen(0, '127.0.0.1', () => {
          const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
          socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n--b\r\n');
          setTimeout(() => socket.resetAndDestroy(), 50);
        });
        closeAtEnd(async () => void server.close());
      });
      assert.equal(((await refused) as { code?: string }).code, 'intake.body-cut-off');
      const left = await bureau.db.pool.query('select count(*)::int as n from vault.incoming');
      assert.deepEqual(left.rows, [{ n: 0 }]);
    });
  }
});

test('a processing instruction within a report is passed over', async () => {
  const { authorization } = service;
  const body =
    '<report><incidentSummary><?one x?><incidentType>Online Enticement of Children for Sexual Acts</incidentType>' +
    '<incidentDateTime>2026-<?two?>03-01T10:00:00Z<!-- --></incidentDateTime><?three?></incidentSummary>' +
    '<internetDetails><chatImIncident/></internetDetails><reporter><reportingPerson>' +
    '<email>trust@harbour-chat.example</email></reportingPerson></reporter><?four?></report>';
  const reply = await fetch(`${bureau.url}/ispws/submit`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'text/xml' },
    body,
  });
  assert.match(await reply.text(), /<responseCode>0</);
});
