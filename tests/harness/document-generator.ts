import type {
  ElementSpec,
  TypeSpec,
  ValueSpec,
} from '../../src/stages/intake/formats/vocabulary/compiled.ts';
import { typicalValue, unusualValue } from './document-values.ts';
import type { Seeded } from './seeded.ts';

/** Invented documents of the reporting protocol, made from the vocabulary's tables. */

export interface GeneratedNode {
  name: string;
  attributes: [string, string][];
  children: GeneratedNode[];
  /** The value; absent for an element that has only children. */
  text?: string;
}

export interface GeneratorOptions {
  /** Documented rules are obeyed, not the schema alone. */
  readonly obeysRules: boolean;
  /** Share of optional children and attributes that are sent. */
  readonly fullness: number;
  /** Share of extension elements that are sent. */
  readonly extensions: number;
  readonly now: Date;
}

/** A document that fits the schema, and the documented rules if asked. */
export function generateDocument(
  random: Seeded,
  root: ElementSpec,
  options: GeneratorOptions,
): GeneratedNode {
  return element(random, root, options);
}

function element(random: Seeded, spec: ElementSpec, options: GeneratorOptions): GeneratedNode {
  const node: GeneratedNode = { name: spec.name, attributes: [], children: [] };
  for (const [name, attribute] of spec.type.attributes) {
    if (attribute.isRequired || random.chance(options.fullness)) {
      node.attributes.push([name, valueFor(random, attribute.value, options)]);
    }
  }
  if (spec.value !== undefined) node.text = valueFor(random, spec.value, options);
  node.children = children(random, spec.type, options);
  if (options.obeysRules) repair(random, node);
  return node;
}

function valueFor(random: Seeded, spec: ValueSpec, options: GeneratorOptions): string {
  if (spec.fixed !== undefined) return random.chance(0.5) ? '' : spec.fixed;
  return options.obeysRules || random.chance(0.8)
    ? typicalValue(random, spec, options.now)
    : unusualValue(random, spec);
}

function children(random: Seeded, type: TypeSpec, options: GeneratorOptions): GeneratedNode[] {
  const specs = [...type.children.values()];
  if (type.content === 'choice') return [element(random, random.pick(specs).element, options)];
  const made: GeneratedNode[] = [];
  const taken = new Set<number>();
  for (const { element: spec, occurs, position } of specs) {
    const share = spec.isExtension ? options.extensions : options.fullness;
    const count = occursTimes(random, occurs, share);
    if (count === 0 || taken.has(position)) continue;
    taken.add(position);
    for (let index = 0; index < count; index += 1) made.push(element(random, spec, options));
  }
  return type.content === 'all' ? shuffled(random, made) : made;
}

function occursTimes(random: Seeded, occurs: 'one' | 'optional' | 'many' | 'some', share: number): number {
  if (occurs === 'one') return 1;
  if (occurs === 'some') return 1 + random.below(3);
  if (!random.chance(share)) return 0;
  return occurs === 'many' ? 1 + random.below(3) : 1;
}

export function shuffled<T>(random: Seeded, items: readonly T[]): T[] {
  const left = [...items];
  const mixed: T[] = [];
  while (left.length > 0) mixed.push(...left.splice(random.below(left.length), 1));
  return mixed;
}

/** Puts right what single values cannot: rules between an element, its attributes and its children. */
function repair(random: Seeded, node: GeneratedNode): void {
  const has = (name: string) => node.children.some((child) => child.name === name);
  const without = (...names: string[]) => {
    node.children = node.children.filter((child) => !names.includes(child.name));
  };
  const textOf = (name: string) => node.children.find((child) => child.name === name)?.text;
  if (node.attributes.some(([name]) => name === 'verificationDate')) {
    node.attributes = [...node.attributes.filter(([name]) => name !== 'verified'), ['verified', 'true']];
  }
  if (node.name === 'associatedAccount' && has('approximateAge')) without('dateOfBirth');
  if (has('state') && has('country')) without(random.chance(0.5) ? 'state' : 'country');
  if (node.name === 'estimatedLocation') repairLocation(node, textOf('countryCode'));
  if (node.name === 'report' && !has('batchedReport')) keepFirst(node, 'personOrUserReported');
  if (node.name === 'fileDetails') {
    if (has('exifViewedByEsp') && !['true', '1'].includes(textOf('fileViewedByEsp') ?? ''))
      without('exifViewedByEsp');
    if (textOf('fileRelevance') === 'Supplemental Reported') {
      without('potentialMeme', 'fileAnnotations', 'industryClassification');
    }
  }
}

function repairLocation(node: GeneratedNode, country: string | undefined): void {
  if (country === undefined)
    node.children.push({ name: 'countryCode', attributes: [], children: [], text: 'GB' });
  if (country === 'US') node.children = node.children.filter((child) => child.name !== 'region');
}

function keepFirst(node: GeneratedNode, name: string): void {
  const first = node.children.find((child) => child.name === name);
  node.children = node.children.filter((child) => child.name !== name || child === first);
}

export type SerialStyle = 'plain' | 'indented' | 'odd';

/** The document as text; `odd` adds comments, CDATA, declarations and blanks that change nothing. */
export function serialised(random: Seeded, root: GeneratedNode, style: SerialStyle): string {
  const declaration =
    style === 'plain' || random.chance(0.3) ? '' : '<?xml version="1.0" encoding="UTF-8"?>\n';
  return declaration + written(random, root, style, '');
}

function written(random: Seeded, node: GeneratedNode, style: SerialStyle, indent: string): string {
  const attributes = node.attributes.map(([name, value]) => ` ${name}="${escapedAttribute(value)}"`).join('');
  const open = `<${node.name}${attributes}`;
  const text = node.text === undefined ? '' : writtenText(random, node.text, style);
  if (node.children.length === 0 && text === '')
    return random.chance(0.5) ? `${open}/>` : `${open}></${node.name}>`;
  if (node.children.length === 0) return `${open}>${text}</${node.name}>`;
  const inner = `${indent}  `;
  const between = () => {
    if (style === 'plain') return '';
    return style === 'odd' && random.chance(0.1) ? '<!-- <note> -->' : `\n${inner}`;
  };
  const body = node.children.map((child) => `${between()}${written(random, child, style, inner)}`).join('');
  return `${open}>${text}${body}${style === 'plain' ? '' : `\n${indent}`}</${node.name}>`;
}

function writtenText(random: Seeded, text: string, style: SerialStyle): string {
  if (style === 'odd' && text !== '' && random.chance(0.2) && !text.includes(']]>'))
    return `<![CDATA[${text}]]>`;
  return escapedText(text);
}

function escapedText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;');
}

function escapedAttribute(text: string): string {
  return escapedText(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
}
