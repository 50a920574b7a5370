import assert from 'node:assert/strict';
import { test } from 'node:test';
import { XmlDocument, XsdValidator } from 'libxml2-wasm';
import type { Fault, RequestFacts } from '#access';
import { accessCodes } from '#access';
import type { Defect } from '#base/defects';
import { Refusal } from '#base/errors';
import { intakeCodes } from '#intake';
import { schemaText } from '../../src/stages/intake/formats/schema-text.ts';
import { presentIspwsFault } from '../../src/stages/intake/present-fault.ts';

const facts: RequestFacts & { url: string } = {
  requestId: 'r',
  remoteAddress: '127.0.0.1',
  headers: {},
  baseUrl: 'http://127.0.0.1',
  url: '/ispws/submit',
};
const defect: Defect = {
  element: 'a & <b>',
  layer: 'rule',
  rule: 'r',
  message: 'Wrong -- \u0000 \n <!-- here -->',
};
const faults: readonly Fault[] = [
  ...Object.entries({ ...intakeCodes, ...accessCodes }).flatMap(([code, { status, sentence }]): Fault[] => [
    { kind: 'refusal', refusal: new Refusal(code, status, sentence) },
    { kind: 'refusal', refusal: new Refusal(code, status, sentence, { reportId: '1000001' }) },
  ]),
  ...[1, 9, 10, 11, 300].map((count): Fault => {
    return { kind: 'defects', status: 400, code: 'x', defects: Array.from({ length: count }, () => defect) };
  }),
  { kind: 'bug', status: 500, reference: '12345' },
  { kind: 'bug', status: 503, reference: '12345', retryAfterSeconds: 3 },
];

test('every fault is a complete document of the served schema, for every call', () => {
  using schema = XmlDocument.fromString(schemaText());
  using validator = XsdValidator.fromDoc(schema);
  for (const fault of faults) {
    for (const path of ['status', 'xsd', 'submit', 'upload', 'fileinfo', 'finish', 'retract', 'elsewhere']) {
      const { body, headers } = presentIspwsFault(fault, { ...facts, url: `/ispws/${path}?x=1` });
      assert.ok(typeof body === 'string');
      using document = XmlDocument.fromString(body);
      validator.validate(document);
      assert.equal(document.root.name, path === 'finish' ? 'reportDoneResponse' : 'reportResponse');
      assert.notEqual(document.get('/*/responseCode')?.content, '0');
      const description = document.get('/*/responseDescription')?.content;
      if (description !== undefined) assert.match(description, /^[A-Z][^\n]*[a-z]/);
      assert.equal(headers['content-type'], 'text/xml;charset=UTF-8');
    }
  }
});

test('codes and statuses are those that clients act on', () => {
  const presented = (fault: Fault, path: string) => {
    const { status, headers, body } = presentIspwsFault(fault, { ...facts, url: `/ispws/${path}` });
    return { status, headers, code: Number(/<responseCode>(\d+)</.exec(String(body))?.[1]) };
  };
  const refused = (status: number, path = 'submit') =>
    presented({ kind: 'refusal', refusal: new Refusal('some.code', status, 'Because.') }, path);
  assert.equal(refused(401).code, 2000);
  assert.match(refused(401).headers['www-authenticate'] ?? '', /^Basic realm=/);
  assert.equal(refused(403).code, 3100);
  assert.equal(refused(403, 'fileinfo').code, 3300);
  assert.equal(refused(403, 'status').code, 3000);
  assert.equal(refused(404).code, 1210);
  for (const status of [400, 405, 413, 415])
    assert.deepEqual([refused(status).code, refused(status).status], [4000, status]);
  const busy = presented({ kind: 'bug', status: 503, reference: 'r', retryAfterSeconds: 3 }, 'submit');
  assert.deepEqual([busy.status, busy.code, busy.headers['retry-after']], [503, 1000, '3']);
  assert.equal(
    presented({ kind: 'refusal', refusal: new Refusal('vault.full', 503, 'Full.') }, 'upload').code,
    1000,
  );
  const form: Defect = { ...defect, layer: 'form' };
  assert.equal(presented({ kind: 'defects', status: 400, code: 'x', defects: [form] }, 'submit').code, 4110);
});
