import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aReport, bytesOf } from '../../../../tests/harness/report-documents.ts';
import { documentLimits, formDefectOf } from './document-form.ts';
import { parseReportDocument } from './xml-report.ts';

const now = new Date('2026-11-24T00:00:00Z');

function ruleOf(bytes: Uint8Array | string): string | undefined {
  const parsed = parseReportDocument(typeof bytes === 'string' ? bytesOf(bytes) : bytes, { now });
  if (parsed.kind === 'ok') return undefined;
  const [defect] = parsed.defects;
  assert.equal(defect?.layer, 'form');
  return defect?.rule;
}

const utf16 = (text: string) => new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le'));

test('each way of not being a plain UTF-8 document has its rule', () => {
  const cases: readonly (readonly [Uint8Array | string, string])[] = [
    ['', 'empty-document'],
    [' \n\t', 'empty-document'],
    ['hello', 'not-well-formed'],
    ['{"report": 1}', 'not-well-formed'],
    ['<report><incidentSummary></report>', 'not-well-formed'],
    ['<report/><report/>', 'not-well-formed'],
    ['<report>&nbsp;</report>', 'unknown-entity'],
    ['<x:report/>', 'unknown-prefix'],
    ['<report>a\0b</report>', 'control-character'],
    ['<report>\u0001</report>', 'not-well-formed'],
    [' <?xml version="1.0"?><report/>', 'declaration-not-first'],
    ['<?xml version="1.0" encoding="ISO-8859-1"?><report/>', 'wrong-encoding'],
    ["<?xml version='1.0' encoding='utf-16'?><report/>", 'wrong-encoding'],
    [utf16('<report/>'), 'wrong-encoding'],
    [new Uint8Array([0x3c, 0x61, 0x3e, 0xe9, 0x3c, 0x2f, 0x61, 0x3e]), 'not-utf-8'],
    [new Uint8Array([0x3c, 0x61, 0x3e, 0xc0, 0x80]), 'not-utf-8'],
  ];
  for (const [bytes, rule] of cases) assert.equal(ruleOf(bytes), rule, String(bytes));
});

test('any document type declaration is refused, wherever it hides', () => {
  const body = new TextDecoder().decode(aReport());
  for (const prolog of [
    '<!DOCTYPE report>',
    '<!DOCTYPE report [<!ENTITY a "b">]>',
    '<!DOCTYPE report SYSTEM "file:///etc/hostname">',
    '<?xml version="1.0"?>\n<!-- <x> -->\n<!DOCTYPE report PUBLIC "a" "http://dtd.example/a.dtd">',
    '<?pi <!-- ?><!DOCTYPE report [<!ENTITY % p SYSTEM "http://dtd.example/p"> %p;]>',
  ]) {
    assert.equal(ruleOf(prolog + body), 'dtd-not-allowed', prolog);
  }
});

test('words that look like a declaration inside text are only words', () => {
  for (const harmless of ['<!-- <!DOCTYPE a> -->', '<![CDATA[<!DOCTYPE a><a><a>]]>', '&lt;!DOCTYPE a&gt;']) {
    assert.equal(ruleOf(aReport({ after: `<additionalInfo>${harmless}</additionalInfo>` })), undefined);
  }
  assert.equal(ruleOf(aReport({ after: '<additionalInfo>a > b " c \' d</additionalInfo>' })), undefined);
});

test('declared and undeclared UTF-8 are read', () => {
  const body = new TextDecoder().decode(aReport({ after: '<additionalInfo>灯台 🌊</additionalInfo>' }));
  for (const prolog of [
    '',
    '\ufeff',
    '<?xml version="1.0"?>',
    '<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n',
    "<?xml version='1.0' encoding='UTF8'?>",
  ]) {
    assert.equal(ruleOf(prolog + body), undefined, prolog);
  }
});

test('limits hold at the limit and one above', () => {
  const nested = (levels: number) => '<a>'.repeat(levels) + '</a>'.repeat(levels);
  const wide = (count: number) => `<a>${'<b/>'.repeat(count)}</a>`;
  const many = (count: number) => {
    const width = 5_000;
    const groups = Math.ceil(count / (width + 1));
    return `<a>${`<b>${'<c/>'.repeat(width)}</b>`.repeat(groups)}</a>`;
  };
  const attributes = (count: number) =>
    `<a ${Array.from({ length: count }, (_, at) => `a${at}="="`).join(' ')}/>`;
  const rule = (text: string) => formDefectOf(bytesOf(text))?.rule;
  assert.equal(rule(nested(documentLimits.depth)), undefined);
  assert.equal(rule(nested(documentLimits.depth + 1)), 'too-deep');
  assert.equal(rule(wide(documentLimits.children)), undefined);
  assert.equal(rule(wide(documentLimits.children + 1)), 'too-wide');
  assert.equal(rule(attributes(documentLimits.attributesOfElement)), undefined);
  assert.equal(rule(attributes(documentLimits.attributesOfElement + 1)), 'too-many-attributes');
  assert.equal(rule(many(documentLimits.elements - 10_000)), undefined);
  assert.equal(rule(many(documentLimits.elements + 10_000)), 'too-many-elements');
});

test('the line of an excess is told', () => {
  assert.equal(formDefectOf(bytesOf(`\n\n${'<a>\n'.repeat(50)}`))?.line, 43);
  assert.equal(formDefectOf(bytesOf('<a>\n\n\0</a>'))?.line, 3);
});

test('hostile values are not looked at for long', () => {
  const long = 400_000;
  const cases = [
    aReport({
      after: `<personOrUserReported><profileUrl>${'a.'.repeat(long)}@</profileUrl></personOrUserReported>`,
    }),
    aReport({ reportingPerson: `<email>${'a@'.repeat(long)}</email>` }),
    aReport({ incidentDateTime: `2026-03-01T10:00:00.${'0'.repeat(long)}x` }),
    aReport({ summary: `<reportAnnotations><x>${' '.repeat(long)}y</x></reportAnnotations>` }),
    aReport({ after: `<additionalInfo>${'synthetic:'.repeat(long)}</additionalInfo>` }),
    bytesOf(`<?xml ${' encoding'.repeat(long)}`),
    bytesOf(`${' '.repeat(long)}x`),
  ];
  for (const bytes of cases) {
    const start = performance.now();
    parseReportDocument(bytes, { now });
    assert.ok(performance.now() - start < 5_000, new TextDecoder().decode(bytes.subarray(0, 300)));
  }
});

test('large documents are read in seconds, right or wrong', () => {
  const users = (inner: string, each: number, count: number) =>
    aReport({
      after: `<personOrUserReported>${`<associatedAccount type="Other">${inner.repeat(each)}</associatedAccount>`.repeat(count)}</personOrUserReported>`,
    });
  const cases: readonly (readonly [Uint8Array, 'ok' | 'defects'])[] = [
    [aReport({ after: `<additionalInfo>${'a &amp; b\n'.repeat(800_000)}</additionalInfo>` }), 'ok'],
    [users('<profileUrl>https://quay.example</profileUrl>', 9_000, 5), 'ok'],
    [users('<priorCTReport>x</priorCTReport>', 9_000, 20), 'defects'],
    [users('<unknown/>', 9_000, 20), 'defects'],
  ];
  for (const [bytes, kind] of cases) {
    const start = performance.now();
    assert.equal(parseReportDocument(bytes, { now }).kind, kind);
    assert.ok(performance.now() - start < 20_000, 'no document takes minutes');
  }
});
