import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aReport, aReportOn, someFileDetails } from '../../../../tests/harness/report-documents.ts';
import { parseFileDetailsDocument, parseReportDocument } from './xml-report.ts';

const now = new Date('2026-11-24T00:00:00Z');

/** Rules broken, with `?` behind a warning. */
function broken(
  bytes: Uint8Array,
  parse: typeof parseReportDocument | typeof parseFileDetailsDocument,
): string[] {
  const parsed = parse(bytes, { now });
  const list = parsed.kind === 'ok' ? parsed.warnings : parsed.defects;
  return list.map(({ rule, element }) => `${rule}${parsed.kind === 'ok' ? '?' : ''} ${element}`);
}

const user = 'report/personOrUserReported[1]';

test('rules about a reported user', () => {
  const cases: readonly (readonly [string, ...string[]])[] = [
    [
      '<personOrUserReportedPerson><email verified="true" verificationDate="2026-01-01T00:00:00Z">a@b.example</email></personOrUserReportedPerson>',
    ],
    [
      '<personOrUserReportedPerson><phone verificationDate="2026-01-01T00:00:00Z">020 7946 0000</phone><email verified="0" verificationDate="2026-01-01T00:00:00Z">a@b.example</email></personOrUserReportedPerson>',
      `verification-needs-verified ${user}/personOrUserReportedPerson/phone[1]/@verificationDate`,
      `verification-needs-verified ${user}/personOrUserReportedPerson/email[1]/@verificationDate`,
    ],
    [
      '<personOrUserReportedPerson><age>20</age><dateOfBirth>2006-01-01</dateOfBirth></personOrUserReportedPerson>',
    ],
    [
      '<associatedAccount type="Other"><approximateAge>20</approximateAge><dateOfBirth>2006-01-01</dateOfBirth></associatedAccount>',
      `age-or-birth-date ${user}/associatedAccount[1]/dateOfBirth`,
    ],
    [
      '<personOrUserReportedPerson><address><state>CA</state><country>US</country></address></personOrUserReportedPerson>',
    ],
    ['<personOrUserReportedPerson><address><state>CA</state></address></personOrUserReportedPerson>'],
    [
      '<personOrUserReportedPerson><address><state></state><country>GB</country></address></personOrUserReportedPerson>',
    ],
    [
      '<personOrUserReportedPerson><address><state>CA</state><country>GB</country></address></personOrUserReportedPerson>',
      `state-outside-us ${user}/personOrUserReportedPerson/address[1]/state`,
    ],
    [
      '<personOrUserReportedPerson><address><nonUsaState>Kent</nonUsaState><country>US</country></address></personOrUserReportedPerson>',
      `non-us-state-inside-us? ${user}/personOrUserReportedPerson/address[1]/nonUsaState`,
    ],
    ['<estimatedLocation><city>Leeds</city></estimatedLocation>', `country-needed ${user}/estimatedLocation`],
    ['<estimatedLocation><region>CA</region><countryCode>US</countryCode></estimatedLocation>'],
    ['<estimatedLocation><region>California</region><countryCode>GB</countryCode></estimatedLocation>'],
    [
      '<estimatedLocation><region>California</region><countryCode>US</countryCode></estimatedLocation>',
      `us-region ${user}/estimatedLocation/region`,
    ],
    [
      `<espIdentifier>${'a'.repeat(256)}</espIdentifier><accountPermanentlyDisabled disabledDate="2027-01-01T00:00:00Z">true</accountPermanentlyDisabled>`,
      `too-long ${user}/espIdentifier`,
      `time-in-future ${user}/accountPermanentlyDisabled/@disabledDate`,
    ],
  ];
  for (const [inner, ...expected] of cases)
    assert.deepEqual(broken(aReportOn(inner), parseReportDocument), expected, inner);
});

test('one reported user, unless the report is batched', () => {
  const two = '<personOrUserReported/>'.repeat(2);
  assert.deepEqual(broken(aReport({ after: two }), parseReportDocument), [
    'one-reported-user report/personOrUserReported[2]',
  ]);
  const batched = { before: '<batchedReport reason="VIRAL_POTENTIAL_MEME"/>', details: '', after: two };
  assert.deepEqual(broken(aReport(batched), parseReportDocument), []);
});

test('an escalation without words is refused', () => {
  const blank = aReport({ summary: '<escalateToHighPriority> </escalateToHighPriority>' });
  assert.deepEqual(broken(blank, parseReportDocument), [
    'blank report/incidentSummary/escalateToHighPriority',
  ]);
});

test('an address of an e-mail incident that nobody has is only remarked on', () => {
  const details =
    '<internetDetails><emailIncident><emailAddress>A@b.example</emailAddress><emailAddress>c@d.example</emailAddress></emailIncident></internetDetails>';
  const after =
    '<intendedRecipient><intendedRecipientPerson><email>a@b.example</email></intendedRecipientPerson></intendedRecipient>';
  assert.deepEqual(broken(aReport({ details, after }), parseReportDocument), [
    'incident-email-of-party? report/internetDetails[1]/emailIncident/emailAddress[2]',
  ]);
});

test('rules about a file', () => {
  const cases: readonly (readonly [string, ...string[]])[] = [
    ['<fileViewedByEsp>true</fileViewedByEsp><exifViewedByEsp>1</exifViewedByEsp>'],
    ['<fileViewedByEsp>false</fileViewedByEsp><exifViewedByEsp>false</exifViewedByEsp>'],
    ['<exifViewedByEsp>true</exifViewedByEsp>', 'exif-needs-viewed fileDetails/exifViewedByEsp'],
    [
      '<fileRelevance>Reported</fileRelevance><fileAnnotations><potentialMeme/></fileAnnotations><industryClassification>A1</industryClassification>',
    ],
    ['<fileRelevance>Supplemental Reported</fileRelevance><fileAnnotations><viral/></fileAnnotations>'],
    ['<fileRelevance>Supplemental Reported</fileRelevance><potentialMeme>false</potentialMeme>'],
    [
      '<fileRelevance>Supplemental Reported</fileRelevance><potentialMeme>true</potentialMeme><industryClassification>A1</industryClassification>',
      'supplemental-excludes fileDetails/potentialMeme',
      'supplemental-excludes fileDetails/industryClassification',
    ],
    [
      '<fileRelevance>Supplemental Reported</fileRelevance><fileAnnotations><potentialMeme/></fileAnnotations>',
      'supplemental-excludes fileDetails/fileAnnotations/potentialMeme',
    ],
    [
      `<originalFileHash hashType="${'x'.repeat(65)}">00</originalFileHash>`,
      'too-long fileDetails/originalFileHash[1]/@hashType',
    ],
  ];
  for (const [inner, ...expected] of cases) {
    assert.deepEqual(broken(someFileDetails(inner), parseFileDetailsDocument), expected, inner);
  }
});
