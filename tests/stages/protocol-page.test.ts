import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Value } from 'typebox/value';
import { CybertipBody, FileDetailsBody } from '#contract/intake';
import { intakeCodes } from '#intake';
import { mostNameCharacters } from '../../src/stages/intake/formats/kept-text.ts';
import { responseCodes } from '../../src/stages/intake/formats/response-codes.ts';
import { parseFileDetailsDocument, parseReportDocument } from '../../src/stages/intake/formats/xml-report.ts';
import { idleForMs, openForMs } from '../../src/stages/intake/rules/report-lifetime.ts';

const page = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8');
const now = new Date('2026-11-24T12:00:00Z');

function part(pattern: RegExp): string {
  const found = pattern.exec(page)?.[1];
  assert.ok(found !== undefined, `${pattern} is on the page`);
  return found;
}

test('the documents on the page are taken without a warning', () => {
  const report = parseReportDocument(Buffer.from(part(/<<'XML'\n([\s\S]*?)\nXML/)), { now });
  assert.ok(report.kind === 'ok', JSON.stringify(report));
  assert.deepEqual(report.warnings, []);
  assert.ok(report.value.isSynthetic);
  const details = parseFileDetailsDocument(Buffer.from(part(/--data '(<fileDetails>[\s\S]*?)'/)), { now });
  assert.equal(details.kind, 'ok', JSON.stringify(details));
});

test('the JSON on the page has the shape of the contract', () => {
  const report: unknown = JSON.parse(part(/--data '(\{\n {2}"profile"[\s\S]*?\n\})'/));
  assert.ok(Value.Check(CybertipBody, report));
  assert.ok(Value.Check(FileDetailsBody, JSON.parse(part(/--data '(\{ "originalFileName".*?\})'/))));
});

test('codes and limits on the page are those of the code', () => {
  const table = page.slice(page.indexOf('| code | HTTP |'), page.indexOf('A report of another service'));
  for (const code of table.matchAll(/\b\d{4}\b/g)) assert.ok(code[0] in responseCodes, code[0]);
  assert.ok(page.includes(`**${openForMs / 3_600_000} hours after it was opened or one hour after`));
  assert.equal(idleForMs, 3_600_000);
  assert.ok(page.includes(mostNameCharacters.toLocaleString('en')));
  assert.equal(intakeCodes['intake.key-reused'].status, 422);
});
