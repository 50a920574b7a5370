import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Type } from 'typebox';
import { fieldPath, readShape } from './json-shape.ts';

const strict = { additionalProperties: false };
const shape = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 5 }),
    kind: Type.Enum(['a', 'b']),
    count: Type.Optional(Type.Integer({ minimum: 1, maximum: 3 })),
    list: Type.Optional(
      Type.Array(Type.Object({ yes: Type.Literal(true) }, strict), { minItems: 1, maxItems: 2 }),
    ),
  },
  strict,
);

function read(value: unknown) {
  return readShape<Record<string, unknown>>(Buffer.from(JSON.stringify(value)), () => shape);
}

function found(value: unknown): string[] {
  const parsed = read(value);
  return parsed.kind === 'ok'
    ? []
    : parsed.defects.map((defect) => `${defect.element} ${defect.rule}`).sort();
}

test('what fits is given back', () => {
  const value = { name: 'x', kind: 'a', list: [{ yes: true }] };
  assert.deepEqual(read(value), { kind: 'ok', value, warnings: [] });
});

test('every kind of mistake has its rule and the path of its field', () => {
  assert.deepEqual(found({}), ['kind missing', 'name missing']);
  assert.deepEqual(found([]), ['body wrong-type']);
  assert.deepEqual(found({ name: '', kind: 'c', count: 9, list: [{ yes: false, no: 1 }, {}] }), [
    'count out-of-range',
    'kind not-in-list',
    'list[0].no unknown-field',
    'list[0].yes not-in-list',
    'list[1].yes missing',
    'name too-short',
  ]);
  assert.deepEqual(found({ name: 'toolong', kind: 'a', count: 1.5, list: [] }), [
    'count wrong-type',
    'list too-few',
    'name too-long',
  ]);
  assert.deepEqual(found({ name: 'x', kind: 'a', list: [1, 2, 3].map(() => ({ yes: true })) }), [
    'list too-many',
  ]);
});

test('more than eight mistakes are all named, and no more than a hundred', () => {
  const many = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`field${index}`, 1]));
  assert.equal(found({ name: 'x', kind: 'a', ...many }).length, 100);
  assert.equal(found({ name: 'x', kind: 'a', list: Array.from({ length: 20 }, () => ({})) }).length, 21);
});

test('an object with more fields than any of ours is refused as a whole, before each is named', () => {
  const many = Object.fromEntries(Array.from({ length: 201 }, (_, index) => [`field${index}`, 1]));
  assert.deepEqual(found(many), ['body too-many-fields']);
  assert.deepEqual(found({ name: 'x', kind: 'a', list: [{ yes: many }] }), ['body too-many-fields']);
});

test('names of unknown fields are shown only if they are plain', () => {
  assert.deepEqual(found({ name: 'x', kind: 'a', 'a <b>\u202e': 1 }), ['? unknown-field']);
  assert.equal(fieldPath('/parties/0/identifiers/12/value'), 'parties[0].identifiers[12].value');
  assert.equal(fieldPath(''), '');
});

test('NUL and half characters are kept visibly, with a warning', () => {
  const parsed = read({ name: 'a\u0000b', kind: 'a' });
  assert.ok(parsed.kind === 'ok');
  assert.equal(parsed.value.name, 'a\u2400b');
  assert.deepEqual(
    parsed.warnings.map((warning) => `${warning.element} ${warning.rule}`),
    ['name text-replaced'],
  );
});

test('no bytes make it throw', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.ok(['ok', 'defects'].includes(readShape(bytes, () => shape).kind));
    }),
  );
  fc.assert(
    fc.property(fc.json(), (json) => {
      assert.ok(['ok', 'defects'].includes(readShape(Buffer.from(json), () => shape).kind));
    }),
  );
});
