import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '#platform/config';
import { KeyFile } from '../../../src/stages/vault/key-file.ts';
import { must, type Target } from '../target.ts';

const keys = JSON.stringify({
  version: 1,
  keys: [
    {
      id: '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
      createdAt: '2026-01-01T00:00:00.000Z',
      key: Buffer.alloc(32, 7).toString('base64'),
    },
  ],
});

let folder: string | undefined;

/** A file that is written over and over goes with its process or thread. */
function newFolder(): string {
  const made = mkdtempSync(join(tmpdir(), 'firstlight-fuzz-'));
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  return made;
}

export const settingsTargets: readonly Target[] = [
  {
    name: 'settings',
    what: 'the environment; one NAME=value a line',
    seeds: [
      'PORT=8080\nHOST=127.0.0.1\nFIRSTLIGHT_DATA=/srv/x\nFIRSTLIGHT_PUBLIC_URL=https://bureau.example\nDATABASE_URL=postgresql://a:b@host:5432/c',
      'FIRSTLIGHT_LOG=debug\nFIRSTLIGHT_MAX_DOCUMENT_BYTES=70000\nFIRSTLIGHT_SESSION_HOURS=3',
      Object.keys(shownNames())
        .map((name) => `${name}=1`)
        .join('\n'),
    ],
    words: [
      ...Object.keys(shownNames()).map((name) => `${name}=`),
      '\n',
      'yes',
      'no',
      'https://',
      '[::1]',
      ',',
      '/',
      '@',
      ':',
    ],
    mostBytes: 5_000,
    run: (input) => {
      const pairs = input
        .toString('utf8')
        .split('\n')
        .map((line) => line.split('='));
      const environment = Object.fromEntries(pairs.map(([name = '', ...rest]) => [name, rest.join('=')]));
      const reading = readConfig(environment);
      if (reading.kind === 'faults')
        must(
          reading.faults.every((fault) => fault.length < 2_000),
          'a fault is a sentence',
        );
      else must(reading.config.port >= 0 && reading.config.port <= 65_535, 'a port is one');
    },
  },
  {
    name: 'key-file',
    what: 'the file with the keys of the evidence',
    seeds: [keys],
    words: [
      '"version"',
      '"keys"',
      '"id"',
      '"createdAt"',
      '"key"',
      '[',
      ']',
      '{',
      '}',
      'null',
      Buffer.alloc(32).toString('base64'),
    ],
    mostBytes: 5_000,
    run: async (input) => {
      folder ??= newFolder();
      const path = join(folder, 'evidence.key');
      writeFileSync(path, input, { mode: 0o600 });
      try {
        const file = await KeyFile.read(path);
        must(file !== undefined && file.ids.length > 0, 'a key file that is read has a key');
      } catch (error) {
        // A sentence that names the file and says what to do; anything else is a fault.
        if (!(error instanceof Error) || !error.message.includes(path) || /\bat .*:\d+/.test(error.message))
          throw error;
      }
    },
  },
];

/** The names of every setting, as the configuration itself lists them. */
function shownNames(): Readonly<Record<string, unknown>> {
  const reading = readConfig({});
  return reading.kind === 'ok' ? reading.config.shown : {};
}
