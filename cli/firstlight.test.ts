import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import {
  AttentionReply,
  CredentialReply,
  ProviderListReply,
  RegisterReply,
  SignInLinkReply,
  StaffListReply,
  VerificationLine,
} from '#contract/administration';
import { AuditReply, Brief, ReportListReply, StatusReply } from '#contract/desk';
import { Problem } from '#contract/shapes';
import {
  type AnsweringBureau,
  at,
  attentionId,
  documents,
  providerId,
  reportPage,
  sandboxId,
  staffId,
  startAnsweringBureau,
  token,
} from '../tests/harness/answering-bureau.ts';
import { run } from './run.ts';

let bureau: AnsweringBureau;
let folder: string;

before(async () => {
  bureau = await startAnsweringBureau();
});

beforeEach(async () => {
  bureau.asked.length = 0;
  folder = await mkdtemp(join(tmpdir(), 'firstlight-cli-'));
  const note = JSON.stringify({ url: bureau.url, pid: 1, startedAt: at });
  await writeFile(join(folder, 'bureau.json'), note, { mode: 0o600 });
  await writeFile(join(folder, 'admin-token'), `${token}\n`, { mode: 0o600 });
});

afterEach(() => rm(folder, { recursive: true }));
after(() => bureau.close());

/** Runs a command line in this process, as a terminal of `columns` or as a pipe. */
async function firstlight(args: readonly string[], columns?: number) {
  let stdout = '';
  let stderr = '';
  const status = await run(
    args,
    { dataFolder: folder, columns, isColourful: false, isProgressShown: false, timeZone: 'UTC' },
    {
      stdout: (text) => {
        stdout += text;
      },
      stderr: (text) => {
        stderr += text;
      },
    },
  );
  return { status, stdout, stderr };
}

