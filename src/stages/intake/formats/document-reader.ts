import type { Parsed } from '#base/defects';
import { DefectCollection, defectLimit, shownName } from './defect-collection.ts';
import { formDefectOf } from './document-form.ts';
import { checkRules, newerAnnotation } from './document-rules.ts';
import { fileDetailsDraft } from './file-details-mapping.ts';
import type { FileDetailsDraft, ReportDraft, SentNode } from './report-draft.ts';
import { reportDraft } from './report-mapping.ts';
import { explain } from './schema-explanation.ts';
import { schemaTextOf } from './schema-text.ts';
import { compile, type ElementSpec } from './vocabulary/compiled.ts';
import type { VocabularyTables } from './vocabulary/model.ts';
import { complaintPath, type OpenLists, type ReadTree, readTree, SchemaCheck } from './xml-tree.ts';

export interface ReadOptions {
  /** The bureau's clock, against which times are judged. */
  readonly now: Date;
}

/**
 * Reads the protocol's documents by one vocabulary. Layers, each only when the one before found nothing: form (bytes,
 * well-formed XML, limits), schema, documented rules; then the mapping. Everything found in a layer is reported.
 */
export class DocumentReader {
  readonly #schema: SchemaCheck;
  readonly #report: ElementSpec;
  readonly #fileDetails: ElementSpec;
  readonly #openLists: OpenLists;

  constructor(tables: VocabularyTables) {
    this.#schema = new SchemaCheck(schemaTextOf(tables));
    const elementOf = compile(tables);
    this.#report = elementOf('report');
    this.#fileDetails = elementOf('fileDetails');
    this.#openLists = openListsOf([this.#report, this.#fileDetails]);
  }

  report(bytes: Uint8Array, options: ReadOptions): Parsed<ReportDraft> {
    return this.#read(bytes, options, this.#report, reportDraft);
  }

  fileDetails(bytes: Uint8Array, options: ReadOptions): Parsed<FileDetailsDraft> {
    return this.#read(bytes, options, this.#fileDetails, fileDetailsDraft);
  }

  dispose(): void {
    this.#schema.dispose();
  }

  #read<T>(
    bytes: Uint8Array,
    { now }: ReadOptions,
    spec: ElementSpec,
    draft: (root: SentNode, spec: ElementSpec) => T,
  ): Parsed<T> {
    const unfit = formDefectOf(bytes);
    if (unfit !== undefined) return { kind: 'defects', defects: [unfit] };
    const tree = readTree(bytes, this.#schema, this.#openLists, (root) => isUnfitAllOver(root, spec));
    if ('layer' in tree) return { kind: 'defects', defects: [tree] };
    const found = new DefectCollection();
    checkSchema(tree, spec, found);
    if (!found.hasDefects) checkRules(tree.root, spec, now, found);
    if (found.hasDefects) return { kind: 'defects', defects: found.defects };
    return { kind: 'ok', value: draft(tree.root, spec), warnings: found.warnings };
  }
}

function checkSchema(tree: ReadTree, spec: ElementSpec, found: DefectCollection): void {
  if (tree.root.name !== spec.name) {
    const message = wrongRoot(tree.root.name, spec.name);
    found.add('schema', shownName(tree.root.name), tree.root.line, { rule: 'wrong-root-element', message });
    return;
  }
  for (const node of tree.newer) {
    found.add('rule', `${listPath(spec)}/${node.name}`, node.line, newerAnnotation(node.name));
  }
  if (tree.complaints.length === 0 && !tree.isHopeless) return;
  explain(tree.root, spec, found);
  if (found.hasDefects) return;
  const message =
    'This does not fit the schema (GET /xsd); check the form of the value, the type and the children.';
  for (const complaint of tree.complaints) {
    found.add('schema', complaintPath(complaint), complaint.line, { rule: 'not-in-schema', message });
  }
}

/** More is wrong than one answer lists, by our own reading. */
function isUnfitAllOver(root: SentNode, spec: ElementSpec): boolean {
  if (root.name !== spec.name) return true;
  const found = new DefectCollection();
  explain(root, spec, found);
  return found.defects.length >= defectLimit;
}

function wrongRoot(name: string, expected: string): string {
  if (name.startsWith('{')) return `The protocol has no namespace; remove xmlns from the root <${expected}>.`;
  if (name === 'fileDetails')
    return 'This is a <fileDetails>: send it to /fileinfo; here one <report> is taken.';
  if (name === 'report') return 'This is a <report>: send it to /submit; here one <fileDetails> is taken.';
  return `The root element must be <${expected}>.`;
}

function listPath(spec: ElementSpec): string {
  return spec.name === 'report' ? 'report/incidentSummary/reportAnnotations' : 'fileDetails/fileAnnotations';
}

/** Where unknown presence elements are accepted: the open types of the vocabulary. */
function openListsOf(roots: readonly ElementSpec[]): OpenLists {
  const lists = new Map<string, ReadonlySet<string>>();
  const gather = (spec: ElementSpec): void => {
    for (const [name, { element }] of spec.type.children) {
      if (element.type.isOpen) lists.set(`${spec.name}/${name}`, new Set(element.type.children.keys()));
      gather(element);
    }
  };
  roots.forEach(gather);
  return lists;
}
