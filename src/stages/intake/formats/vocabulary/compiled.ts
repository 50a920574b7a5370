import type { IdentifierKind, PartyRole } from '../report-draft.ts';
import type {
  Attribute,
  BuiltIn,
  Child,
  Choice,
  ComplexType,
  ElementRule,
  Occurs,
  ValueRule,
  VocabularyTables,
} from './model.ts';

/** The tables resolved for walking a document: every element knows its type, every type its children by name. */

export interface ValueSpec {
  readonly base: BuiltIn;
  readonly values?: ReadonlySet<string>;
  readonly pattern?: RegExp;
  /** Values that are accepted with a warning. */
  readonly extensionValues: ReadonlySet<string>;
  readonly fixed?: string;
  readonly maxLength?: number;
  readonly rules: readonly ValueRule[];
}

interface AttributeSpec {
  readonly isRequired: boolean;
  readonly value: ValueSpec;
}

export interface ChildSpec {
  readonly element: ElementSpec;
  readonly occurs: Occurs;
  /** Place in the order; children of one choice share it. */
  readonly position: number;
}

export interface TypeSpec {
  readonly content: ComplexType['content'];
  readonly children: ReadonlyMap<string, ChildSpec>;
  readonly attributes: ReadonlyMap<string, AttributeSpec>;
  readonly rules: readonly ElementRule[];
  readonly identifier?: IdentifierKind;
  readonly isOpen: boolean;
}

export interface ElementSpec {
  readonly name: string;
  readonly isRepeatable: boolean;
  readonly type: TypeSpec;
  /** Present where the element has a value of its own. */
  readonly value?: ValueSpec;
  readonly party?: PartyRole;
  readonly identifier?: IdentifierKind;
  readonly isExtension: boolean;
}

/** Every value of these types obeys these rules, as documented: times have a zone and lie in the past. */
const rulesOfBase: Partial<Record<BuiltIn, readonly ValueRule[]>> = {
  'xs:dateTime': ['past-time'],
  'xs:date': ['past-date'],
};

const plainValue: TypeSpec = {
  content: 'text',
  children: new Map(),
  attributes: new Map(),
  rules: [],
  isOpen: false,
};

/** Gives a resolver of global elements over these tables. Throws on a table that refers to what does not exist. */
export function compile(tables: VocabularyTables): (rootName: string) => ElementSpec {
  const compiler = new Compiler(tables);
  return (rootName) => compiler.root(rootName);
}

class Compiler {
  readonly #tables: VocabularyTables;
  readonly #named = new Map<ComplexType, TypeSpec>();

  constructor(tables: VocabularyTables) {
    this.#tables = tables;
  }

  root(name: string): ElementSpec {
    return this.#element({ name, occurs: 'one' });
  }

  #element(child: Child): ElementSpec {
    const complex = this.#complexTypeOf(child);
    const type = complex === undefined ? plainValue : this.#type(complex);
    const value = this.#valueOf(child, complex);
    const identifier = child.identifier ?? complex?.identifier;
    return {
      name: child.name,
      isRepeatable: child.occurs === 'many' || child.occurs === 'some',
      type,
      isExtension: child.isExtension === true,
      ...(value === undefined ? {} : { value }),
      ...(child.party === undefined ? {} : { party: child.party }),
      ...(identifier === undefined ? {} : { identifier }),
    };
  }

  #complexTypeOf(child: Child): ComplexType | undefined {
    if (typeof child.type === 'object') return child.type;
    if (child.type !== undefined) return this.#tables.complexTypes[child.type];
    const global = this.#tables.elements[child.name];
    if (global === undefined) throw new Error(`the vocabulary has no element ${child.name}`);
    return global;
  }

  #valueOf(child: Child, complex: ComplexType | undefined): ValueSpec | undefined {
    const base = complex === undefined ? child.type : complex.base;
    if (typeof base !== 'string') return undefined;
    const maxLength = child.maxLength ?? complex?.maxLength;
    return {
      ...this.#simple(base, [...(complex?.valueRules ?? []), ...(child.rules ?? [])]),
      ...(child.fixed === undefined ? {} : { fixed: child.fixed }),
      ...(maxLength === undefined ? {} : { maxLength }),
    };
  }

  #simple(name: string, rules: readonly ValueRule[]): ValueSpec {
    const simple = this.#tables.simpleTypes[name];
    const base = simple?.base ?? (name as BuiltIn);
    if (simple === undefined && !name.startsWith('xs:'))
      throw new Error(`the vocabulary has no type ${name}`);
    return {
      base,
      rules: [...(rulesOfBase[base] ?? []), ...rules],
      extensionValues: new Set(this.#tables.extensionValues[name]),
      ...(simple?.values === undefined ? {} : { values: new Set(simple.values) }),
      ...(simple?.pattern === undefined ? {} : { pattern: new RegExp(`^(?:${simple.pattern})$`) }),
    };
  }

  #type(complex: ComplexType): TypeSpec {
    const known = this.#named.get(complex);
    if (known !== undefined) return known;
    const children = new Map<string, ChildSpec>();
    complex.children.forEach((each, position) => {
      for (const child of alternatives(each)) {
        children.set(child.name, { element: this.#element(child), occurs: child.occurs, position });
      }
    });
    const type: TypeSpec = {
      content: complex.content,
      children,
      attributes: new Map(complex.attributes.map((each) => [each.name, this.#attribute(each)])),
      rules: complex.rules ?? [],
      isOpen: complex.isOpen === true,
      ...(complex.identifier === undefined ? {} : { identifier: complex.identifier }),
    };
    this.#named.set(complex, type);
    return type;
  }

  #attribute(each: Attribute): AttributeSpec {
    const value = this.#simple(each.type, each.rules ?? []);
    return {
      isRequired: each.isRequired === true,
      value: each.maxLength === undefined ? value : { ...value, maxLength: each.maxLength },
    };
  }
}

/** The children that may stand in this place. */
export function alternatives(each: Child | Choice): readonly Child[] {
  return 'oneOf' in each ? each.oneOf : [each];
}
