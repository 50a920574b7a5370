import { labelOf } from '#base/vocabulary-labels';
import type { Attribute, Child, Choice, ComplexType, Occurs, VocabularyTables } from './vocabulary/model.ts';
import { tables } from './vocabulary/vocabulary.ts';

let served: string | undefined;

/** The XML schema that GET /xsd serves and /submit and /fileinfo check with, written from the vocabulary's tables. */
export function schemaText(): string {
  served ??= schemaTextOf(tables);
  return served;
}

/** The schema of given tables, XSD 1.0, UTF-8. */
export function schemaTextOf(vocabulary: VocabularyTables): string {
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified">',
    ...Object.entries(vocabulary.elements).flatMap(([name, type]) => [
      `<xs:element name="${name}">`,
      ...documentation(labelOf('', name)),
      ...complexType(type, name),
      '</xs:element>',
    ]),
    ...Object.entries(vocabulary.complexTypes).flatMap(([name, type]) => complexType(type, name, name)),
    ...Object.entries(vocabulary.simpleTypes).flatMap(([name, type]) => [
      `<xs:simpleType name="${name}">`,
      `<xs:restriction base="${type.base}">`,
      ...(type.pattern === undefined ? [] : [`<xs:pattern value="${escaped(type.pattern)}"/>`]),
      ...(type.values ?? []).map((value) => `<xs:enumeration value="${escaped(value)}"/>`),
      '</xs:restriction>',
      '</xs:simpleType>',
    ]),
    '</xs:schema>',
    '',
  ];
  return lines.join('\n');
}

const occurrence: Record<Occurs, string> = {
  one: '',
  optional: ' minOccurs="0"',
  many: ' minOccurs="0" maxOccurs="unbounded"',
  some: ' maxOccurs="unbounded"',
};

function complexType(type: ComplexType, owner: string, name?: string): string[] {
  const open = name === undefined ? '<xs:complexType>' : `<xs:complexType name="${name}">`;
  if (type.content === 'text') {
    const base = type.base ?? 'xs:string';
    const extension =
      type.attributes.length === 0
        ? [`<xs:extension base="${base}"/>`]
        : [`<xs:extension base="${base}">`, ...type.attributes.map(attributeLine), '</xs:extension>'];
    return [open, '<xs:simpleContent>', ...extension, '</xs:simpleContent>', '</xs:complexType>'];
  }
  const group = type.content === 'empty' ? [] : grouped(type.content, type.children, owner);
  return [open, ...group, ...type.attributes.map(attributeLine), '</xs:complexType>'];
}

function grouped(kind: string, children: readonly (Child | Choice)[], owner: string): string[] {
  const inner = children.flatMap((each) =>
    'oneOf' in each ? grouped('choice', each.oneOf, owner) : element(each, owner),
  );
  return [`<xs:${kind}>`, ...inner, `</xs:${kind}>`];
}

function element(child: Child, owner: string): string[] {
  const occurs = occurrence[child.occurs];
  if (child.type === undefined) return [`<xs:element ref="${child.name}"${occurs}/>`];
  const fixed = child.fixed === undefined ? '' : ` fixed="${escaped(child.fixed)}"`;
  const type = typeof child.type === 'string' ? ` type="${child.type}"` : '';
  return [
    `<xs:element name="${child.name}"${type}${occurs}${fixed}>`,
    ...documentation(note(child, owner)),
    ...(typeof child.type === 'string' ? [] : complexType(child.type, child.name)),
    '</xs:element>',
  ];
}

/** Label and documented limits in one line: generated client code carries them as its comments. */
function note(child: Child, owner: string): string {
  const limits = [
    ...(child.maxLength === undefined ? [] : [`at most ${child.maxLength} characters`]),
    ...(child.rules ?? []).map((rule) => `rule ${rule}`),
    ...(child.isExtension === true ? ['newer than the schema of 2025'] : []),
  ];
  return [labelOf(owner, child.name), ...limits].join('; ');
}

function documentation(text: string): string[] {
  return [`<xs:annotation><xs:documentation>${escaped(text)}</xs:documentation></xs:annotation>`];
}

function attributeLine(attribute: Attribute): string {
  const use = attribute.isRequired === true ? ' use="required"' : '';
  return `<xs:attribute name="${attribute.name}" type="${attribute.type}"${use}/>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
