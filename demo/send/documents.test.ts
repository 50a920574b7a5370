import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inventDay } from '../day/day.ts';
import type { DayReport } from '../day/report.ts';
import { fileDetailsDocument, reportDocument, timeText } from './report-document.ts';
import { fileDetailsBody, reportBody } from './v1-body.ts';
import { element, field } from './xml.ts';

const until = new Date('2026-11-24T20:00:00Z');
const reports: DayReport[] = [];
for await (const report of inventDay({ seed: 5, day: 1, reports: 2500, until })) reports.push(report);

const numbers = { reportId: '1000001', fileId: 'f'.repeat(32), md5: '0'.repeat(32) };

/** Every report with the details of its files, as text on the wire. */
const documents = reports.map((report) => {
  if (report.service.door !== 'ispws') {
    return JSON.stringify([
      reportBody(report),
      ...report.files.map((file) => fileDetailsBody(report, file, numbers.md5)),
    ]);
  }
  return [
    reportDocument(report),
    ...report.files.map((file) => fileDetailsDocument(report, file, numbers)),
  ].join('\n');
});

test('every report carries the watermark', () => {
  for (const [index, report] of reports.entries()) {
    const wanted =
      report.service.door === 'ispws'
        ? '<companyTemplate>synthetic:true</companyTemplate>'
        : '"synthetic":true';
    assert.ok(documents[index]?.includes(wanted), `report ${index}`);
  }
});

test('addresses, numbers and domains come from reserved ranges only', () => {
  for (const text of documents) {
    for (const [address] of text.matchAll(/\b\d{1,3}(\.\d{1,3}){3}\b/g)) {
      assert.match(address, /^(192\.0\.2|198\.51\.100|203\.0\.113)\.\d+$/, 'RFC 5737');
    }
    for (const [address] of text.matchAll(/\b[0-9a-f]{1,4}(:[0-9a-f]{0,4}){3,}/g))
      assert.match(address, /^2001:db8:/, 'RFC 3849');
    for (const [, host] of text.matchAll(/@([a-z0-9.-]+)/gi))
      assert.match(host ?? '', /\.example$/, 'RFC 2606');
    for (const [, host] of text.matchAll(/https?:\/\/([a-z0-9.-]+)/gi))
      assert.match(host ?? '', /\.example$/, 'RFC 2606');
    for (const [number] of text.matchAll(/(?<![\w-])0[127]\d[\d ]{7,10}(?![\w-])/g)) {
      assert.match(
        number,
        /^(07700 900\d{3}|020 7946 0\d{3}|011[3-8] 496 0\d{3}|01[2-6]1 496 0\d{3}|0191 498 0\d{3}|029 2018 0\d{3}|01632 960\d{3})$/,
        'Ofcom drama numbers',
      );
    }
  }
});

test('there are numbers and addresses to check at all', () => {
  const all = documents.join('\n');
  assert.match(all, /07700 900\d{3}/);
  assert.match(all, /2001:db8:/);
  assert.match(all, /203\.0\.113\./);
});

test('what is planted never stands in a report', () => {
  for (const [index, report] of reports.entries()) {
    if (report.truth.person !== undefined) assert.ok(!documents[index]?.includes(report.truth.person));
    assert.ok(!documents[index]?.includes('isUrgent'));
  }
});

test('text is escaped', () => {
  assert.equal(
    element('note', [field('a', 'x < y & "z" >')], { of: '"<&' }),
    '<note of="&#34;&#60;&#38;"><a>x &#60; y &#38; &#34;z&#34; &#62;</a></note>',
  );
  const withNote = documents.filter((text) => text.includes('list of known files'));
  assert.ok(withNote.some((text) => text.includes('&#60;&#38; reviewed&#62;')));
  for (const [index, report] of reports.entries()) {
    if (report.service.door === 'ispws') assert.doesNotMatch(documents[index] ?? '', /<& reviewed>/);
  }
});

test('the generations of clients write times and declarations in their own way', () => {
  const at = new Date('2026-03-01T10:00:00.120Z');
  assert.equal(timeText(at, 2016), '2026-03-01T10:00:00+00:00');
  assert.equal(timeText(at, 2021), '2026-03-01T10:00:00Z');
  assert.equal(timeText(at, 2026), '2026-03-01T10:00:00.120000000Z');
  for (const report of reports.filter((one) => one.service.door === 'ispws')) {
    assert.equal(reportDocument(report).startsWith('<?xml'), report.service.generation !== 2016);
  }
});

test('a faulty first try differs from the corrected document', () => {
  const faulty = reports.filter((report) => report.firstTry !== undefined && report.service.door === 'ispws');
  assert.ok(faulty.length > 5);
  for (const report of faulty)
    assert.notEqual(reportDocument(report, report.firstTry), reportDocument(report));
});

test('a report with the UK profile names its reported user in Schedule 1 only, the other profile among the parties', () => {
  const asUsers = (report: DayReport) =>
    reportBody(report).parties?.filter((party) => party.role === 'reported-user').length;
  const sentBy = (door: DayReport['service']['door']) =>
    reports.filter((report) => report.service.door === door);
  assert.ok(sentBy('v1-uk').length > 20 && sentBy('v1').length > 100);
  for (const report of sentBy('v1')) assert.equal(asUsers(report), 1);
  for (const report of sentBy('v1-uk')) {
    const body = reportBody(report);
    assert.equal(asUsers(report), 0);
    assert.equal(body.profile === 'uk' && body.schedule1.accountUsername.value, report.users[0]?.screenName);
  }
});
