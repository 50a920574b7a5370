import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { type Config, readConfig } from '#platform/config';

const repository = fileURLToPath(new URL('../../', import.meta.url));

function configOf(environment: Record<string, string>): Config {
  const reading = readConfig(environment);
  assert.equal(reading.kind, 'ok', reading.kind === 'faults' ? reading.faults.join('\n') : '');
  return (reading as { config: Config }).config;
}

function faultsOf(environment: Record<string, string>): readonly string[] {
  const reading = readConfig(environment);
  return reading.kind === 'faults' ? reading.faults : [];
}

describe('configuration', () => {
  it('needs nothing to be set', () => {
    const { shown, ...config } = configOf({ PATH: '/bin', PORT: '' });
    assert.equal(shown.PORT, 8080);
    // Sections are looked at by the tests of their parts.
    const plain = Object.fromEntries(Object.entries(config).filter(([, value]) => typeof value !== 'object'));
    assert.deepEqual(plain, {
      port: 8080,
      host: '127.0.0.1',
      dataFolder: resolve('data'),
      keyFile: resolve('data/keys/evidence.key'),
      anchorFile: resolve('data/audit-anchor'),
      signingKeyFile: resolve('data/keys/signing.key'),
      digestKeyFile: resolve('data/keys/digest.key'),
      erasuresFile: resolve('data/erasures.jsonl'),
      publicUrl: undefined,
      logLevel: 'warn',
      bureauName: 'Firstlight bureau',
      maxDocumentBytes: 8_388_608,
      sessionHours: 12,
      workerConcurrency: 4,
    });
    assert.deepEqual(config.secrets, { databaseUrl: undefined });
  });

  it('takes what is set', () => {
    const config = configOf({
      PORT: '0',
      HOST: '::1',
      DATABASE_URL: 'postgresql://bureau:open-sesame@db.example/bureau',
      FIRSTLIGHT_DATA: '/srv/bureau',
      FIRSTLIGHT_KEY_FILE: '/run/keys/evidence',
      FIRSTLIGHT_PUBLIC_URL: 'https://bureau.example:8443/',
      FIRSTLIGHT_LOG: 'silent',
      FIRSTLIGHT_NAME: 'Bureau of Ruritania',
      FIRSTLIGHT_MAX_DOCUMENT_BYTES: '65536',
      FIRSTLIGHT_SESSION_HOURS: '1',
      FIRSTLIGHT_WORKER_CONCURRENCY: '64',
    });
    assert.equal(config.port, 0);
    assert.equal(config.host, '::1');
    assert.equal(config.keyFile, '/run/keys/evidence');
    assert.equal(config.publicUrl, 'https://bureau.example:8443');
    assert.equal(config.secrets.databaseUrl, 'postgresql://bureau:open-sesame@db.example/bureau');
    assert.equal(config.maxDocumentBytes, 65_536);
  });

  it('keeps the key with the data unless told otherwise', () => {
    assert.equal(configOf({ FIRSTLIGHT_DATA: '/srv/bureau' }).keyFile, '/srv/bureau/keys/evidence.key');
  });
});

