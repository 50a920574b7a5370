import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { aReport, aReportOn, someFileDetails } from '../../../../tests/harness/report-documents.ts';
import type { FileDetailsDraft, IdentifierDraft, ReportDraft } from './report-draft.ts';
import { parseFileDetailsDocument, parseReportDocument } from './xml-report.ts';

const now = new Date('2026-11-24T00:00:00Z');
const samples = new URL('../../../../tests/samples/protocol/', import.meta.url);

function draftOf(bytes: Uint8Array): ReportDraft {
  const parsed = parseReportDocument(bytes, { now });
  assert.ok(parsed.kind === 'ok', JSON.stringify(parsed));
  return parsed.value;
}

function fileOf(bytes: Uint8Array): FileDetailsDraft {
  const parsed = parseFileDetailsDocument(bytes, { now });
  assert.ok(parsed.kind === 'ok', JSON.stringify(parsed));
  return parsed.value;
}

const short = ({ kind, value, path }: IdentifierDraft) => `${kind} ${value} @ ${path}`;

test('the full sample: parties, identifiers, circumstances', () => {
  const draft = draftOf(readFileSync(new URL('report-full.xml', samples)));
  assert.deepEqual(
    draft.parties.map(({ role, path }) => `${role} ${path}`),
    [
      'reporter report/reporter/reportingPerson',
      'contact report/reporter/contactPerson',
      'reported-user report/personOrUserReported[1]',
      'recipient report/intendedRecipient[1]',
    ],
  );
  assert.deepEqual(draft.parties[2]?.identifiers.map(short), [
    'email user1@mail.example @ report/personOrUserReported[1]/personOrUserReportedPerson/email[1]',
    'provider-account u-0001 @ report/personOrUserReported[1]/espIdentifier',
    'screen-name synthetic_user_1 @ report/personOrUserReported[1]/screenName',
    'ip 203.0.113.7 @ report/personOrUserReported[1]/ipCaptureEvent[1]/ipAddress',
    'device 000000000000000 @ report/personOrUserReported[1]/deviceId[1]/idValue',
  ]);
  assert.deepEqual(draft.parties[2]?.identifiers[3]?.attributes, {
    eventName: 'Upload',
    dateTime: '2026-03-01T09:59:58Z',
    possibleProxy: 'false',
    port: '44321',
  });
  assert.equal(draft.parties[2]?.identifiers[3]?.line, 12);
  assert.equal(draft.incidentAt, '2026-03-01T10:00:00+00:00');
  assert.equal(draft.platform, 'Harbour Chat');
  assert.equal(draft.escalation, 'TEST DATA: synthetic escalation reason');
  assert.deepEqual(draft.annotations, ['minorToMinorInteraction']);
  assert.deepEqual(draft.priorReports, ['1000001']);
  assert.equal(draft.isSynthetic, false);
  assert.equal(draft.batchReason, undefined);
});

test('the batched sample: users, reason', () => {
  const draft = draftOf(readFileSync(new URL('report-batched.xml', samples)));
  assert.equal(draft.batchReason, 'VIRAL_POTENTIAL_MEME');
  assert.deepEqual(
    draft.parties.filter((each) => each.role === 'reported-user').map((each) => each.path),
    ['report/personOrUserReported[1]', 'report/personOrUserReported[2]'],
  );
});

test('a person’s name, addresses, birth date and contacts, as sent', () => {
  const draft = draftOf(
    aReportOn(
      '<personOrUserReportedPerson><firstName>Ada</firstName><lastName> Quay </lastName>' +
        '<phone type="Mobile" countryCallingCode="+44">7700 900123</phone><email/>' +
        '<address type="Home"><address>1 Pier</address><city>Leeds</city><country>GB</country></address>' +
        '<dateOfBirth>1990-01-01</dateOfBirth></personOrUserReportedPerson><espIdentifier>u1</espIdentifier>' +
        '<espService>Chat</espService><displayName>D1</displayName><displayName>D2</displayName>' +
        '<profileUrl>https://quay.example/u1</profileUrl><groupIdentifier>g</groupIdentifier>',
    ),
  );
  const [, party] = draft.parties;
  const root = 'report/personOrUserReported[1]';
  assert.deepEqual(party?.identifiers.map(short), [
    `name Ada  Quay  @ ${root}/personOrUserReportedPerson`,
    `phone 7700 900123 @ ${root}/personOrUserReportedPerson/phone[1]`,
    `address 1 Pier, Leeds, GB @ ${root}/personOrUserReportedPerson/address[1]`,
    `date-of-birth 1990-01-01 @ ${root}/personOrUserReportedPerson/dateOfBirth`,
    `provider-account u1 @ ${root}/espIdentifier`,
    `display-name D1 @ ${root}/displayName[1]`,
    `display-name D2 @ ${root}/displayName[2]`,
    `profile-url https://quay.example/u1 @ ${root}/profileUrl[1]`,
    `group g @ ${root}/groupIdentifier`,
  ]);
  assert.deepEqual(party?.identifiers[1]?.attributes, { type: 'Mobile', countryCallingCode: '+44' });
  assert.deepEqual(party?.identifiers[4]?.attributes, { espService: 'Chat' });
  assert.equal(party?.identifiers[2]?.attributes.type, 'Home');
});

