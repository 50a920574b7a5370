import { commonTypes } from './common-types.ts';
import { simpleTypes } from './enumerations.ts';
import { type Extensions, extensions } from './extensions.ts';
import { fileElements, fileTypes } from './file-details.ts';
import type { Child, Choice, ComplexType, VocabularyTables } from './model.ts';
import { partyElements, partyTypes } from './parties.ts';
import { reportElements } from './report.ts';
import { responseElements } from './responses.ts';

/** The published vocabulary without extensions. */
const published: VocabularyTables = {
  simpleTypes,
  complexTypes: { ...commonTypes, ...partyTypes, ...fileTypes },
  elements: { ...reportElements, ...partyElements, ...fileElements, ...responseElements },
  extensionValues: {},
};

/** What the bureau accepts: the published vocabulary with the named extensions. */
export const tables: VocabularyTables = extended(published, extensions);

/** The tables with more elements and values; each added one is accepted with a warning. */
export function extended(base: VocabularyTables, added: Extensions): VocabularyTables {
  const complexTypes: Record<string, ComplexType> = { ...base.complexTypes };
  for (const { type, after, child } of added.elements) {
    const target = complexTypes[type];
    if (target === undefined) throw new Error(`an extension names a type that does not exist: ${type}`);
    complexTypes[type] = { ...target, children: inserted(target.children, child, after) };
  }
  const types = { ...base.simpleTypes };
  for (const [name, values] of Object.entries(added.values)) {
    const target = types[name];
    if (target?.values === undefined)
      throw new Error(`an extension names an enumeration that does not exist: ${name}`);
    types[name] = { ...target, values: [...target.values, ...values] };
  }
  return {
    simpleTypes: types,
    complexTypes,
    elements: base.elements,
    extensionValues: { ...base.extensionValues, ...added.values },
  };
}

function inserted(
  children: ComplexType['children'],
  child: Child,
  after?: string,
): readonly (Child | Choice)[] {
  if (after === undefined) return [...children, child];
  const at = children.findIndex((each) => 'name' in each && each.name === after);
  if (at < 0) throw new Error(`an extension stands after an element that does not exist: ${after}`);
  return children.toSpliced(at + 1, 0, child);
}
