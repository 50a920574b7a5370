import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aReport, someFileDetails } from '../../../../tests/harness/report-documents.ts';
import type { SentNode } from '../formats/report-draft.ts';
import { parseFileDetailsDocument, parseReportDocument } from '../formats/xml-report.ts';
import { type BatchedFile, batchedDefects, forbiddenInBatch } from './batched-report.ts';

const now = new Date('2026-11-24T00:00:00Z');

function sentReport(parts: Parameters<typeof aReport>[0]): SentNode {
  const parsed = parseReportDocument(aReport({ before: batched, details: '', after: users, ...parts }), {
    now,
  });
  assert.ok(parsed.kind === 'ok', JSON.stringify(parsed));
  return parsed.value.sent;
}

function sentFile(children: string): BatchedFile {
  const parsed = parseFileDetailsDocument(someFileDetails(children), { now });
  assert.ok(parsed.kind === 'ok', JSON.stringify(parsed));
  return { fileId: parsed.value.fileId, details: parsed.value.sent };
}

const batched = '<batchedReport reason="VIRAL_POTENTIAL_MEME"/>';
const users = '<personOrUserReported><espIdentifier>u-1</espIdentifier></personOrUserReported>'.repeat(2);
const viral = sentFile('<fileAnnotations><viral/></fileAnnotations>');

function broken(
  sent: SentNode,
  files: readonly BatchedFile[],
  batchReason = 'VIRAL_POTENTIAL_MEME',
): string[] {
  const defects = batchedDefects({ batchReason, sent, files });
  assert.ok(defects.every((each) => each.layer === 'filing'));
  return defects.map(({ rule, element }) => `${rule} ${element}`);
}

test('what a batched report may be', () => {
  const report = sentReport({});
  assert.deepEqual(broken(report, [viral]), []);
  assert.deepEqual(broken(report, [sentFile('<potentialMeme>true</potentialMeme>')]), []);
  assert.deepEqual(
    broken(report, [
      sentFile(
        '<fileViewedByEsp>true</fileViewedByEsp><fileRelevance>Reported</fileRelevance><fileAnnotations><potentialMeme/><viral/></fileAnnotations><industryClassification>B2</industryClassification>',
      ),
    ]),
    [],
  );
});

test('an ordinary report has none of these rules', () => {
  const sent = sentReport({ before: '', after: '' });
  assert.deepEqual(batchedDefects({ sent, files: [] }), []);
  assert.deepEqual(batchedDefects({ batchReason: undefined, sent, files: [] }), []);
});

test('what a batched report may not have', () => {
  const report = sentReport({
    summary: '<escalateToHighPriority>now</escalateToHighPriority>',
    details:
      '<internetDetails><chatImIncident/></internetDetails><internetDetails><chatImIncident/></internetDetails><lawEnforcement><agencyName>A</agencyName></lawEnforcement>',
    after:
      '<personOrUserReported><screenName>s</screenName></personOrUserReported><intendedRecipient/><victim><victimPerson/></victim><additionalInfo>a</additionalInfo>',
  });
  assert.deepEqual(broken(report, [viral]), [
    'batched-not-urgent report/incidentSummary/escalateToHighPriority',
    'batched-element report/internetDetails',
    'batched-element report/lawEnforcement',
    'batched-element report/intendedRecipient',
    'batched-element report/victim',
    'batched-element report/additionalInfo',
    'batched-user report/personOrUserReported[1]',
    'batched-user report/personOrUserReported[1]/screenName',
  ]);
  assert.deepEqual(broken(sentReport({ after: '' }), [viral]), ['batched-users report/personOrUserReported']);
});

test('exactly one file, described and marked as spreading', () => {
  const report = sentReport({});
  assert.deepEqual(broken(report, []), ['batched-one-file report']);
  assert.deepEqual(broken(report, [viral, viral]), ['batched-one-file report']);
  assert.deepEqual(broken(report, [{ fileId: 'x' }]), ['batched-file-marks fileDetails']);
  assert.deepEqual(broken(report, [sentFile('')]), ['batched-file-marks fileDetails/fileAnnotations']);
  assert.deepEqual(broken(report, [sentFile('<potentialMeme>false</potentialMeme>')]), [
    'batched-file-marks fileDetails/fileAnnotations',
  ]);
  assert.deepEqual(broken(report, [sentFile('<fileAnnotations><viral/><infant/></fileAnnotations>')]), [
    'batched-file-marks fileDetails/fileAnnotations/infant',
  ]);
  assert.deepEqual(
    broken(report, [
      sentFile(
        '<fileRelevance>Supplemental Reported</fileRelevance><fileAnnotations><viral/></fileAnnotations>',
      ),
    ]),
    ['batched-file-relevance fileDetails/fileRelevance'],
  );
});

test('each element that the file may not have', () => {
  const all =
    '<originalFileName>a</originalFileName><locationOfFile>https://a.example</locationOfFile><fileAnnotations><viral/></fileAnnotations>' +
    '<originalFileHash hashType="MD5">00</originalFileHash><ipCaptureEvent><ipAddress>203.0.113.1</ipAddress></ipCaptureEvent>' +
    '<deviceId><idType>a</idType><idValue>b</idValue></deviceId><details><nameValuePair><name>a</name><value>b</value></nameValuePair></details><additionalInfo>a</additionalInfo>';
  assert.deepEqual(
    broken(sentReport({}), [sentFile(all)]),
    [...forbiddenInBatch].map((name) => `batched-file-element fileDetails/${name}`),
  );
});
