import {
  type ErrorDetail,
  ParseOption,
  XmlCData,
  XmlDocument,
  XmlElement,
  type XmlNode,
  XmlParseError,
  XmlText,
  XmlTreeNode,
  XmlValidateError,
  XmlXPath,
  XsdValidator,
} from 'libxml2-wasm';
import type { Defect } from '#base/defects';
import { formDefect, shownName } from './defect-collection.ts';
import type { SentNode } from './report-draft.ts';

/** The only file that touches the XML library. Whatever it opens it disposes of before it returns. */

/** A validator of the library over a schema's text, compiled once and kept. */
export class SchemaCheck {
  readonly #text: string;
  #validator: XsdValidator | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** The library's complaints about a document; empty when it is valid. */
  complaints(document: XmlDocument): readonly ErrorDetail[] {
    this.#validator ??= compiledSchema(this.#text);
    try {
      this.#validator.validate(document);
      return [];
    } catch (error) {
      if (error instanceof XmlValidateError) return error.details;
      throw error;
    }
  }

  dispose(): void {
    this.#validator?.dispose();
    this.#validator = undefined;
  }
}

function compiledSchema(text: string): XsdValidator {
  const document = XmlDocument.fromString(text);
  try {
    return XsdValidator.fromDoc(document);
  } finally {
    document.dispose();
  }
}

/**
 * Nothing outside the document is ever read: no network, no external entity, and no input provider is registered,
 * so a schema location in the document points nowhere. The encoding has been checked before.
 */
const options =
  ParseOption.XML_PARSE_NONET |
  ParseOption.XML_PARSE_NO_XXE |
  ParseOption.XML_PARSE_NO_SYS_CATALOG |
  ParseOption.XML_PARSE_IGNORE_ENC |
  ParseOption.XML_PARSE_BIG_LINES;

export interface ReadTree {
  readonly root: SentNode;
  /** Presence elements that no vocabulary names, taken out before validation; they stay in the tree. */
  readonly newer: readonly SentNode[];
  /** Empty for a valid document. Never shown as it is: it repeats values. */
  readonly complaints: readonly ErrorDetail[];
  /** The library was not asked, because the document is plainly unfit. */
  readonly isHopeless: boolean;
}

/** From this many elements on a document is judged by `isHopeless` first. */
const largeDocument = 2_000;

/**
 * Gives the document as a tree and what the schema says about it, or the one defect that stops reading.
 *
 * For each complaint the library counts the element's siblings, so that very many complaints about a wide document
 * would take minutes: of a large document it is asked only if `isHopeless` does not find it unfit all over.
 */
export function readTree(
  bytes: Uint8Array,
  schema: SchemaCheck,
  openLists: OpenLists,
  isHopeless: (root: SentNode) => boolean,
): ReadTree | Defect {
  let document: XmlDocument;
  try {
    document = XmlDocument.fromBuffer(bytes, { option: options });
  } catch (error) {
    if (error instanceof XmlParseError) return notWellFormed(error.details[0]);
    throw error;
  }
  try {
    if (document.dtd !== null) return formDefect('dtd-not-allowed', 'Remove the document type declaration.');
    const builder = new TreeBuilder(openLists);
    const root = builder.tree(document.root, '');
    for (const element of builder.removals) element.remove();
    const { newer, elements } = builder;
    if (elements >= largeDocument && isHopeless(root))
      return { root, newer, complaints: [], isHopeless: true };
    return { root, newer, complaints: schema.complaints(document), isHopeless: false };
  } finally {
    document.dispose();
  }
}

