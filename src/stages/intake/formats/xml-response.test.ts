import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { XmlDocument, XsdValidator } from 'libxml2-wasm';
import { responseCodes } from './response-codes.ts';
import { schemaText } from './schema-text.ts';
import { reportDoneResponse, reportResponse } from './xml-response.ts';

const schema = XmlDocument.fromString(schemaText());
const validator = XsdValidator.fromDoc(schema);

/** The texts of the document's elements; throws if it does not fit the served schema. */
function readBack(text: string): { root: string; values: Record<string, string> } {
  const document = XmlDocument.fromString(text);
  try {
    validator.validate(document);
    const values: Record<string, string> = {};
    for (const node of document.root.find('*')) {
      if ('name' in node) values[String(node.name)] = node.content;
    }
    return { root: document.root.name, values };
  } finally {
    document.dispose();
  }
}

const anyText = fc.string({ unit: 'binary', maxLength: 80 });
const anyId = fc.option(fc.oneof(anyText, fc.stringMatching(/^[1-9][0-9]{0,17}$/)), { nil: undefined });
const anyCode = fc.oneof(
  fc.constantFrom(...Object.keys(responseCodes).map(Number)),
  fc.integer({ min: 0, max: 9999 }),
);

test('every answer is complete and fits the schema, whatever is put in', () => {
  fc.assert(
    fc.property(anyCode, anyText, anyId, anyId, (code, description, reportId, fileId) => {
      const { root, values } = readBack(
        reportResponse({ code, description, reportId, fileId, hash: fileId }),
      );
      assert.equal(root, 'reportResponse');
      assert.equal(values.responseCode, String(code));
      assert.ok(
        (values.responseDescription ?? '').trim() !== '' && Number.isNaN(Number(values.responseDescription)),
      );
      if (reportId !== undefined && /^\d{1,18}$/.test(reportId)) assert.equal(values.reportId, reportId);
      const done = readBack(
        reportDoneResponse({ code, description, reportId, fileIds: fileId === undefined ? [] : [fileId] }),
      );
      assert.equal(done.root, 'reportDoneResponse');
      assert.ok(/^\d+$/.test(done.values.reportId ?? '') && done.values.files !== undefined);
    }),
    { numRuns: 500 },
  );
});

test('text comes back as it was put in, characters that XML cannot carry aside', () => {
  const description = 'Validation failed. <a> & "b" \'c\' ]]> \u0000\u0001\ud800\uffff灯台 🌊';
  const { values } = readBack(reportResponse({ code: 4100, description, reportId: '1000002' }));
  assert.equal(values.responseDescription, 'Validation failed. <a> & "b" \'c\' ]]> 灯台 🌊');
});

test('the answers as clients know them', () => {
  const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
  assert.equal(
    reportResponse({ code: 0, reportId: '4564654', fileId: 'b0754af766b426f2928a02c651ed4b99' }),
    `${head}<reportResponse><responseCode>0</responseCode><responseDescription>Success</responseDescription>` +
      '<reportId>4564654</reportId><fileId>b0754af766b426f2928a02c651ed4b99</fileId></reportResponse>\n',
  );
  assert.equal(
    reportDoneResponse({ code: 4100, description: 'a -- b --> c', reportId: '7' }),
    `${head}<reportDoneResponse><responseCode>4100</responseCode><reportId>7</reportId><files/></reportDoneResponse>\n` +
      '<!-- a - - b - -> c -->\n',
  );
});
