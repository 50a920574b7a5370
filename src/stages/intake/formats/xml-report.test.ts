import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Parsed } from '#base/defects';
import { generateDocument, serialised } from '../../../../tests/harness/document-generator.ts';
import { mutate, mutationNames } from '../../../../tests/harness/document-mutations.ts';
import { aReport, aReportOn, bytesOf, someFileDetails } from '../../../../tests/harness/report-documents.ts';
import { Seeded } from '../../../../tests/harness/seeded.ts';
import { compile } from './vocabulary/compiled.ts';
import { tables } from './vocabulary/vocabulary.ts';
import { parseFileDetailsDocument, parseReportDocument } from './xml-report.ts';

const now = new Date('2026-11-24T00:00:00Z');
const samples = new URL('../../../../tests/samples/protocol/', import.meta.url);
const report = (bytes: Uint8Array) => parseReportDocument(bytes, { now });
const details = (bytes: Uint8Array) => parseFileDetailsDocument(bytes, { now });

/** What was found, as `layer rule element`. */
function found(parsed: Parsed<unknown>): string[] {
  const list = parsed.kind === 'ok' ? parsed.warnings : parsed.defects;
  return list.map(({ layer, rule, element }) => `${layer} ${rule} ${element}`);
}

function accepted<T>(parsed: Parsed<T>): T {
  assert.equal(parsed.kind, 'ok', parsed.kind === 'ok' ? '' : JSON.stringify(parsed.defects));
  if (parsed.kind !== 'ok') throw new Error('unreachable');
  return parsed.value;
}

function refused(parsed: Parsed<unknown>): string[] {
  assert.equal(parsed.kind, 'defects');
  return found(parsed);
}

describe('the samples of the protocol', () => {
  for (const name of readdirSync(samples).filter((each) => !each.startsWith('response-'))) {
    test(name, () => {
      const bytes = readFileSync(new URL(name, samples));
      const parsed = (name.startsWith('filedetails') ? details : report)(bytes);
      assert.equal(parsed.kind, name.startsWith('invalid') ? 'defects' : 'ok', JSON.stringify(parsed));
    });
  }

  test('a wrong sample is told where and what to send instead', () => {
    assert.deepEqual(refused(report(readFileSync(new URL('invalid-enum.xml', samples)))), [
      'schema unknown-value report/incidentSummary/incidentType',
    ]);
    assert.deepEqual(refused(report(readFileSync(new URL('invalid-order.xml', samples)))), [
      'schema wrong-order report/incidentSummary',
    ]);
  });
});

describe('what clients in the field send', () => {
  test('a report without anything odd has no warning', () => {
    assert.deepEqual(found(report(aReport())), []);
  });

  test('no e-mail of the reporter and no place are accepted and said', () => {
    assert.deepEqual(found(report(aReport({ reportingPerson: '', details: '' }))), [
      'rule incident-details report',
      'rule reporter-email report/reporter/reportingPerson',
    ]);
  });

  test('marks that no vocabulary names are kept in both lists, in order, and said', () => {
    const parsed = report(
      aReport({ summary: '<reportAnnotations><newMark/><spam/><other>true</other></reportAnnotations>' }),
    );
    assert.deepEqual(accepted(parsed).annotations, ['newMark', 'spam', 'other']);
    assert.deepEqual(found(parsed), [
      'rule newer-annotation report/incidentSummary/reportAnnotations/newMark',
      'rule newer-annotation report/incidentSummary/reportAnnotations/other',
    ]);
    const file = details(someFileDetails('<fileAnnotations><fresh/></fileAnnotations>'));
    assert.deepEqual(accepted(file).annotations, ['fresh']);
    assert.deepEqual(found(file), ['rule newer-annotation fileDetails/fileAnnotations/fresh']);
  });

  test('an unknown mark that says more than its presence is refused', () => {
    for (const odd of ['<x>no</x>', '<x a="1"/>', '<x><y/></x>', '<x-y/>', '<x xmlns="urn:a"/>']) {
      const parsed = report(aReport({ summary: `<reportAnnotations>${odd}</reportAnnotations>` }));
      assert.equal(parsed.kind, 'defects', odd);
    }
  });

  test('unknown elements anywhere else are refused, even with the name of a list of marks', () => {
    assert.deepEqual(refused(report(aReportOn('<reportAnnotations><x/></reportAnnotations>'))), [
      'schema unexpected-element report/personOrUserReported[1]/reportAnnotations',
    ]);
  });

  test('the named extensions are accepted and said', () => {
    const parsed = report(
      aReport({
        summary: '<reportAnnotations><informational/></reportAnnotations>',
        after:
          '<personOrUserReported><personOrUserReportedPerson><age>20</age>' +
          '<ageAssertionDiscrepancy>true</ageAssertionDiscrepancy><dateOfBirth>2006-01-01</dateOfBirth>' +
          '</personOrUserReportedPerson><associatedAccount type="Linked"><approximateAge>20</approximateAge>' +
          '<ageAssertionDiscrepancy>0</ageAssertionDiscrepancy></associatedAccount></personOrUserReported>',
      }),
    );
    assert.deepEqual(accepted(parsed).annotations, ['informational']);
    assert.deepEqual(found(parsed), [
      'rule newer-element report/incidentSummary/reportAnnotations/informational',
      'rule newer-element report/personOrUserReported[1]/personOrUserReportedPerson/ageAssertionDiscrepancy',
      'rule newer-element report/personOrUserReported[1]/associatedAccount[1]/ageAssertionDiscrepancy',
    ]);
  });

  test('times with nine decimals, times equal to now, a byte order mark, a schema location, comments', () => {
    assert.deepEqual(found(report(aReport({ incidentDateTime: '2026-11-23T23:58:11.940334421Z' }))), []);
    assert.deepEqual(found(report(aReport({ incidentDateTime: '2026-11-24T00:00:00Z' }))), []);
    assert.deepEqual(found(report(bytesOf(`\ufeff${new TextDecoder().decode(aReport())}`))), []);
    const text = new TextDecoder().decode(aReport());
    const located = text.replace(
      '<report>',
      '<!-- a --><report xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="http://schema.example/x.xsd">',
    );
    assert.deepEqual(found(report(bytesOf(located))), []);
  });
});

