import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { compactVerify } from 'jose';
import { checkReceipt, makeReceipt, type ReceiptFacts, readKeys, receiptType } from './receipt.ts';

const pair = generateKeyPairSync('ed25519');
const signer = { keyId: 'key-1', sign: (data: Uint8Array) => sign(null, data, pair.privateKey) };
const keys: ReadonlyMap<string, KeyObject> = new Map([['key-1', pair.publicKey]]);

const facts: ReceiptFacts = {
  version: 1,
  bureau: { name: 'Harbour bureau', keyName: 'firstlight/00' },
  reportId: '1000001',
  reference: 'FL-2026-1000001',
  service: { id: '6f0b0c0e-0000-4000-8000-000000000001', name: 'Harbour Chat' },
  environment: 'sandbox',
  profile: 'cybertip',
  openedAt: '2026-11-24T12:00:00.000Z',
  filedAt: '2026-11-24T12:01:00.000Z',
  document: { sha256: 'a'.repeat(64) },
  files: [
    {
      fileId: 'f'.repeat(32),
      sizeBytes: 5,
      md5: 'b'.repeat(32),
      sha1: 'c'.repeat(40),
      sha256: 'd'.repeat(64),
    },
  ],
  warnings: [{ element: 'report', rule: 'a-rule', message: 'Grüße \u2028 im Text.' }],
};
const receipt = makeReceipt(facts, signer);

test('a receipt says what was filed, and says it the same way every time', () => {
  const checked = checkReceipt(receipt, keys);
  assert.deepEqual(checked, { kind: 'ok', value: { keyId: 'key-1', facts } });
  assert.equal(makeReceipt(facts, signer), receipt);
});

test('another JOSE library takes it', async () => {
  const { payload, protectedHeader } = await compactVerify(receipt, pair.publicKey);
  assert.deepEqual(JSON.parse(new TextDecoder().decode(payload)), facts);
  assert.deepEqual(protectedHeader, { alg: 'EdDSA', kid: 'key-1', typ: receiptType, cty: 'json' });
});

test('whatever changes in any character, it is bad', () => {
  const position = fc.nat({ max: receipt.length - 1 });
  const character = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
  const changes = fc.oneof(
    fc
      .tuple(position, character)
      .filter(([at, by]) => receipt[at] !== by)
      .map(([at, by]) => receipt.slice(0, at) + by + receipt.slice(at + 1)),
    fc.tuple(position, character).map(([at, more]) => receipt.slice(0, at) + more + receipt.slice(at)),
    character.map((more) => receipt + more),
    position.map((at) => receipt.slice(0, at) + receipt.slice(at + 1)),
    position.map((at) => receipt.slice(0, at)),
  );
  fc.assert(
    fc.property(
      changes.filter((changed) => changed !== receipt),
      (changed) => checkReceipt(changed, keys).kind === 'bad',
    ),
    { numRuns: 5000 },
  );
});

test('every second spelling of the last character is bad', () => {
  const last = receipt.at(-1);
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  for (const letter of letters.replace(String(last), '')) {
    assert.equal(checkReceipt(receipt.slice(0, -1) + letter, keys).kind, 'bad', letter);
  }
});

test('no text is taken for a receipt, and none throws', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => checkReceipt(text, keys).kind === 'bad'));
  fc.assert(
    fc.property(
      fc.json(),
      fc.json(),
      fc.uint8Array({ minLength: 64, maxLength: 64 }),
      (head, body, signature) => {
        const part = (data: string | Uint8Array) => Buffer.from(data as Uint8Array).toString('base64url');
        return checkReceipt(`${part(head)}.${part(body)}.${part(signature)}`, keys).kind === 'bad';
      },
    ),
  );
});

test('the reason says whether it was altered or is from elsewhere', () => {
  const [head = '', , signature = ''] = receipt.split('.');
  const other = Buffer.from(JSON.stringify({ ...facts, reference: 'FL-2026-1' })).toString('base64url');
  const reasonOf = (text: string, known = keys) => {
    const checked = checkReceipt(text, known);
    return checked.kind === 'bad' ? checked.reason : '';
  };
  assert.match(reasonOf(`${head}.${other}.${signature}`), /altered/);
  assert.match(reasonOf(receipt, new Map()), /key key-1, which is not among the keys/);
  const stranger = generateKeyPairSync('ed25519');
  assert.match(reasonOf(receipt, new Map([['key-1', stranger.publicKey]])), /not made by the bureau/);
  assert.match(reasonOf('hello'), /not a receipt/);
  const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  assert.match(reasonOf(receipt, new Map([['key-1', curve.publicKey]])), /does not match/);
});

test('what is signed for another purpose is not a receipt', () => {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  for (const header of [
    { alg: 'EdDSA', kid: 'key-1' },
    { alg: 'EdDSA', kid: 'key-1', typ: 'JWT' },
    { alg: 'none', kid: 'key-1', typ: receiptType },
    { alg: 'HS256', kid: 'key-1', typ: receiptType },
    { alg: 'EdDSA', kid: 'key-1', typ: receiptType, crit: ['b64'], b64: false },
  ]) {
    const signed = `${part(header)}.${part(facts)}`;
    const text = `${signed}.${Buffer.from(signer.sign(Buffer.from(signed))).toString('base64url')}`;
    assert.equal(checkReceipt(text, keys).kind, 'bad', JSON.stringify(header));
  }
});

test('keys are read from a JWK set', () => {
  const jwk = { ...createPublicKey(pair.privateKey).export({ format: 'jwk' }), kid: 'key-1' };
  const read = readKeys(JSON.stringify({ keys: [{ kty: 'RSA' }, jwk] }));
  assert.ok(read.kind === 'ok');
  assert.equal(checkReceipt(receipt, read.value).kind, 'ok');
  for (const text of [
    '',
    '[]',
    '{}',
    '{"keys":[]}',
    '{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":"AA"}]}',
  ]) {
    assert.equal(readKeys(text).kind, 'bad', text);
  }
});
