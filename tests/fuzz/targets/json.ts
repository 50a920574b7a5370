import type { Parsed } from '#base/defects';
import { CybertipBody, FileDetailsBody, type ReportBody, UkBody } from '#contract/intake';
import { fileDetailsOfBody } from '../../../src/stages/intake/formats/json-file-details.ts';
import { draftOfBody } from '../../../src/stages/intake/formats/json-report.ts';
import { readShape } from '../../../src/stages/intake/formats/json-shape.ts';
import { must, mustBeStorable, type Target } from '../target.ts';

const now = new Date('2026-11-24T00:00:00Z');
const at = '2026-03-01T10:00:00Z';

const cybertip = {
  profile: 'cybertip',
  incident: {
    type: 'Child Sex Tourism',
    occurredAt: at,
    escalation: 'now',
    annotations: ['spam'],
    urls: ['https://a.example/x'],
  },
  reporter: { name: 'Trust Desk', email: 'trust@harbour-chat.example' },
  parties: [
    {
      role: 'reported-user',
      identifiers: [{ kind: 'ip', value: '203.0.113.7', event: 'Login', at, port: 443 }],
      age: 30,
    },
    {
      role: 'associated-account',
      of: 0,
      identifiers: [{ kind: 'email', value: 'a@b.example', verified: true, verifiedAt: at }],
    },
  ],
  priorReports: ['1000001'],
  narrative: 'words',
};
const uk = {
  profile: 'uk',
  priority: 1,
  incident: { type: 'Child Sex Tourism', occurredAt: at },
  schedule1: {},
  declaration: { by: 'Trust Desk', role: 'authorised person', at, accepted: true },
};
const details = {
  originalFileName: 'a.jpg',
  uploadedAt: at,
  location: 'https://a.example/f',
  viewedByProvider: true,
  originalHashes: [{ type: 'MD5', value: '0123' }],
  identifiers: [{ kind: 'ip', value: '2001:db8::7', at }],
  metadata: [{ name: 'Make', value: 'x' }],
  notes: ['x'],
};

const words = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '"a":',
  '\\u0000',
  '\\ud800',
  '"profile"',
  '"uk"',
  '"cybertip"',
  '"incident"',
  '"type"',
  '"occurredAt"',
  '"parties"',
  '"role"',
  '"identifiers"',
  '"kind"',
  '"value"',
  '"ip"',
  '"of"',
  '"schedule1"',
  '"declaration"',
  '"priority"',
  '"__proto__"',
  '"constructor"',
  at,
  '203.0.113.7',
];

function check(parsed: Parsed<unknown>): void {
  if (parsed.kind === 'defects') {
    must(parsed.defects.length > 0, 'a refusal names at least one defect');
    must(parsed.defects.length <= 200, 'a refusal names a bounded number of defects');
  } else {
    mustBeStorable(parsed.value);
  }
}

export const jsonTargets: readonly Target[] = [
  {
    name: 'report-json',
    what: 'report bodies of the JSON API',
    seeds: [cybertip, uk].map((one) => JSON.stringify(one)),
    words,
    mostBytes: 300_000,
    run: (input) => {
      const shape = readShape<ReportBody>(input, (value) => (isUk(value) ? UkBody : CybertipBody));
      check(shape.kind === 'ok' ? draftOfBody(shape.value, { now }) : shape);
    },
  },
  {
    name: 'file-details-json',
    what: 'file details bodies of the JSON API',
    seeds: [JSON.stringify(details)],
    words: [...words, ...Object.keys(details).map((name) => `"${name}"`)],
    mostBytes: 300_000,
    run: (input) => {
      const shape = readShape<FileDetailsBody>(input, () => FileDetailsBody);
      const ids = { reportId: '1000001', fileId: 'b0754af766b426f2928a02c651ed4b99' };
      check(shape.kind === 'ok' ? fileDetailsOfBody(shape.value, ids, { now }) : shape);
    },
  },
];

function isUk(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'profile' in value && value.profile === 'uk';
}