async function documentOf(args: readonly string[]): Promise<unknown> {
  const { status, stdout, stderr } = await firstlight([...args, '--json']);
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

test('the bureau of these tests answers as the contract says', () => {
  const shapes: readonly (readonly [TSchema, unknown])[] = [
    [ProviderListReply, documents.providers],
    [CredentialReply, documents.credential],
    [StaffListReply, documents.staff],
    [SignInLinkReply, documents.link],
    [AttentionReply, documents.attention],
    [RegisterReply, documents.register],
    [AuditReply, documents.audit],
    [StatusReply, documents.status],
    [Brief, documents.brief],
    [ReportListReply, reportPage(0, 2, 'more')],
    [VerificationLine, { done: true, checked: 1, total: 1, sizeBytes: 1, damaged: [] }],
    [Problem, { type: 'about:blank', title: 'x', status: 404, code: 'a.b', requestId: 'r' }],
  ];
  for (const [shape, document] of shapes) {
    assert.deepEqual([...Value.Errors(shape, document)], []);
  }
});

test('provider add prints the credential and signs in with the token of the data folder', async () => {
  assert.deepEqual(await documentOf(['provider', 'add', 'Example Chat']), documents.credential);
  assert.deepEqual(bureau.asked, [
    {
      method: 'POST',
      path: '/v1/desk/providers',
      body: { name: 'Example Chat', environment: 'production' },
      authorization: `Bearer ${token}`,
    },
  ]);
  const { stdout } = await firstlight(['provider', 'add', 'Example Chat', '--environment=sandbox']);
  assert.match(stdout, /Password {2}shown-once-only/);
  assert.deepEqual(bureau.asked[1]?.body, { name: 'Example Chat', environment: 'sandbox' });
});

test('provider list is a table for people and items for programs', async () => {
  assert.deepEqual(await documentOf(['provider', 'list']), documents.providers);
  const { stdout } = await firstlight(['provider', 'list']);
  const [head = '', first = '', second = ''] = stdout.split('\n');
  assert.equal(head.indexOf('State'), first.indexOf('active'));
  assert.equal(head.indexOf('State'), second.indexOf('suspended'));
  assert.equal(head.indexOf('Reports') + 'Reports'.length, first.indexOf('1234') + '1234'.length);
});

test('a service is found by id, by name in any case, and never guessed', async () => {
  await documentOf(['provider', 'rotate', providerId, '--grace', '48']);
  assert.deepEqual(bureau.asked.at(-1)?.body, { graceHours: 48 });
  await documentOf(['provider', 'rotate', 'example CHAT', '--environment', 'production']);
  assert.deepEqual(bureau.asked.at(-1)?.body, { graceHours: 0 });
  const suspended = await documentOf(['provider', 'suspend', 'Example Chat', '--environment', 'sandbox']);
  assert.deepEqual(suspended, {
    id: sandboxId,
    name: 'Example Chat',
    environment: 'sandbox',
    isSuspended: true,
  });
  assert.equal(
    ((await documentOf(['provider', 'resume', sandboxId])) as { isSuspended: boolean }).isSuspended,
    false,
  );
  const both = await firstlight(['provider', 'suspend', 'Example Chat']);
  assert.equal(both.status, 1);
  assert.match(both.stderr, /both environments/);
  const none = await firstlight(['provider', 'suspend', 'Exmaple Chat']);
  assert.equal(none.status, 1);
  assert.match(none.stderr, /did you mean "Example Chat"/);
  assert.equal(bureau.asked.filter(({ method }) => method === 'POST').length, 4);
});

test('staff commands', async () => {
  const added = await documentOf([
    'staff',
    'add',
    'Ada Example',
    '--role',
    'triage-officer',
    '--role',
    'auditor',
    '--role',
    'auditor',
  ]);
  assert.deepEqual(added, { id: staffId, signInLink: documents.link.signInLink });
  assert.deepEqual(bureau.asked[0]?.body, { name: 'Ada Example', roles: ['triage-officer', 'auditor'] });
  assert.deepEqual(await documentOf(['staff', 'list']), documents.staff);
  assert.deepEqual(await documentOf(['staff', 'disable', 'ada example']), {
    id: staffId,
    name: 'Ada Example',
    isDisabled: true,
  });
  assert.deepEqual(await documentOf(['staff', 'link', staffId]), {
    id: staffId,
    signInLink: documents.link.signInLink,
  });
  assert.match((await firstlight(['staff', 'link', staffId])).stdout, /Until {2}2026-11-24 20:56/);
  assert.match((await firstlight(['staff', 'disable', 'Nobody'])).stderr, /Nobody is called "Nobody"/);
});

test('report list walks the cursor up to the limit', async () => {
  const reply = (await documentOf(['report', 'list', '--state', 'filed', '--limit', '120'])) as {
    items: { reportId: string }[];
    next: string;
  };
  assert.equal(reply.items.length, 120);
  assert.equal(new Set(reply.items.map(({ reportId }) => reportId)).size, 120);
  assert.equal(reply.next, 'third');
  const empty = await firstlight([
    'report',
    'list',
    '--provider',
    'example chat',
    '--environment',
    'sandbox',
  ]);
  assert.equal(empty.stdout, 'No report matches.\n');
});

test('report show gives programs exactly what the API gives, and people nothing that steers a terminal', async () => {
  assert.deepEqual(await documentOf(['report', 'show', '1000002']), documents.brief);
  const raw = await firstlight(['report', 'show', '1000002', '--json']);
  assert.doesNotMatch(raw.stdout, /[\p{Cc}\p{Cf}](?<!\n)/u);
  const { stdout } = await firstlight(['report', 'show', '1000002']);
  assert.match(stdout, /evil\\u\{202E\}name\\u\{1B\}\[31m/);
  assert.match(stdout, /a\\u\{0A\}b\.png/);
  assert.match(stdout, /Urgent 1[\s\S]*a child is in danger now/);
  assert.match(stdout, /Only the first 1 are listed/);
});

test('a table keeps to the width of the terminal', async () => {
  const { stdout } = await firstlight(['report', 'list'], 100);
  for (const line of stdout.split('\n')) assert.ok(line.length <= 100, line);
  assert.match(stdout, /…/);
  assert.doesNotMatch((await firstlight(['report', 'list'])).stdout, /…/);
});

test('status, audit and register', async () => {
  assert.deepEqual(await documentOf(['status']), documents.status);
  assert.match((await firstlight(['status'])).stdout, /12: see "firstlight attention list"/);
  assert.deepEqual(await documentOf(['audit', 'list', '--subject', 'report:1000002']), documents.audit);
  assert.match(
    (await firstlight(['audit', 'list', '--subject', 'report:1000002'])).stdout,
    /refused, access\.sign-in-needed/,
  );
  assert.deepEqual(await documentOf(['register']), documents.register);
  assert.match((await firstlight(['status', '--environment', 'sandbox'])).stdout, /Reports, sandbox/);
  const refused = ['audit', 'list', '--order', 'newest', '--outcome', 'refused'];
  assert.deepEqual(await documentOf(refused), documents.audit);
  const wrong = await firstlight(['audit', 'list', '--subject', '1000002']);
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /as report:1000002/);
  assert.match((await firstlight(['register'])).stdout, /status:read/);
});

test('attention retry takes one or all that wait', async () => {
  assert.deepEqual(await documentOf(['attention', 'list']), documents.attention);
  const one = { items: [{ id: attentionId, job: 'assess-report', subject: 'report:1000002' }] };
  assert.deepEqual(await documentOf(['attention', 'retry', attentionId]), one);
  assert.deepEqual(await documentOf(['attention', 'retry', '--all']), one);
  assert.equal((await firstlight(['attention', 'retry'])).status, 2);
  assert.equal((await firstlight(['attention', 'retry', attentionId, '--all'])).status, 2);
  assert.equal((await firstlight(['attention', 'retry', sandboxId])).status, 1);
});

test('verify reports progress on standard error and fails when anything is damaged', async () => {
  const line = { done: false, checked: 1, total: 2, sizeBytes: 10, damaged: [] };
  bureau.verification = [line, { ...line, done: true, checked: 2, sizeBytes: 20 }];
  const whole = await firstlight(['verify', '--json']);
  assert.equal(whole.status, 0);
  assert.deepEqual(JSON.parse(whole.stdout), { checked: 2, total: 2, sizeBytes: 20, damaged: [] });
  assert.match(whole.stderr, /1 of 2 checked \(50 %\)/);
  const damaged = [{ sha256: '0'.repeat(64), reason: 'the bytes do not match' }];
  bureau.verification = [
    { ...line, damaged },
    { ...line, done: true, checked: 2, damaged },
  ];
  const broken = await firstlight(['verify', '--json']);
  assert.equal(broken.status, 1);
  assert.deepEqual((JSON.parse(broken.stdout) as { damaged: unknown }).damaged, damaged);
  bureau.verification = [line];
  const cut = await firstlight(['verify']);
  assert.equal(cut.status, 1);
  assert.match(cut.stderr, /stopped before every seal was checked/);
});

test('what the bureau refuses is one sentence and status 1', async () => {
  const unknown = await firstlight(['report', 'show', '1000009', '--json']);
  assert.deepEqual(unknown, {
    status: 1,
    stdout: '',
    stderr: 'There is no report with this number: check it. [assess.unknown-report]\n',
  });
  assert.match((await firstlight(['report', 'show', '1000010'])).stderr, /Reference request-7/);
  assert.match((await firstlight(['report', 'show', '1000011'])).stderr, /not a Firstlight bureau/);
});

test('without a running bureau every command says what to do', async () => {
  await rm(join(folder, 'bureau.json'));
  const none = await firstlight(['status']);
  assert.equal(none.status, 1);
  assert.equal(none.stdout, '');
  assert.match(none.stderr, /^No bureau is running on .*: start it with "npm start".*\n$/);
  // A bureau that was killed leaves its address behind: nothing listens on a port that was just given back.
  const gone = createServer();
  await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
  const { port } = gone.address() as AddressInfo;
  await new Promise((resolve) => gone.close(resolve));
  await writeFile(join(folder, 'bureau.json'), JSON.stringify({ url: `http://127.0.0.1:${port}` }));
  assert.match((await firstlight(['status'])).stderr, /^No bureau is running on /);
  assert.match((await firstlight(['status', '--url', `http://127.0.0.1:${port}`])).stderr, /ECONNREFUSED/);
  await writeFile(join(folder, 'bureau.json'), '{');
  assert.match((await firstlight(['status'])).stderr, /does not say where the bureau is/);
});

test('the token must be there, be the right one, and never leaves the machine unencrypted', async () => {
  assert.equal((await firstlight(['status', '--url', bureau.url])).status, 0);
  assert.match(
    (await firstlight(['status', '--url', 'http://bureau.example/'])).stderr,
    /must be named with https/,
  );
  await writeFile(join(folder, 'admin-token'), 'another-token-another-token');
  assert.match((await firstlight(['status'])).stderr, /does not accept this administrator's token/);
  await writeFile(join(folder, 'admin-token'), '\n');
  assert.match((await firstlight(['status'])).stderr, /holds no token/);
  await rm(join(folder, 'admin-token'));
  assert.match((await firstlight(['status'])).stderr, /no administrator's token/);
  assert.equal(bureau.asked.length, 2);
});

test('wrong usage is status 2, says what would be right, and asks nothing', async () => {
  const wrong: readonly (readonly [string[], RegExp])[] = [
    [['statsu'], /no command "statsu"\. Did you mean "status"\?/],
    [['provider'], /needs one of: add, list, rotate, suspend, resume/],
    [['provider', 'lsit'], /Did you mean "list"\?/],
    [['provider', 'add'], /needs NAME/],
    [['provider', 'add', ' '], /NAME is empty/],
    [['provider', 'add', 'Example', 'Chat'], /quotes/],
    [['provider', 'add', 'X', '--environment', 'live'], /one of: production, sandbox/],
    [['provider', 'add', 'X', '--environment'], /needs a value/],
    [['provider', 'add', 'X', '--environment', '--json'], /needs a value/],
    [['provider', 'rotate', 'X', '--grace', '169'], /from 0 to 168/],
    [['provider', 'rotate', 'X', '--grace', '1.5'], /whole number/],
    [['staff', 'add', 'X'], /needs --role ROLE/],
    [['staff', 'add', 'X', '--role', 'triage'], /Did you mean "triage-officer"\?/],
    [['status', '--josn'], /Did you mean "--json"\?/],
    [['status', '--json=yes'], /takes no value/],
    [['status', '--url', 'ftp://x.example'], /begins with http/],
    [['status', '--data', 'a', '--data', 'b'], /given once/],
    [['report', 'show', '007'], /not a report number/],
    [['--json'], /Which command/],
  ];
  for (const [args, sentence] of wrong) {
    const { status, stdout, stderr } = await firstlight(args);
    assert.equal(status, 2, args.join(' '));
    assert.equal(stdout, '');
    assert.match(stderr, sentence);
  }
  const nothing = await firstlight([]);
  assert.equal(nothing.status, 2);
  assert.match(nothing.stderr, /Usage: firstlight COMMAND/);
  assert.deepEqual(bureau.asked, []);
});

test('options may stand before the command', async () => {
  const { status, stdout } = await firstlight(['--json', '--data', folder, 'status']);
  assert.equal(status, 0);
  assert.deepEqual(JSON.parse(stdout), documents.status);
});

test('the process itself: exit status, standard output only for the answer, FIRSTLIGHT_DATA', async () => {
  const spawned = (args: string[], env: Record<string, string>) =>
    new Promise<{ status: number; stdout: string; stderr: string }>((resolve) => {
      const entry = new URL('./firstlight.ts', import.meta.url).pathname;
      execFile(
        process.execPath,
        [entry, ...args],
        { env: { ...process.env, ...env } },
        (error, stdout, stderr) =>
          resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
    });
  const [status, usage, unread] = await Promise.all([
    spawned(['status', '--json'], { FIRSTLIGHT_DATA: folder }),
    spawned(['nonsense'], { FIRSTLIGHT_DATA: folder }),
    spawned(['status'], { FIRSTLIGHT_DATA: join(folder, 'elsewhere') }),
  ]);
  assert.equal(status.status, 0);
  assert.deepEqual(JSON.parse(status.stdout), documents.status);
  assert.equal(status.stderr, '');
  assert.deepEqual([usage.status, usage.stdout], [2, '']);
  assert.deepEqual([unread.status, unread.stdout], [1, '']);
});

test('a token that may not be read', {
  skip: process.getuid?.() === 0 && 'root may read everything',
}, async () => {
  await chmod(join(folder, 'admin-token'), 0o000);
  assert.match((await firstlight(['status'])).stderr, /run this as the user who runs the bureau/);
});
