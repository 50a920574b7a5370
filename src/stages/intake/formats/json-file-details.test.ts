import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FileDetailsBody, fileAnnotations } from '#contract/intake';
import { forbiddenInBatch } from '../rules/batched-report.ts';
import { fileDetailsOfBody } from './json-file-details.ts';

const now = new Date('2026-11-24T12:00:00Z');
const ids = { reportId: '1000001', fileId: 'a'.repeat(32) };

function read(body: FileDetailsBody) {
  return fileDetailsOfBody(body, ids, { now });
}

function rules(body: FileDetailsBody): string[] {
  const parsed = read(body);
  return parsed.kind === 'ok' ? [] : parsed.defects.map((defect) => `${defect.element} ${defect.rule}`);
}

test('an empty body says nothing but the relevance', () => {
  const parsed = read({});
  assert.ok(parsed.kind === 'ok');
  assert.deepEqual(parsed.value, {
    ...ids,
    relevance: 'Reported',
    annotations: [],
    originalHashes: [],
    identifiers: [],
    sentElements: [],
    sent: { name: 'fileDetails', children: [] },
  });
});

test('everything that can be said of a file is taken', () => {
  const parsed = read({
    originalFileName: '../harbour\u202egnp.png',
    uploadedAt: '2026-11-20T10:00:00Z',
    location: 'https://harbour.example/f/1',
    viewedByProvider: true,
    exifViewedByProvider: true,
    publiclyAvailable: false,
    relevance: 'Reported',
    annotations: [...fileAnnotations],
    industryClassification: 'B2',
    originalHashes: [{ type: 'MD5', value: '0'.repeat(32) }],
    identifiers: [{ kind: 'ip', value: '198.51.100.4', event: 'Upload', at: '2026-11-20T10:00:00Z' }],
    metadata: [{ name: 'Model', value: 'Invented 1' }],
    notes: ['a note'],
  });
  assert.ok(parsed.kind === 'ok');
  assert.equal(parsed.value.originalFileName, '../harbour\u202egnp.png');
  assert.equal(parsed.value.isExifViewedByProvider, true);
  assert.equal(parsed.value.identifiers[0]?.path, 'identifiers[0].value');
  for (const element of parsed.value.sentElements) assert.ok(forbiddenInBatch.has(element), element);
});

test('the rules of the XML door hold', () => {
  assert.deepEqual(rules({ exifViewedByProvider: true }), ['exifViewedByProvider exif-needs-viewed']);
  assert.deepEqual(rules({ uploadedAt: '2026-11-24T13:00:00Z' }), ['uploadedAt time-in-future']);
  assert.deepEqual(
    rules({
      relevance: 'Supplemental Reported',
      annotations: ['potentialMeme'],
      industryClassification: 'A1',
    }),
    ['annotations supplemental-excludes', 'industryClassification supplemental-excludes'],
  );
  assert.deepEqual(rules({ identifiers: [{ kind: 'email', value: 'a@b.example' }] }), [
    'identifiers[0].kind ip-or-device',
  ]);
});
