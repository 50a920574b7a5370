import type { IdentifierKind, PartyRole } from '../report-draft.ts';

/**
 * The form of the vocabulary's tables. Everything else about the protocol is derived from them: the schema that
 * GET /xsd serves, the documented rules, the report model, and the labels.
 */

export type BuiltIn =
  | 'xs:string'
  | 'xs:token'
  | 'xs:boolean'
  | 'xs:int'
  | 'xs:long'
  | 'xs:double'
  | 'xs:date'
  | 'xs:dateTime';

/** A rule about one value, see `value-rules.ts`. */
export type ValueRule =
  | 'past-time'
  | 'past-date'
  | 'url'
  | 'email-address'
  | 'ip-address'
  | 'port'
  | 'age'
  | 'not-blank'
  | 'report-number';

/** A rule about an element together with its attributes and children, see `element-rules.ts`. */
export type ElementRule =
  | 'verification-needs-verified'
  | 'age-or-birth-date'
  | 'us-state-in-us'
  | 'country-needed'
  | 'us-region'
  | 'exif-needs-viewed'
  | 'supplemental-excludes'
  | 'one-reported-user'
  | 'incident-email-of-party'
  | 'reporter-email'
  | 'incident-details';

/** one = exactly 1, optional = 0 or 1, many = any number, some = at least 1. */
export type Occurs = 'one' | 'optional' | 'many' | 'some';

export interface SimpleType {
  readonly base: BuiltIn;
  readonly values?: readonly string[];
  readonly pattern?: string;
}

export interface Attribute {
  readonly name: string;
  readonly type: string;
  readonly isRequired?: true;
  readonly maxLength?: number;
  readonly rules?: readonly ValueRule[];
}

export interface Child {
  readonly name: string;
  /** A built-in or named type, or an anonymous complex type. Absent: the global element of this name. */
  readonly type?: string | ComplexType;
  readonly occurs: Occurs;
  /** The only value that the element may have, filled in when it is empty. */
  readonly fixed?: string;
  /** Longest value in characters, as documented; the published schema has no such limits. */
  readonly maxLength?: number;
  readonly rules?: readonly ValueRule[];
  /** The element opens a party of this role. */
  readonly party?: PartyRole;
  /** The element's value is an identifier of the party it stands in. */
  readonly identifier?: IdentifierKind;
  /** Newer than the published schema that this vocabulary describes: accepted with a warning. */
  readonly isExtension?: true;
}

/** At most one of these children. */
export interface Choice {
  readonly oneOf: readonly Child[];
}

export interface ComplexType {
  readonly content: 'sequence' | 'choice' | 'all' | 'text' | 'empty';
  readonly children: readonly (Child | Choice)[];
  /** For content 'text': the simple type of the value. */
  readonly base?: string;
  readonly attributes: readonly Attribute[];
  readonly rules?: readonly ElementRule[];
  /** For content 'text': documented length and rules of the value, wherever the type is used. */
  readonly maxLength?: number;
  readonly valueRules?: readonly ValueRule[];
  readonly identifier?: IdentifierKind;
  /** Presence elements that the vocabulary does not know are accepted here, kept and warned about. */
  readonly isOpen?: true;
}

export interface VocabularyTables {
  readonly simpleTypes: Readonly<Record<string, SimpleType>>;
  readonly complexTypes: Readonly<Record<string, ComplexType>>;
  /** Elements that may be the root, or be referred to by a child without a type. */
  readonly elements: Readonly<Record<string, ComplexType>>;
  /** Enumeration values added to a simple type, accepted with a warning. */
  readonly extensionValues: Readonly<Record<string, readonly string[]>>;
}

type ChildOptions = Omit<Child, 'name' | 'type' | 'occurs'>;
type TypeOptions = Pick<ComplexType, 'rules' | 'maxLength' | 'valueRules' | 'identifier' | 'isOpen'> & {
  readonly attributes?: readonly Attribute[];
};

/** An element of a given type. */
export function child(
  name: string,
  type: string | ComplexType,
  occurs: Occurs,
  options: ChildOptions = {},
): Child {
  return { name, type, occurs, ...options };
}

/** A reference to the global element of this name. */
export function ref(name: string, occurs: Occurs, options: ChildOptions = {}): Child {
  return { name, occurs, ...options };
}

/** An optional string element. */
export function text(name: string, options: ChildOptions = {}): Child {
  return { name, type: 'xs:string', occurs: 'optional', ...options };
}

/** An optional boolean element. */
export function flag(name: string, options: ChildOptions = {}): Child {
  return { name, type: 'xs:boolean', occurs: 'optional', ...options };
}

/** A presence element: empty, or `true`. */
export function mark(name: string, options: ChildOptions = {}): Child {
  return { name, type: 'xs:boolean', occurs: 'optional', fixed: 'true', ...options };
}

/** A repeatable element. */
export function many(name: string, type: string, options: ChildOptions = {}): Child {
  return { name, type, occurs: 'many', ...options };
}

export function attribute(
  name: string,
  type: string,
  options: Omit<Attribute, 'name' | 'type'> = {},
): Attribute {
  return { name, type, ...options };
}

export function sequence(children: readonly (Child | Choice)[], options: TypeOptions = {}): ComplexType {
  return { content: 'sequence', children, attributes: [], ...options };
}

export function choice(children: readonly Child[]): ComplexType {
  return { content: 'choice', children, attributes: [] };
}

export function all(children: readonly Child[], options: TypeOptions = {}): ComplexType {
  return { content: 'all', children, attributes: [], ...options };
}

/** A value with attributes. */
export function valued(
  base: string,
  attributes: readonly Attribute[] = [],
  options: TypeOptions = {},
): ComplexType {
  return { content: 'text', children: [], base, attributes, ...options };
}

export function empty(attributes: readonly Attribute[]): ComplexType {
  return { content: 'empty', children: [], attributes };
}
