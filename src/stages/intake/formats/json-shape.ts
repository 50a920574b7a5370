import type { TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { Settings } from 'typebox/system';
import type { Defect, Parsed, Warning } from '#base/defects';
import { keptText } from './kept-text.ts';

/** Most defects of shape that one answer names; a body with more is not a report with mistakes but something else. */
const mostDefects = 100;
Settings.Set({ maxErrors: 2 * mostDefects });

/** Deeper than any body of ours; deeper ones would cost stack and mean nothing. */
const deepest = 32;
/** More fields than any object of ours has; naming each of them as unknown would hold up everybody else. */
const mostFields = 200;

/**
 * Reads a JSON body: UTF-8, one document, nothing unknown in it. Gives the value with text as the database can hold
 * it, or everything that is wrong with its shape at once. Never throws, and never repeats what was sent.
 */
export function readShape<T>(bytes: Uint8Array, schema: (value: unknown) => TSchema): Parsed<T> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return formDefect(
      'not-json',
      'The body is not one JSON document in UTF-8. Send exactly one, without comments.',
    );
  }
  const excess = excessOf(value);
  if (excess === 'too-deep') return formDefect(excess, `Send at most ${deepest} levels of nesting.`);
  if (excess === 'too-many-fields') {
    return formDefect(
      excess,
      `One object has more than ${mostFields} fields, and none of a report has so many. Send the fields that the description of the API names.`,
    );
  }
  const warnings: Warning[] = [];
  const kept = keptValue(value, '', warnings);
  const chosen = schema(kept);
  const validator = validatorOf(chosen);
  if (validator.Check(kept))
    return { kind: 'ok', value: kept as T, warnings: warnings.slice(0, mostDefects) };
  const defects = validator.Errors(kept).flatMap(defectsOf);
  return { kind: 'defects', defects: defects.slice(0, mostDefects) };
}

const compiled = new WeakMap<TSchema, Validator>();

function validatorOf(schema: TSchema): Validator {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  const made = Compile(schema);
  compiled.set(schema, made);
  return made;
}

function formDefect(rule: string, message: string): Parsed<never> {
  return { kind: 'defects', defects: [{ element: 'body', layer: 'form', rule, message }] };
}

/** Without recursion, because what it guards against is depth. */
function excessOf(root: unknown): 'too-deep' | 'too-many-fields' | undefined {
  let level: unknown[] = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepest) return 'too-deep';
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue;
      const inner: unknown[] = Object.values(value);
      if (!Array.isArray(value) && inner.length > mostFields) return 'too-many-fields';
      for (const each of inner) next.push(each);
    }
    level = next;
  }
  return undefined;
}

function keptValue(value: unknown, path: string, warnings: Warning[]): unknown {
  if (typeof value === 'string') {
    const kept = keptText(value);
    if (kept !== value) warnings.push(replacedText(path));
    return kept;
  }
  if (Array.isArray(value)) return value.map((item, index) => keptValue(item, `${path}[${index}]`, warnings));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [keptText(key), keptValue(item, joined(path, key), warnings)]),
  );
}

function replacedText(path: string): Warning {
  return {
    element: path === '' ? 'body' : path,
    layer: 'rule',
    rule: 'text-replaced',
    message:
      'The text holds NUL or half a character, which no text can hold; it is kept with a visible sign there.',
  };
}

function joined(path: string, key: string): string {
  const shown = /^[\w-]{1,64}$/.test(key) ? key : '?';
  return path === '' ? shown : `${path}.${shown}`;
}

/** `/parties/0/identifiers/2/value` as `parties[0].identifiers[2].value`; a strange name is shown as `?`. */
export function fieldPath(pointer: string): string {
  const parts = pointer.split('/').slice(1);
  return parts.reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : joined(path, part)), '');
}

type ShapeError = ReturnType<Validator['Errors']>[number];

function defectsOf(error: ShapeError): readonly Defect[] {
  const element = fieldPath(error.instancePath);
  const defect = (rule: string, message: string, at = element): Defect => ({
    element: at === '' ? 'body' : at,
    layer: 'schema',
    rule,
    message,
  });
  switch (error.keyword) {
    case 'required':
      return error.params.requiredProperties.map((name) =>
        defect('missing', 'This field is needed and was not sent.', joined(element, name)),
      );
    case 'additionalProperties':
      return [];
    case 'boolean':
      return [defect('unknown-field', 'There is no such field here. Remove it, or check how it is spelt.')];
    case 'enum':
      return [defect('not-in-list', `Send one of: ${error.params.allowedValues.map(String).join(', ')}.`)];
    case 'const':
      return [defect('not-in-list', `Send ${JSON.stringify(error.params.allowedValue)}.`)];
    case 'type':
      return [defect('wrong-type', `Send a value of type ${[error.params.type].flat().join(' or ')}.`)];
    case 'minLength':
      return [defect('too-short', 'The text is empty. Send it filled in, or leave the field out.')];
    case 'maxLength':
      return [defect('too-long', `Send at most ${error.params.limit} characters.`)];
    case 'minimum':
    case 'maximum':
      return [defect('out-of-range', `Send a number ${error.params.comparison} ${error.params.limit}.`)];
    case 'minItems':
      return [defect('too-few', `Send at least ${error.params.limit}.`)];
    case 'maxItems':
      return [defect('too-many', `Send at most ${error.params.limit}.`)];
    default:
      return [defect(error.keyword.toLowerCase(), `This field ${error.message}.`)];
  }
}
