import type { TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import type { Defect } from '#base/defects';
import { DefectList } from './defect-list.ts';

const compiled = new WeakMap<TSchema, Validator>();

function validatorOf(schema: TSchema): Validator {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  const made = Compile(schema);
  compiled.set(schema, made);
  return made;
}

const mostDefects = 100;

/**
 * Checks a value against a schema and gives it back; throws a DefectList (`http.request-invalid`, 400) that names
 * every field that is wrong and never repeats what was sent.
 * @param where `body`, `query` or `params`: the first part of each field's path
 */
export function checked(schema: TSchema, value: unknown, where: string): unknown {
  const validator = validatorOf(schema);
  const candidate = where === 'body' ? value : validator.Convert(value);
  if (validator.Check(candidate)) {
    if (where !== 'params') refuseNul(candidate, where);
    return candidate;
  }
  const defects = validator
    .Errors(candidate)
    .slice(0, mostDefects)
    .map(
      (error): Defect => ({
        element: `${where}${error.instancePath.replaceAll('/', '.')}`,
        layer: 'schema',
        rule: error.keyword.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
        message: `This field ${error.message}.`,
      }),
    );
  throw new DefectList('http.request-invalid', 400, defects);
}

/** No text of the database can hold the character NUL; refused here for every field, not by each schema. */
function refuseNul(value: unknown, where: string): void {
  const open: { readonly value: unknown; readonly path: string }[] = [{ value, path: where }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value: found, path } = next;
    if (typeof found === 'string' && found.includes('\u0000')) {
      const message = 'This field holds the character NUL, which no text may; send it without.';
      throw new DefectList('http.request-invalid', 400, [
        { element: path, layer: 'schema', rule: 'nul-character', message },
      ]);
    }
    if (typeof found !== 'object' || found === null) continue;
    for (const [key, inner] of Object.entries(found)) open.push({ value: inner, path: `${path}.${key}` });
  }
}
