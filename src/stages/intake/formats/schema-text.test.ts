import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { XmlDocument, XmlValidateError, XsdValidator } from 'libxml2-wasm';
import { schemaText } from './schema-text.ts';
import { tables } from './vocabulary/vocabulary.ts';

const samples = new URL('../../../../tests/samples/protocol/', import.meta.url);

test('is a schema, and says of every sample what it should', () => {
  const schema = XmlDocument.fromString(schemaText());
  const validator = XsdValidator.fromDoc(schema);
  for (const name of readdirSync(samples)) {
    const document = XmlDocument.fromBuffer(readFileSync(new URL(name, samples)));
    const validate = () => validator.validate(document);
    if (name.startsWith('invalid')) assert.throws(validate, XmlValidateError, name);
    else assert.doesNotThrow(validate, name);
    document.dispose();
  }
  validator.dispose();
  schema.dispose();
});

test('describes both answers, so that clients can generate code for them', () => {
  for (const name of Object.keys(tables.elements))
    assert.ok(schemaText().includes(`<xs:element name="${name}">`));
  assert.ok(
    Object.hasOwn(tables.elements, 'reportResponse') && Object.hasOwn(tables.elements, 'reportDoneResponse'),
  );
});

test('is the same text each time', () => {
  assert.equal(schemaText(), schemaText());
});
