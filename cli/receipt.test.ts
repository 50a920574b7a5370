import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startTestBureau, type TestBureau } from '../tests/harness/bureau.ts';
import { ispws } from '../tests/stages/intake-build.ts';
import { run } from './run.ts';

let bureau: TestBureau;
let folder: string;
let reportId: string;

before(async () => {
  bureau = await startTestBureau();
  folder = await mkdtemp(join(tmpdir(), 'firstlight-cli-'));
  const note = JSON.stringify({ url: bureau.url, pid: 1, startedAt: '2026-11-24T12:00:00Z' });
  await writeFile(join(folder, 'bureau.json'), note, { mode: 0o600 });
  await writeFile(join(folder, 'admin-token'), `${bureau.machineToken}\n`, { mode: 0o600 });
  const service = ispws(bureau, await bureau.addService('Harbour Chat'));
  reportId = await service.open();
  await service.upload(reportId, 'bytes');
  await service.finish(reportId);
});
after(() => rm(folder, { recursive: true }));

async function firstlight(...args: readonly string[]) {
  let stdout = '';
  let stderr = '';
  const status = await run(
    args,
    { dataFolder: folder, columns: 200, isColourful: false, isProgressShown: false, timeZone: 'UTC' },
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

test('a receipt is shown, handed on, and verified without the bureau', async () => {
  const file = join(folder, 'receipt.jws');
  const shown = await firstlight('receipt', 'show', reportId, '--to', file);
  assert.equal(shown.status, 0, shown.stderr);
  assert.match(shown.stdout, new RegExp(`Receipt FL-2026-${reportId}`));
  assert.match(shown.stdout, /Harbour Chat \(production\)/);
  assert.equal(
    (await firstlight('receipt', 'show', reportId, '--to', file)).status,
    1,
    'never over another file',
  );
  const { receipt } = JSON.parse((await firstlight('receipt', 'show', reportId, '--json')).stdout) as {
    receipt: string;
  };
  assert.equal(await readFile(file, 'utf8'), receipt);

  const keys = join(folder, 'keys.json');
  await writeFile(keys, await (await fetch(`${bureau.url}/v1/keys`)).text());
  const elsewhere = ['--data', join(folder, 'nothing-here')];
  for (const by of [
    ['--key', keys, ...elsewhere],
    ['--key', bureau.url, ...elsewhere],
    ['--key', `${bureau.url}/v1/keys`],
    [],
  ]) {
    const verified = await firstlight('receipt', 'verify', file, ...by);
    assert.equal(verified.status, 0, verified.stderr);
    assert.match(verified.stdout, /is genuine/);
    assert.match(verified.stdout, /Filed\s+2026-11-24T12:00:00/);
  }
  await writeFile(file, `${receipt}\n`);
  assert.equal(
    (await firstlight('receipt', 'verify', file, '--key', keys)).status,
    0,
    'a line break of an editor',
  );
});

test('an altered receipt, another bureau and a file that is none are told apart', async () => {
  const { receipt } = JSON.parse((await firstlight('receipt', 'show', reportId, '--json')).stdout) as {
    receipt: string;
  };
  const keys = join(folder, 'keys.json');
  await writeFile(keys, await (await fetch(`${bureau.url}/v1/keys`)).text());
  const file = join(folder, 'altered.jws');
  const [head, body = '', signature] = receipt.split('.');
  const other = Buffer.from(Buffer.from(body, 'base64url').toString().replace('Harbour', 'Another')).toString(
    'base64url',
  );
  const verdictOn = async (text: string, key = keys) => {
    await writeFile(file, text);
    const { status, stdout, stderr } = await firstlight('receipt', 'verify', file, '--key', key, '--json');
    const document =
      stdout === '' ? { reason: stderr } : (JSON.parse(stdout) as { isGenuine?: boolean; reason?: string });
    assert.equal(status, 1);
    return document;
  };
  assert.match((await verdictOn([head, other, signature].join('.'))).reason ?? '', /altered/);
  assert.match((await verdictOn(`${receipt} `)).reason ?? '', /not a receipt/);
  assert.match((await verdictOn('')).reason ?? '', /not a receipt/);
  const stranger = join(folder, 'stranger.json');
  const jwk = { kty: 'OKP', crv: 'Ed25519', kid: 'other', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
  await writeFile(stranger, JSON.stringify({ keys: [jwk] }));
  assert.match((await verdictOn(receipt, stranger)).reason ?? '', /not among the keys given/);
  assert.match((await verdictOn(receipt, file)).reason ?? '', /not a set of keys/);
  assert.match(
    (await firstlight('receipt', 'verify', join(folder, 'none'), '--key', keys)).stderr,
    /There is no file/,
  );
  assert.match((await firstlight('receipt', 'show', '900000')).stderr, /intake.unknown-report/);
  assert.equal((await firstlight('receipt', 'show', 'x')).status, 2);
});
