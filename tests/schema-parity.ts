import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { XmlDocument, XmlValidateError, XsdValidator } from 'libxml2-wasm';
import { DefectCollection } from '../src/stages/intake/formats/defect-collection.ts';
import { explain } from '../src/stages/intake/formats/schema-explanation.ts';
import { schemaText } from '../src/stages/intake/formats/schema-text.ts';
import { compile } from '../src/stages/intake/formats/vocabulary/compiled.ts';
import { extensions } from '../src/stages/intake/formats/vocabulary/extensions.ts';
import { tables } from '../src/stages/intake/formats/vocabulary/vocabulary.ts';
import { parseFileDetailsDocument, parseReportDocument } from '../src/stages/intake/formats/xml-report.ts';
import { readTree, SchemaCheck } from '../src/stages/intake/formats/xml-tree.ts';
import { type GeneratedNode, generateDocument, serialised } from './harness/document-generator.ts';
import { mutate, mutationNames } from './harness/document-mutations.ts';
import { Seeded } from './harness/seeded.ts';

/**
 * Compares our schema with another one, document by document, on generated documents; and then counts how many
 * generated documents that obey the documented rules the parsers accept.
 *
 *   node tests/schema-parity.ts --schema FILE --documents N --seed S
 */

const { values } = parseArgs({
  options: {
    schema: { type: 'string' },
    documents: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
  },
});
if (values.schema === undefined) {
  console.error('Say which schema to compare with: --schema FILE [--documents N] [--seed S]');
  process.exit(2);
}

const roots = [
  'report',
  'report',
  'report',
  'report',
  'fileDetails',
  'fileDetails',
  ...Object.keys(tables.elements),
];
const elementOf = compile(tables);
const extensionNames = new Set(extensions.elements.map(({ child }) => child.name));
const now = new Date('2026-11-24T00:00:00Z');

function validatorOf(text: string): (document: XmlDocument) => boolean {
  const schema = XmlDocument.fromString(text);
  const validator = XsdValidator.fromDoc(schema);
  schema.dispose();
  return (document) => {
    try {
      validator.validate(document);
      return true;
    } catch (error) {
      if (error instanceof XmlValidateError) return false;
      throw error;
    }
  };
}

function hasExtension(node: GeneratedNode): boolean {
  return extensionNames.has(node.name) || node.children.some(hasExtension);
}

interface Tally {
  documents: number;
  valid: number;
  agree: number;
  extension: number;
  disagree: number;
}

const tallies = new Map<string, Tally>();
const disagreements: string[] = [];
const unexplained: string[] = [];
let explainedWrongly = 0;
const ours = validatorOf(schemaText());
const theirs = validatorOf(readFileSync(values.schema, 'utf8'));
const check = new SchemaCheck(schemaText());
const random = new Seeded(Number(values.seed));

function compareOne(): void {
  const rootName = random.pick(roots);
  const options = {
    obeysRules: random.chance(0.5),
    fullness: random.pick([0, 0.1, 0.3, 0.6, 0.9]) * (rootName === 'report' ? 0.7 : 1),
    extensions: random.chance(0.1) ? 0.3 : 0,
    now,
  };
  const root = generateDocument(random, elementOf(rootName), options);
  const kinds = random.chance(0.25)
    ? []
    : Array.from({ length: 1 + random.below(2) }, () => random.pick(mutationNames));
  for (const kind of kinds) mutate(random, root, kind);
  const text = serialised(random, root, random.pick(['plain', 'indented', 'odd'] as const));
  count(kinds[0] ?? (options.obeysRules ? 'as generated' : 'edge values'), root, text);
}

function count(kind: string, root: GeneratedNode, text: string): void {
  let document: XmlDocument;
  try {
    document = XmlDocument.fromString(text);
  } catch {
    return;
  }
  const [oursSays, theirsSays] = [ours(document), theirs(document)];
  document.dispose();
  const tally = tallies.get(kind) ?? { documents: 0, valid: 0, agree: 0, extension: 0, disagree: 0 };
  tallies.set(kind, tally);
  tally.documents += 1;
  if (theirsSays) tally.valid += 1;
  if (oursSays === theirsSays) tally.agree += 1;
  else if (oursSays && hasExtension(root)) tally.extension += 1;
  else {
    tally.disagree += 1;
    disagreements.push(`${kind}: ours ${oursSays}, theirs ${theirsSays}\n${text}`);
  }
  compareExplanation(oursSays, text);
}

/** The explanation in our own words must find something exactly where the schema does. */
function compareExplanation(isValid: boolean, text: string): void {
  const rootName = /<([A-Za-z]\w*)/.exec(text.replaceAll(/<[?!][^>]*>/g, ''))?.[1] ?? '';
  if (!Object.hasOwn(tables.elements, rootName) || text.includes('xsi:')) return;
  const tree = readTree(new TextEncoder().encode(text), check, new Map(), () => false);
  if ('layer' in tree) return;
  const found = new DefectCollection();
  if (tree.root.name === rootName) explain(tree.root, elementOf(rootName), found);
  else return;
  if (!isValid && !found.hasDefects) unexplained.push(text);
  if (isValid && found.hasDefects) {
    explainedWrongly += 1;
    unexplained.push(`valid, yet ${JSON.stringify(found.defects[0])}\n${text}`);
  }
}

function wholePath(documents: number): { accepted: number; refused: string[] } {
  let accepted = 0;
  const refused: string[] = [];
  for (let index = 0; index < documents; index += 1) {
    const rootName = random.pick(['report', 'fileDetails']);
    const options = { obeysRules: true, fullness: random.pick([0, 0.1, 0.3, 0.5]), extensions: 0.1, now };
    const root = generateDocument(random, elementOf(rootName), options);
    const bytes = new TextEncoder().encode(
      serialised(random, root, random.pick(['plain', 'indented', 'odd'] as const)),
    );
    const parsed = (rootName === 'report' ? parseReportDocument : parseFileDetailsDocument)(bytes, { now });
    if (parsed.kind === 'ok') accepted += 1;
    else refused.push(JSON.stringify(parsed.defects.slice(0, 2)));
  }
  return { accepted, refused };
}

const documents = Number(values.documents);
for (let index = 0; index < documents; index += 1) compareOne();
console.table(Object.fromEntries(tallies));
const sum = (key: keyof Tally) => [...tallies.values()].reduce((total, each) => total + each[key], 0);
console.log(
  `${sum('documents')} documents, ${sum('valid')} valid by the other schema: ${sum('agree')} agree, ` +
    `${sum('extension')} differ by a named extension, ${sum('disagree')} disagree`,
);
console.log(
  `explanations: ${unexplained.length - explainedWrongly} refused without one, ${explainedWrongly} where none is due`,
);
for (const text of [...disagreements.slice(0, 5), ...unexplained.slice(0, 5)])
  console.log(`\n--- ${text.slice(0, 3000)}`);
const path = wholePath(Math.ceil(documents / 4));
console.log(
  `whole path: ${path.accepted} of ${path.accepted + path.refused.length} rule-obeying documents accepted`,
);
for (const text of path.refused.slice(0, 5)) console.log(text);
process.exitCode = sum('disagree') === 0 && path.refused.length === 0 ? 0 : 1;
