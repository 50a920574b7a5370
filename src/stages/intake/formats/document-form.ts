import type { Defect } from '#base/defects';
import { formDefect } from './defect-collection.ts';

/**
 * The first layer: bytes that are not one plain UTF-8 XML document within the limits never reach the XML library.
 * The deepest path of the vocabulary has 5 elements. A document at all limits at once is read in seconds, and no
 * service is known to send a tenth of it; wider ones are refused because naming a fault counts its siblings.
 */
export const documentLimits = {
  depth: 40,
  elements: 200_000,
  children: 10_000,
  attributesOfElement: 40,
  attributes: 200_000,
} as const;

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/** Says what makes these bytes unfit for the XML library, or nothing. */
export function formDefectOf(bytes: Uint8Array): Defect | undefined {
  if (bytes.length === 0)
    return formDefect('empty-document', 'Nothing was sent; send one XML document as the body.');
  if (isUtf16(bytes)) return wrongEncoding();
  let text: string;
  try {
    text = strictUtf8.decode(bytes);
  } catch {
    return formDefect('not-utf-8', 'The bytes are not valid UTF-8; encode the document in UTF-8.');
  }
  return textDefectOf(text);
}

function textDefectOf(text: string): Defect | undefined {
  if (text.trim() === '')
    return formDefect('empty-document', 'The document is blank; send one XML document.');
  const nul = text.indexOf('\0');
  if (nul >= 0) {
    return formDefect(
      'control-character',
      'XML cannot carry the NUL character; remove it from the text.',
      lineAt(text, nul),
    );
  }
  if (/^\s+<\?xml\s/.test(text)) {
    return formDefect(
      'declaration-not-first',
      'Remove what stands before the XML declaration, blanks too.',
      1,
    );
  }
  const declared = /^<\?xml\s[^>]*?\sencoding\s*=\s*["']([^"']*)["']/.exec(text)?.[1];
  if (declared !== undefined && !/^utf-?8$/i.test(declared)) return wrongEncoding();
  return new MarkupScan(text).defect();
}

function wrongEncoding(): Defect {
  return formDefect(
    'wrong-encoding',
    'Only UTF-8 is read; encode the document in UTF-8 and declare that.',
    1,
  );
}

function isUtf16(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}

/**
 * One pass over the markup that counts and stops at the first excess. It knows comments, CDATA sections,
 * processing instructions and quoted attribute values, and judges nothing else: broken markup is the XML
 * library's to refuse.
 */
class MarkupScan {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  /** Children seen so far of the open element on each level. */
  readonly #children: number[] = [0];
  #elements = 0;
  #attributes = 0;

  constructor(text: string) {
    this.#text = text;
  }

  defect(): Defect | undefined {
    for (;;) {
      const start = this.#text.indexOf('<', this.#at);
      if (start < 0) return undefined;
      this.#at = start;
      const found = this.#markup(start);
      if (found !== undefined) return found;
    }
  }

  #markup(start: number): Defect | undefined {
    const text = this.#text;
    if (text.startsWith('<!--', start)) return this.#skip('-->', start + 4);
    if (text.startsWith('<![CDATA[', start)) return this.#skip(']]>', start + 9);
    if (text.startsWith('<?', start)) return this.#skip('?>', start + 2);
    if (text.startsWith('</', start)) {
      this.#depth = Math.max(0, this.#depth - 1);
      return this.#skip('>', start + 2);
    }
    if (text.startsWith('<!', start)) {
      return this.#excess(
        'dtd-not-allowed',
        'Remove the document type declaration: no DTD and no entity is read.',
      );
    }
    return this.#startTag(start + 1);
  }

  #skip(end: string, from: number): undefined {
    const at = this.#text.indexOf(end, from);
    this.#at = at < 0 ? this.#text.length : at + end.length;
  }

  #startTag(from: number): Defect | undefined {
    const { end, attributes, isEmpty } = this.#tag(from);
    this.#elements += 1;
    this.#attributes += attributes;
    if (this.#elements > documentLimits.elements) {
      return this.#excess(
        'too-many-elements',
        `At most ${documentLimits.elements} elements are read; send less.`,
      );
    }
    if (attributes > documentLimits.attributesOfElement || this.#attributes > documentLimits.attributes) {
      return this.#excess(
        'too-many-attributes',
        `At most ${documentLimits.attributesOfElement} attributes on an element and ${documentLimits.attributes} in all are read.`,
      );
    }
    if (this.#depth >= documentLimits.depth) {
      return this.#excess('too-deep', `At most ${documentLimits.depth} levels of elements are read.`);
    }
    const siblings = (this.#children[this.#depth] ?? 0) + 1;
    if (siblings > documentLimits.children) {
      return this.#excess(
        'too-wide',
        `At most ${documentLimits.children} elements within one are read; send less.`,
      );
    }
    this.#children[this.#depth] = siblings;
    if (!isEmpty) {
      this.#depth += 1;
      this.#children[this.#depth] = 0;
    }
    this.#at = end;
    return undefined;
  }

  #tag(from: number): { end: number; attributes: number; isEmpty: boolean } {
    const text = this.#text;
    let attributes = 0;
    for (let at = from; at < text.length; at += 1) {
      const character = text[at];
      if (character === '=') attributes += 1;
      else if (character === '"' || character === "'") {
        const close = text.indexOf(character, at + 1);
        if (close < 0) break;
        at = close;
      } else if (character === '>') return { end: at + 1, attributes, isEmpty: text[at - 1] === '/' };
    }
    return { end: text.length, attributes, isEmpty: true };
  }

  #excess(rule: string, message: string): Defect {
    return formDefect(rule, message, lineAt(this.#text, this.#at));
  }
}
