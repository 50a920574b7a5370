import { type GeneratedNode, shuffled } from './document-generator.ts';
import type { Seeded } from './seeded.ts';

/** Ways to spoil a document, or to change it in ways that a schema must see through. */
const mutations: Record<string, (random: Seeded, root: GeneratedNode) => void> = {
  'shuffled children': (random, root) => {
    const node = parentIn(random, root, 2);
    if (node !== undefined) node.children = shuffled(random, node.children);
  },
  'missing child': (random, root) => {
    const node = parentIn(random, root, 1);
    node?.children.splice(random.below(node.children.length), 1);
  },
  'doubled child': (random, root) => {
    const node = parentIn(random, root, 1);
    if (node === undefined) return;
    const at = random.below(node.children.length);
    const child = node.children[at];
    if (child !== undefined)
      node.children.splice(random.below(node.children.length + 1), 0, structuredClone(child));
  },
  'unknown element': (random, root) => {
    const node = anyIn(random, root);
    const name = random.pick(['unknownThing', 'report', 'email', 'xml-thing', 'additionalInfo', 'type']);
    node.children.splice(random.below(node.children.length + 1), 0, {
      name,
      attributes: [],
      children: [],
      text: '',
    });
  },
  'renamed element': (random, root) => {
    const node = anyIn(random, root);
    node.name = random.pick([node.name.toUpperCase(), `${node.name}s`, anyIn(random, root).name]);
  },
  'moved child': (random, root) => {
    const from = parentIn(random, root, 1);
    const [child] = from?.children.splice(random.below(from.children.length), 1) ?? [];
    if (child === undefined) return;
    const to = anyIn(random, root);
    to.children.splice(random.below(to.children.length + 1), 0, child);
  },
  'other value': (random, root) => {
    const node = valuedIn(random, root);
    if (node !== undefined) node.text = random.pick(oddValues);
  },
  'empty value': (random, root) => {
    const node = valuedIn(random, root);
    if (node !== undefined) node.text = random.pick(['', ' ', '\n\t']);
  },
  'text among elements': (random, root) => {
    const node = parentIn(random, root, 0) ?? root;
    node.text = random.pick(['words', ' ', '\n', '0']);
  },
  'missing attribute': (random, root) => {
    const node = pickFrom(random, root, (each) => each.attributes.length > 0);
    node?.attributes.splice(random.below(node.attributes.length), 1);
  },
  'extra attribute': (random, root) => {
    const node = anyIn(random, root);
    const name = random.pick(['type', 'reason', 'verified', 'hashType', 'unknown', 'xml:lang']);
    if (!node.attributes.some(([each]) => each === name))
      node.attributes.push([name, random.pick(oddValues)]);
  },
  'other attribute value': (random, root) => {
    const node = pickFrom(random, root, (each) => each.attributes.length > 0);
    const attribute = node === undefined ? undefined : random.pick(node.attributes);
    if (attribute !== undefined) attribute[1] = random.pick(oddValues);
  },
  'schema instance attributes': (random, root) => {
    root.attributes.push(['xmlns:xsi', 'http://www.w3.org/2001/XMLSchema-instance']);
    const node = anyIn(random, root);
    node.attributes.push(
      random.pick<[string, string]>([
        ['xsi:noNamespaceSchemaLocation', 'https://schema.example/x.xsd'],
        ['xsi:schemaLocation', 'urn:a https://schema.example/a.xsd'],
        ['xsi:nil', 'true'],
        [
          'xsi:type',
          random.pick(['person', 'contactPerson', 'email', 'text', 'address', 'country', 'nothing']),
        ],
      ]),
    );
  },
  namespace: (random, root) => {
    const node = random.chance(0.5) ? root : anyIn(random, root);
    node.attributes.push(['xmlns', 'urn:example:other']);
  },
  'other root': (random, root) => {
    const inner = structuredClone(anyIn(random, root));
    Object.assign(root, inner);
    if (inner.text === undefined) delete root.text;
  },
};

export const mutationNames: readonly string[] = Object.keys(mutations);

/** Changes the document in one named way. */
export function mutate(random: Seeded, root: GeneratedNode, name: string): void {
  mutations[name]?.(random, root);
}

const oddValues = [
  '',
  ' ',
  'true',
  'TRUE',
  '1',
  '-1',
  '99999999999999999999',
  'Home',
  'home',
  'Not A Value',
  'A1',
  'US',
  'Upload',
  'Linked',
  'EXIF',
  'NaN',
  '2026-03-01T10:00:00Z',
  '2026-03-01',
  '+44',
  'Reported',
  'VIRAL_POTENTIAL_MEME',
];

function everyNode(root: GeneratedNode): GeneratedNode[] {
  return [root, ...root.children.flatMap(everyNode)];
}

function anyIn(random: Seeded, root: GeneratedNode): GeneratedNode {
  return random.pick(everyNode(root));
}

function pickFrom(random: Seeded, root: GeneratedNode, fits: (node: GeneratedNode) => boolean) {
  const fitting = everyNode(root).filter(fits);
  return fitting.length === 0 ? undefined : random.pick(fitting);
}

function parentIn(random: Seeded, root: GeneratedNode, least: number): GeneratedNode | undefined {
  return pickFrom(random, root, (node) => node.text === undefined && node.children.length >= least);
}

function valuedIn(random: Seeded, root: GeneratedNode): GeneratedNode | undefined {
  return pickFrom(random, root, (node) => node.text !== undefined);
}