function notWellFormed(detail: ErrorDetail | undefined): Defect {
  const message = detail?.message ?? '';
  if (message.startsWith('Entity ')) {
    return formDefect(
      'unknown-entity',
      'An entity is used that XML does not define; write the character itself or its number, as &#160;.',
      detail?.line,
    );
  }
  if (message.startsWith('Namespace prefix')) {
    return formDefect(
      'unknown-prefix',
      'A name has a prefix that is not declared; remove the prefix.',
      detail?.line,
    );
  }
  const column = detail === undefined || detail.col === 0 ? '' : ` near column ${detail.col}`;
  return formDefect(
    'not-well-formed',
    `This is not well-formed XML${column}; close every element, escape & and <, and send one root element.`,
    detail?.line,
  );
}

/** Element lists that take in unknown presence elements: names of those that are known, by parent and name. */
export type OpenLists = ReadonlyMap<string, ReadonlySet<string>>;

const instanceNamespace = 'http://www.w3.org/2001/XMLSchema-instance';

/** Most unknown presence elements that one list takes in. */
const newerLimit = 20;

const nextNode = XmlXPath.compile('following-sibling::node()[1]');

class TreeBuilder {
  readonly newer: SentNode[] = [];
  readonly removals: XmlElement[] = [];
  elements = 0;
  readonly #openLists: OpenLists;

  constructor(openLists: OpenLists) {
    this.#openLists = openLists;
  }

  /** Recursion is bounded: documents deeper than the limit have been refused before. */
  tree(element: XmlElement, parentName: string): SentNode {
    this.elements += 1;
    const name = nameOf(element);
    const known = this.#openLists.get(`${parentName}/${name}`);
    const children: SentNode[] = [];
    let text = '';
    for (const node of childrenOf(element)) {
      if (node instanceof XmlElement) {
        const child = this.tree(node, name);
        children.push(child);
        if (known !== undefined) this.#takeOutIfNewer(node, child, known);
      } else if (node instanceof XmlText || node instanceof XmlCData) text += node.content;
    }
    const attributes = attributesOf(element);
    const line = element.line & maxLine;
    return {
      name,
      ...(line === maxLine ? {} : { line }),
      ...(text === '' || (children.length > 0 && text.trim() === '') ? {} : { value: text }),
      ...(attributes === undefined ? {} : { attributes }),
      ...(children.length === 0 ? {} : { children }),
    };
  }

  #takeOutIfNewer(element: XmlElement, node: SentNode, known: ReadonlySet<string>): void {
    const isNewer =
      !known.has(node.name) &&
      this.newer.length < newerLimit &&
      /^[A-Za-z][A-Za-z0-9]{0,63}$/.test(node.name) &&
      node.attributes === undefined &&
      node.children === undefined &&
      ['', 'true', '1'].includes((node.value ?? '').trim());
    if (!isNewer) return;
    this.newer.push(node);
    this.removals.push(element);
  }
}

/** The nodes within an element in order. The library's processing instructions know no next node: it is asked for. */
function* childrenOf(element: XmlElement): Generator<XmlNode> {
  for (let node: XmlNode | null = element.firstChild; node !== null; ) {
    yield node;
    node = node instanceof XmlTreeNode ? node.next : node.get(nextNode);
  }
}

/** The library keeps 16 bits of a line number; beyond that the line is not told. */
const maxLine = 0xffff;

/** A name in a namespace never equals a plain name: the protocol has no namespace. */
function nameOf(element: XmlElement): string {
  return element.namespaceUri === '' ? element.name : `{other namespace}${element.name}`;
}

function attributesOf(element: XmlElement): Record<string, string> | undefined {
  let attributes: Record<string, string> | undefined;
  for (const attribute of element.attrs) {
    if (attribute.namespaceUri === instanceNamespace) continue;
    const name = attribute.namespaceUri === '' ? attribute.name : `${attribute.prefix}:${attribute.name}`;
    attributes ??= {};
    attributes[name] = attribute.value;
  }
  return attributes;
}

/** Path of what the library complains about, without its values. */
export function complaintPath(detail: ErrorDetail): string {
  const path = (detail.xpath ?? '/').split('/').filter((step) => step !== '');
  return path.length === 0 ? 'document' : path.map(shownName).join('/');
}