test('associated accounts belong to the party they stand in', () => {
  const account =
    '<associatedAccount type="Creator"><platform thirdPartyUser="1">Other</platform><firstName>Bo</firstName><middleName>C</middleName><email>b@c.example</email><espIdentifier>x9</espIdentifier><priorCTReport>1000007</priorCTReport></associatedAccount>';
  const draft = draftOf(
    aReport({
      after: `<personOrUserReported>${account}</personOrUserReported><victim><victimPerson/>${account}</victim>`,
    }),
  );
  assert.deepEqual(
    draft.parties.map(({ role, path, ofPath }) => [role, path, ofPath]),
    [
      ['reporter', 'report/reporter/reportingPerson', undefined],
      ['reported-user', 'report/personOrUserReported[1]', undefined],
      [
        'associated-account',
        'report/personOrUserReported[1]/associatedAccount[1]',
        'report/personOrUserReported[1]',
      ],
      ['victim', 'report/victim[1]', undefined],
      ['associated-account', 'report/victim[1]/associatedAccount[1]', 'report/victim[1]'],
    ],
  );
  assert.deepEqual(
    draft.parties[2]?.identifiers.map((each) => `${each.kind} ${each.value}`),
    ['name Bo C', 'email b@c.example', 'provider-account x9'],
  );
  assert.deepEqual(draft.parties[2]?.identifiers[2]?.attributes, { platform: 'Other' });
  assert.deepEqual(draft.priorReports, ['1000007']);
});

test('identifiers of the place are a party only where there are any', () => {
  const details =
    '<internetDetails><chatImIncident><chatClient>C</chatClient></chatImIncident></internetDetails>' +
    '<internetDetails><webPageIncident thirdPartyHostedContent="true"><url>https://a.example/1</url><url/></webPageIncident></internetDetails>' +
    '<internetDetails><cellPhoneIncident><phoneNumber>07700 900001</phoneNumber></cellPhoneIncident></internetDetails>' +
    '<internetDetails><peer2peerIncident><ipCaptureEvent><ipAddress>203.0.113.9</ipAddress></ipCaptureEvent></peer2peerIncident></internetDetails>';
  const draft = draftOf(aReport({ details }));
  const places = draft.parties.filter((each) => each.role === 'incident-detail');
  assert.deepEqual(places.flatMap((each) => each.identifiers).map(short), [
    'url https://a.example/1 @ report/internetDetails[2]/webPageIncident/url[1]',
    'phone 07700 900001 @ report/internetDetails[3]/cellPhoneIncident/phoneNumber',
    'ip 203.0.113.9 @ report/internetDetails[4]/peer2peerIncident/ipCaptureEvent[1]/ipAddress',
  ]);
  assert.deepEqual(places[0]?.identifiers[0]?.attributes, { thirdPartyHostedContent: 'true' });
});

test('the watermark is found in the three places where it counts', () => {
  const mark = 'Invented day, synthetic:true.';
  assert.ok(draftOf(aReport({ after: `<additionalInfo>${mark}</additionalInfo>` })).isSynthetic);
  assert.ok(draftOf(aReport({ reporter: `<companyTemplate>${mark}</companyTemplate>` })).isSynthetic);
  assert.ok(draftOf(aReport({ reporter: `<termsOfService>${mark}</termsOfService>` })).isSynthetic);
  assert.ok(!draftOf(aReport({ summary: `<platform>${mark}</platform>` })).isSynthetic);
});

test('everything sent stays in the tree, in order, with lines', () => {
  const { sent } = draftOf(
    aReportOn('<displayName>a<![CDATA[<b>]]>&amp;</displayName>\n<profileUrl>https://a.example</profileUrl>'),
  );
  const user = sent.children?.at(-1);
  assert.deepEqual(user, {
    name: 'personOrUserReported',
    line: 1,
    children: [
      { name: 'displayName', line: 1, value: 'a<b>&' },
      { name: 'profileUrl', line: 2, value: 'https://a.example' },
    ],
  });
});

test('the file sample and the older form of a mark', () => {
  const file = fileOf(readFileSync(new URL('filedetails-full.xml', samples)));
  const { sent, identifiers, ...rest } = file;
  assert.equal(sent.name, 'fileDetails');
  assert.deepEqual(rest, {
    reportId: '1000002',
    fileId: 'b0754af766b426f2928a02c651ed4b99',
    originalFileName: 'synthetic-gradient.png',
    relevance: 'Reported',
    isViewedByProvider: true,
    isExifViewedByProvider: false,
    isPubliclyAvailable: false,
    annotations: ['generativeAi'],
    industryClassification: 'B2',
    uploadedAt: '2026-03-01T09:59:58Z',
    location: 'https://harbour-chat.example/f/1',
    originalHashes: [{ type: 'SHA1', value: 'da39a3ee5e6b4b0d3255bfef95601890afd80709' }],
    sentElements: [
      'originalFileName',
      'locationOfFile',
      'originalFileHash',
      'ipCaptureEvent',
      'details',
      'additionalInfo',
    ],
  });
  assert.deepEqual(identifiers.map(short), [
    'url https://harbour-chat.example/f/1 @ fileDetails/locationOfFile',
    'ip 2001:db8::7 @ fileDetails/ipCaptureEvent/ipAddress',
  ]);
  const older = fileOf(someFileDetails('<potentialMeme>true</potentialMeme>'));
  assert.deepEqual(older.annotations, ['potentialMeme']);
  assert.equal(older.isViewedByProvider, undefined);
  assert.deepEqual(older.sentElements, []);
});