describe('documents that are refused', () => {
  test('a document of the other call is told where it belongs', () => {
    const parsed = report(someFileDetails());
    assert.deepEqual(refused(parsed), ['schema wrong-root-element fileDetails']);
    assert.match(parsed.kind === 'defects' ? (parsed.defects[0]?.message ?? '') : '', /\/fileinfo/);
    assert.deepEqual(refused(details(aReport())), ['schema wrong-root-element report']);
  });

  test('everything wrong is listed, not only the first', () => {
    const parsed = report(
      aReport({
        incidentType: 'secret',
        summary: '<nonsense/>',
        after:
          '<personOrUserReported><surname>x</surname><displayName/><screenName/></personOrUserReported><oops/>',
      }),
    );
    assert.deepEqual(refused(parsed), [
      'schema unexpected-element report/oops',
      'schema unexpected-element report/incidentSummary/nonsense',
      'schema unknown-value report/incidentSummary/incidentType',
      'schema unexpected-element report/personOrUserReported[1]/surname',
      'schema wrong-order report/personOrUserReported[1]/screenName',
    ]);
  });

  test('no message repeats what was sent as a value', () => {
    const secret = 'Zq7secretZq7';
    const parsed = report(
      aReport({
        incidentType: secret,
        incidentDateTime: secret,
        reportingPerson: `<email type="${secret}">${secret}</email><age>${secret}</age>`,
        after: `<victim><victimPerson/><priorCTReports>${secret}</priorCTReports>${secret}</victim>`,
      }),
    );
    assert.equal(parsed.kind, 'defects');
    assert.ok(!JSON.stringify(parsed).includes(secret));
  });

  test('lines are told', () => {
    const text = new TextDecoder().decode(aReport({ incidentDateTime: 'x' })).replaceAll('><', '>\n<');
    const parsed = report(bytesOf(text));
    assert.equal(parsed.kind === 'defects' && parsed.defects[0]?.line, 4);
  });

  test('a list of defects ends at a hundred', () => {
    const parsed = report(aReportOn('<priorCTReports>x</priorCTReports>'.repeat(250)));
    assert.ok(parsed.kind === 'defects');
    assert.equal(parsed.defects.length, 100);
    assert.equal(parsed.defects.at(-1)?.rule, 'more-defects');
    assert.match(parsed.defects.at(-1)?.message ?? '', /^151 more/);
  });

  test('a fault that only the library sees is still placed', () => {
    const parsed = report(
      bytesOf(new TextDecoder().decode(aReport()).replace('<reporter>', '<reporter><![CDATA[ ]]>')),
    );
    assert.deepEqual(refused(parsed), ['schema not-in-schema report/reporter']);
  });
});

describe('generated documents', () => {
  const elementOf = compile(tables);

  test('what obeys schema and rules is accepted', () => {
    const random = new Seeded(11);
    for (let index = 0; index < 400; index += 1) {
      const name = random.pick(['report', 'fileDetails']);
      const options = { obeysRules: true, fullness: random.pick([0, 0.2, 0.5]), extensions: 0.1, now };
      const root = generateDocument(random, elementOf(name), options);
      const text = serialised(random, root, random.pick(['plain', 'indented', 'odd'] as const));
      const parsed = (name === 'report' ? report : details)(bytesOf(text));
      assert.equal(parsed.kind, 'ok', `${JSON.stringify(parsed)}\n${text}`);
    }
  });

  test('spoilt documents never make a parser throw, and a refusal always has a defect', () => {
    const random = new Seeded(12);
    for (let index = 0; index < 600; index += 1) {
      const name = random.pick(['report', 'fileDetails']);
      const root = generateDocument(random, elementOf(name), {
        obeysRules: false,
        fullness: 0.3,
        extensions: 0.1,
        now,
      });
      for (let times = random.below(3); times >= 0; times -= 1)
        mutate(random, root, random.pick(mutationNames));
      const bytes = bytesOf(serialised(random, root, 'odd'));
      for (const parsed of [report(bytes), details(bytes)]) {
        if (parsed.kind === 'defects') assert.ok(parsed.defects.length > 0);
      }
    }
  });
});

describe('anything at all', () => {
  test('arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        assert.equal(report(bytes).kind, 'defects');
        assert.equal(details(bytes).kind, 'defects');
      }),
    );
  });

  test('arbitrary text inside a report', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.nat(400), (text, at) => {
        const whole = new TextDecoder().decode(aReportOn('<displayName>a</displayName>'));
        const parsed = report(bytesOf(whole.slice(0, at) + text + whole.slice(at)));
        assert.ok(parsed.kind === 'ok' || parsed.defects.length > 0);
      }),
    );
  });

  test('a document cut off anywhere is refused', () => {
    const bytes = readFileSync(new URL('report-full.xml', samples));
    fc.assert(
      fc.property(fc.nat(bytes.lastIndexOf('</report>')), (length) => {
        assert.equal(report(bytes.subarray(0, length)).kind, 'defects');
      }),
    );
  });
});
