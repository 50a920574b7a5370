import { readdirSync, readFileSync } from 'node:fs';
import type { Parsed } from '#base/defects';
import type { Random } from '../../../demo/day/random.ts';
import { encodingDefects } from '../../../src/stages/intake/formats/declared-encoding.ts';
import { defectsSentence } from '../../../src/stages/intake/formats/defects-sentence.ts';
import { compile } from '../../../src/stages/intake/formats/vocabulary/compiled.ts';
import { tables } from '../../../src/stages/intake/formats/vocabulary/vocabulary.ts';
import {
  parseFileDetailsDocument,
  parseReportDocument,
} from '../../../src/stages/intake/formats/xml-report.ts';
import { reportResponse } from '../../../src/stages/intake/formats/xml-response.ts';
import { generateDocument, serialised } from '../../harness/document-generator.ts';
import { mutate, mutationNames } from '../../harness/document-mutations.ts';
import { Seeded } from '../../harness/seeded.ts';
import { must, mustBeStorable, type Target } from '../target.ts';

const samples = new URL('../../samples/protocol/', import.meta.url);
const now = new Date('2026-11-24T00:00:00Z');
const elementOf = compile(tables);

function samplesOf(start: RegExp): readonly Buffer[] {
  return readdirSync(samples)
    .filter((name) => start.test(name))
    .map((name) => readFileSync(new URL(name, samples)));
}

function madeFrom(name: string) {
  const root = elementOf(name);
  return (random: Random): Buffer => {
    const seeded = new Seeded(random.bits());
    const document = generateDocument(seeded, root, {
      obeysRules: random.chance(0.5),
      fullness: random.pick([0.05, 0.3, 0.8]),
      extensions: 0.2,
      now,
    });
    for (let times = random.whole(0, 3); times > 0; times -= 1)
      mutate(seeded, document, random.pick(mutationNames));
    return Buffer.from(serialised(seeded, document, random.pick(['plain', 'indented', 'odd'])));
  };
}

/** What no XML document may hold (XML 1.0, 2.2). */
const notXml = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

function check(parsed: Parsed<unknown>): void {
  if (parsed.kind === 'defects') {
    must(parsed.defects.length > 0, 'a refusal names at least one defect');
    must(parsed.defects.length <= 101, 'a refusal names a bounded number of defects');
    const text = reportResponse({ code: 4100, description: defectsSentence(parsed.defects) });
    must(!notXml.test(text), 'an answer is XML whatever was sent');
  } else {
    mustBeStorable(parsed.value);
  }
}

const words = [
  '<',
  '</',
  '/>',
  '>',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '<?xml version="1.0"?>',
  '<!DOCTYPE report [',
  '<!ENTITY a "b">',
  ']>',
  '&amp;',
  '&#0;',
  '&#x10ffff;',
  '&lt;',
  '&a;',
  ' xmlns="urn:x"',
  ' xsi:nil="true"',
  ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"',
  'report',
  'incidentSummary',
  'incidentType',
  'incidentDateTime',
  'reporter',
  'reportingPerson',
  'personOrUserReported',
  'espIdentifier',
  'ipCaptureEvent',
  'ipAddress',
  'dateTime',
  'fileDetails',
  'reportId',
  'fileId',
  'deviceId',
  'additionalInfo',
  'reportAnnotations',
  'Child Sex Tourism',
  '2026-01-01T00:00:00Z',
  '203.0.113.7',
  '2001:db8::7',
  'UTF-16',
  'encoding="utf-16"',
];

export const documentTargets: readonly Target[] = [
  {
    name: 'report-document',
    what: 'report documents of the XML protocol',
    seeds: samplesOf(/^(report|invalid)-/),
    words,
    make: madeFrom('report'),
    mostBytes: 300_000,
    run: (input) => {
      encodingDefects(input, 'text/xml; charset=utf-8');
      check(parseReportDocument(input, { now }));
    },
  },
  {
    name: 'file-details-document',
    what: 'file details documents of the XML protocol',
    seeds: samplesOf(/^filedetails-/),
    words,
    make: madeFrom('fileDetails'),
    mostBytes: 300_000,
    run: (input) => check(parseFileDetailsDocument(input, { now })),
  },
];
