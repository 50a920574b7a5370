import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Value } from 'typebox/value';
import { incidentTypes } from '#base/incident-types';
import {
  CybertipBody,
  eventNames,
  identifierKinds,
  type ReportBody,
  reportAnnotations,
  type Schedule1,
  type UkBody,
} from '#contract/intake';
import { draftOfBody } from './json-report.ts';
import { simpleTypes } from './vocabulary/enumerations.ts';

const now = new Date('2026-11-24T12:00:00Z');

const cybertip: ReportBody = {
  profile: 'cybertip',
  incident: {
    type: incidentTypes[6],
    occurredAt: '2026-11-20T10:00:00+01:00',
    urls: ['https://harbour.example/1'],
  },
  reporter: { email: 'trust@harbour.example' },
};

function draft(body: ReportBody) {
  const parsed = draftOfBody(body, { now });
  assert.ok(parsed.kind === 'ok', JSON.stringify(parsed));
  return { ...parsed.value, warnings: parsed.warnings };
}

function rules(body: ReportBody): string[] {
  const parsed = draftOfBody(body, { now });
  return parsed.kind === 'ok' ? [] : parsed.defects.map((defect) => `${defect.element} ${defect.rule}`);
}

test('a small body becomes a small draft', () => {
  const { warnings, ...small } = draft(cybertip);
  assert.deepEqual(warnings, []);
  assert.equal(small.incidentAt, '2026-11-20T10:00:00+01:00');
  assert.deepEqual(
    small.parties.map((party) => [party.role, party.path, party.identifiers.length]),
    [
      ['reporter', 'reporter', 1],
      ['incident-detail', 'incident', 1],
    ],
  );
  assert.deepEqual(small.sent.children?.[1], {
    name: 'incident',
    children: [
      { name: 'type', value: incidentTypes[6] },
      { name: 'occurredAt', value: '2026-11-20T10:00:00+01:00' },
      { name: 'urls', value: 'https://harbour.example/1' },
    ],
  });
  assert.equal(small.isSynthetic, false);
  assert.ok(!('escalation' in small) && !('declaredPriority' in small));
});

test('a reporter without an e-mail address is taken with a warning', () => {
  const { warnings } = draft({ ...cybertip, reporter: { name: 'Rowan' } });
  assert.deepEqual(
    warnings.map((warning) => warning.rule),
    ['reporter-email'],
  );
});

test('the watermark counts in the field and in the words', () => {
  assert.ok(draft({ ...cybertip, synthetic: true }).isSynthetic);
  assert.ok(draft({ ...cybertip, narrative: 'Made up. synthetic:true' }).isSynthetic);
  assert.ok(draft({ ...cybertip, reporter: { email: 'a@b.example', notes: 'synthetic:true' } }).isSynthetic);
});

test('the lists of the JSON door are those of the XML door', () => {
  assert.deepEqual([...incidentTypes], simpleTypes.incidentType.values);
  assert.deepEqual([...eventNames], simpleTypes.ipCaptureType.values);
});

const notHeld = { notHeld: true, reason: 'Not collected by this service.' } as const;
const schedule1: Schedule1 = {
  reportingPersonName: { value: 'Rowan Example' },
  reportingPersonEmail: { value: 'trust@harbour.example' },
  reportingPersonPhone: { value: '01632 960123' },
  detectedContent: { value: 'One picture.' },
  detectionMethod: { value: 'A user reported it.' },
  platform: { value: 'Harbour Chat' },
  reportedBefore: { value: false },
  uploadedAt: { value: '2026-11-20T09:00:00Z' },
  uploadIp: { value: { address: '203.0.113.7', port: 4433, at: '2026-11-20T09:00:00Z' } },
  exif: notHeld,
  contentUrl: { value: 'https://harbour.example/p/1' },
  originalHash: notHeld,
  accountUsername: { value: 'invented-user' },
  billingDetails: notHeld,
  accountEmail: { value: 'user@lantern.example' },
  recoveryEmail: { value: 'spare@lantern.example' },
  telephone: { value: { number: '07700 900123', verifiedAt: '2026-01-01T00:00:00Z' } },
  profileUrl: { value: 'https://harbour.example/u/1' },
  loginIps: { value: [{ address: '2001:db8::1', at: '2026-11-19T09:00:00Z' }] },
  identityDocuments: notHeld,
  connectedAccounts: notHeld,
};
const uk: UkBody = {
  profile: 'uk',
  priority: 2,
  incident: { type: incidentTypes[0], occurredAt: '2026-11-20T09:00:00Z' },
  schedule1,
  declaration: { by: 'Rowan Example', role: 'Head of safety', at: '2026-11-24T11:00:00Z', accepted: true },
};