describe('a faulty configuration', () => {
  it('names five mistakes at once, each with what to set instead', () => {
    const faults = faultsOf({
      PORT: '80800',
      FIRSTLIGHT_LOG: 'verbose',
      FIRSTLIGHT_PUBLIC_URL: 'bureau.example/reports',
      FIRSTLIGHT_SESSION_HOURS: '0.5',
      FIRSTLIGHT_DATABASE: 'postgresql://bureau:open-sesame@db.example/bureau',
    });
    assert.deepEqual(faults, [
      'PORT is "80800". Set a whole number from 0 to 65535; 8080 is the default.',
      'FIRSTLIGHT_PUBLIC_URL is not an address that links can start with. Set scheme and host only, for example https://bureau.example.',
      'FIRSTLIGHT_LOG is "verbose". Set one of debug, info, warn, error, silent.',
      'FIRSTLIGHT_SESSION_HOURS is "0.5". Set a whole number from 1 to 24; 12 is the default.',
      'FIRSTLIGHT_DATABASE means nothing to Firstlight. Set FIRSTLIGHT_DATA instead, or remove it.',
    ]);
  });

  it('finds the name that was meant', () => {
    assert.match(
      faultsOf({ FIRSTLIGHT_WORKER_CONCURENCY: '8' })[0] ?? '',
      /Set FIRSTLIGHT_WORKER_CONCURRENCY instead/,
    );
  });

  for (const [name, value] of [
    ['HOST', 'http://127.0.0.1'],
    ['HOST', 'bureau example'],
    ['PORT', '-1'],
    ['PORT', '8080.0'],
    ['PORT', '0x50'],
    ['FIRSTLIGHT_DATA', '/'],
    ['FIRSTLIGHT_NAME', 'two\nlines'],
    ['FIRSTLIGHT_PUBLIC_URL', 'https://me:secret@bureau.example'],
    ['FIRSTLIGHT_PUBLIC_URL', 'ftp://bureau.example'],
    ['FIRSTLIGHT_MAX_DOCUMENT_BYTES', '8MiB'],
    ['FIRSTLIGHT_MAX_DOCUMENT_BYTES', '65535'],
    ['FIRSTLIGHT_WORKER_CONCURRENCY', '65'],
    ['DATABASE_URL', 'mysql://me@db.example/bureau'],
    ['DATABASE_URL', 'postgresql://me@db.example'],
  ] as const) {
    it(`refuses ${name}=${JSON.stringify(value)}`, () => {
      const faults = faultsOf({ [name]: value });
      assert.equal(faults.length, 1);
      assert.ok(faults[0]?.startsWith(`${name} is `));
    });
  }
});

describe('secrets and odd values', () => {
  for (const url of [
    'postgres://me@db.example/bureau',
    'postgresql://me@/bureau?host=/run/postgresql',
    'postgresql:///bureau?host=/run/postgresql',
  ]) {
    it(`accepts ${url}`, () => assert.equal(configOf({ DATABASE_URL: url }).secrets.databaseUrl, url));
  }

  it('never shows a secret, right or wrong', () => {
    const config = configOf({ DATABASE_URL: 'postgresql://bureau:open-sesame@db.example/bureau' });
    assert.equal(config.shown.DATABASE_URL, '[redacted]');
    assert.doesNotMatch(JSON.stringify(config.shown), /open-sesame/);
    const faults = faultsOf({
      DATABASE_URL: 'bureau:open-sesame@db.example',
      FIRSTLIGHT_TOKEN: 'open-sesame',
    });
    assert.equal(faults.length, 2);
    assert.doesNotMatch(faults.join(), /open-sesame/);
  });

  it('gives faults or a configuration for any environment, and never throws', () => {
    const names = fc.constantFrom(
      'PORT',
      'HOST',
      'DATABASE_URL',
      'FIRSTLIGHT_DATA',
      'FIRSTLIGHT_PUBLIC_URL',
      'FIRSTLIGHT_LOG',
    );
    fc.assert(
      fc.property(fc.dictionary(names, fc.string({ unit: 'binary' })), (environment) => {
        const reading = readConfig(environment);
        if (reading.kind === 'faults') assert.ok(reading.faults.length > 0);
        else assert.ok(reading.config.port >= 0 && reading.config.port <= 65_535);
      }),
    );
  });

  it('ends a process with status 2 and all faults on standard error', async () => {
    const script =
      "import { configFromEnvironment } from '#platform/config'; configFromEnvironment(); console.log('went on');";
    const { code, stdout, stderr } = await runScript(script, { PORT: 'x', HOST: '//' });
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /^The configuration has 2 faults:\n {2}- PORT is "x"\..*\n {2}- HOST is "\/\/"\./);
  });
});

function runScript(script: string, environment: Record<string, string>) {
  return new Promise<{ code: unknown; stdout: string; stderr: string }>((done) => {
    const args = ['--input-type=module', '--eval', script];
    execFile(process.execPath, args, { env: environment, cwd: repository }, (error, stdout, stderr) => {
      done({ code: error?.code ?? 0, stdout, stderr });
    });
  });
}
