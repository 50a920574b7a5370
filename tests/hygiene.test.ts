import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import {
  citedDomains,
  type HygieneRule,
  invisibleCharacters,
  lockfileFaults,
  looseVersions,
  realAddresses,
  realDomains,
  realPhones,
  secrets,
} from './house/hygiene-rules.ts';
import { listFiles, readRepositoryFile, readText, type TextFile } from './house/source-files.ts';

const binary = /\.(png|jpe?g|webp|gif|ico|woff2?|wasm|gz|zip|heic)$/;
/** Names packages and their mirrors only; checked by its own rule. */
const lockfile = 'package-lock.json';
/** The rules themselves have to name what they look for. */
const ruleFiles = new Set(['tests/hygiene.test.ts', 'tests/house/hygiene-rules.ts']);

let files: readonly TextFile[];

before(async () => {
  const paths = (await listFiles()).filter((path) => !binary.test(path) && path !== lockfile);
  files = await Promise.all(paths.map(readText));
});

const rules: readonly (readonly [
  name: string,
  rule: HygieneRule,
  wrong: readonly string[],
  right: readonly string[],
])[] = [
  [
    'no text file has invisible or steering characters',
    invisibleCharacters,
    ['a\u202eb', 'a\u0000b', 'a\r\nb', '\ufeffa', 'a\u200bb', 'a\u001b[31m', 'a\ufffdb'],
    ['a\n\tb', 'Zoë 東京', '\\u202e'],
  ],
  [
    'no address could be a real one',
    realAddresses,
    [
      'ip 8.8.8.8',
      'part 2 of 81.2.69.142',
      '"81.2.69.142"',
      'from 2a00:1450:4009:81f::200e',
      '"2606:4700::1111"',
    ],
    [
      '127.0.0.1:8080',
      '192.0.2.7',
      '203.0.113.9',
      '2001:db8::7',
      '::1',
      'version 5.12.8',
      '12:34:56',
      'a::before',
      '300.1.2.3',
      '1.2.3.4.5',
      'part 2, section 3.2.7.3',
    ],
  ],
  [
    'no telephone number could be a real one',
    realPhones,
    ['+44 20 7123 4567', '07911 123456', '+1 212-736-5000', '(212) 736-5000'],
    [
      '+44 7700 900123',
      '07700 900123',
      '+44 20 7946 0958',
      '+1 212-555-0147',
      '+447700900999',
      '1000002',
      '2026-11-24',
    ],
  ],
  [
    'no domain or mailbox could be a real one',
    realDomains,
    [
      'https://some-service.com/x',
      'user@mail.co.uk',
      'http://10000.net',
      'on chat-site.com today',
      'www.service.app',
    ],
    [
      'https://bureau.example/x',
      'user@mail.example',
      'a@b.example.com',
      'http://127.0.0.1:8080',
      'https://www.w3.org/TR',
      'pg@8.23.1',
      'file.name.uk',
      'http://localhost:3000',
      'this.#app.org(x)',
    ],
  ],
  [
    'nothing looks like a secret',
    secrets,
    [
      '-----BEGIN PRIVATE KEY-----',
      `AKIA${'ABCD'.repeat(4)}`,
      `ghp_${'a1'.repeat(18)}`,
      `eyJ${'a'.repeat(20)}.eyJ${'b'.repeat(20)}.c`,
      'postgres://app:hunter22@db.internal.net/x',
    ],
    [
      'password: string',
      'postgres://localhost/x',
      'postgresql://user:password@host:5432/x',
      'postgres://user:secret@127.0.0.1/x',
    ],
  ],
];

for (const [name, rule, wrong, right] of rules) {
  test(name, () => {
    assert.ok(files.length > 50, 'the files were found');
    const found = files.filter(({ path }) => !ruleFiles.has(path)).flatMap(rule);
    assert.deepEqual(found, []);
  });

  test(`${name}: the rule notices a violation and leaves the rest alone`, () => {
    for (const text of wrong) assert.ok(rule({ path: 'x', text }).length > 0, JSON.stringify(text));
    for (const text of right) assert.deepEqual(rule({ path: 'x', text }), [], JSON.stringify(text));
  });
}

test('what is found is named by its place and never repeated', () => {
  for (const [, rule, wrong] of rules) {
    for (const text of wrong)
      for (const sentence of rule({ path: 'x', text })) assert.ok(!sentence.includes(text));
  }
});

test('the list of cited bodies names nothing that nobody cites', () => {
  const text = files
    .filter(({ path }) => !ruleFiles.has(path))
    .map((file) => file.text)
    .join('\n');
  assert.deepEqual(
    citedDomains.filter((domain) => !text.includes(domain)),
    [],
  );
});

test('package.json pins exact versions', () => {
  assert.deepEqual(looseVersions(readRepositoryFile('package.json')), []);
  assert.equal(
    looseVersions('{"dependencies":{"a":"^1.0.0","b":"1.0.0","c":"1.0.0-beta.1","d":"latest"}}').length,
    2,
  );
});

test('the lockfile pins every package and names no registry', () => {
  assert.deepEqual(lockfileFaults(readRepositoryFile(lockfile)), []);
  const wrong = { packages: { '': {}, a: { integrity: 'x', resolved: 'y' }, b: {}, c: { integrity: 'x' } } };
  assert.equal(lockfileFaults(JSON.stringify(wrong)).length, 2);
});