test('the UK profile gives priority, platform, the reporting person and the account', () => {
  const { warnings, ...report } = draft({ ...uk, previousReference: 'FL-2026-1000001' });
  assert.deepEqual(warnings, []);
  assert.equal(report.declaredPriority, 2);
  assert.equal(report.platform, 'Harbour Chat');
  assert.deepEqual(report.priorReports, ['FL-2026-1000001']);
  const account = report.parties.find((party) => party.role === 'reported-user');
  assert.deepEqual(
    account?.identifiers.map((each) => `${each.kind} ${each.path} ${JSON.stringify(each.attributes)}`),
    [
      'screen-name schedule1.accountUsername.value {}',
      'email schedule1.accountEmail.value {}',
      'email schedule1.recoveryEmail.value {"type":"Recovery"}',
      'profile-url schedule1.profileUrl.value {}',
      'phone schedule1.telephone.value.number {"verified":"true","verificationDate":"2026-01-01T00:00:00Z"}',
      'ip schedule1.uploadIp.value.address {"eventName":"Upload","dateTime":"2026-11-20T09:00:00Z","port":"4433"}',
      'ip schedule1.loginIps.value[0].address {"eventName":"Login","dateTime":"2026-11-19T09:00:00Z"}',
    ],
  );
});

test('every Schedule 1 field is a value or not held with a reason, and nothing between', () => {
  for (const name of Object.keys(schedule1) as (keyof Schedule1)[]) {
    const broken = (field: object) => rules({ ...uk, schedule1: { ...schedule1, [name]: field } });
    assert.deepEqual(broken({}), [`schedule1.${name} value-or-not-held`]);
    assert.deepEqual(broken({ notHeld: true }), [`schedule1.${name}.reason reason-needed`]);
    assert.deepEqual(
      broken({ ...schedule1[name], value: schedule1[name].value ?? 'x', ...notHeld })[0],
      `schedule1.${name} value-or-not-held`,
    );
    assert.deepEqual(broken({ notHeld: true, reason: ' ' }), [`schedule1.${name}.reason blank`]);
    assert.deepEqual(broken(notHeld), []);
  }
});

test('times, addresses and numbers of the UK profile follow the same rules', () => {
  const future = '2026-11-24T13:00:00Z';
  assert.deepEqual(
    rules({
      ...uk,
      declaration: { ...uk.declaration, at: future },
      schedule1: {
        ...schedule1,
        uploadedAt: { value: future },
        uploadIp: { value: { address: 'home', at: 'then' } },
        accountEmail: { value: 'nobody' },
        contentUrl: { value: 'not an address' },
        telephone: { value: { number: '1', verifiedAt: future } },
      },
    }).sort(),
    [
      'declaration.at time-in-future',
      'schedule1.accountEmail.value email-malformed',
      'schedule1.contentUrl.value url-malformed',
      'schedule1.telephone.value.verifiedAt time-in-future',
      'schedule1.uploadIp.value.address ip-malformed',
      'schedule1.uploadIp.value.at time-malformed',
      'schedule1.uploadedAt.value time-in-future',
    ],
  );
});

test('reported before without a reference is remarked on', () => {
  const { warnings } = draft({ ...uk, schedule1: { ...schedule1, reportedBefore: { value: true } } });
  assert.deepEqual(
    warnings.map((warning) => warning.rule),
    ['previous-reference'],
  );
});

test('no body of the right shape makes it throw, and a draft always holds a moment', () => {
  const identifier = fc.record({
    kind: fc.constantFrom(...identifierKinds),
    value: fc.string({ minLength: 1 }),
  });
  const body = fc.record({
    profile: fc.constant('cybertip' as const),
    incident: fc.record(
      {
        type: fc.constantFrom(...incidentTypes),
        occurredAt: fc.oneof(fc.string({ maxLength: 64 }), fc.constant('2026-11-20T10:00:00Z')),
        annotations: fc.array(fc.constantFrom(...reportAnnotations), { maxLength: 20 }),
        urls: fc.array(fc.string({ minLength: 1 })),
      },
      { requiredKeys: ['type', 'occurredAt'] },
    ),
    reporter: fc.record({ email: fc.string({ minLength: 1 }) }, { requiredKeys: [] }),
    parties: fc.array(fc.record({ role: fc.constant('victim' as const), identifiers: fc.array(identifier) })),
  });
  fc.assert(
    fc.property(body, (candidate) => {
      if (!Value.Check(CybertipBody, candidate)) return;
      const parsed = draftOfBody(candidate, { now });
      if (parsed.kind === 'ok') assert.ok(!Number.isNaN(Date.parse(parsed.value.incidentAt)));
      else assert.ok(parsed.defects.length > 0);
    }),
  );
});
