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
  if (validator.Check(candidate)) return candidate;
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
