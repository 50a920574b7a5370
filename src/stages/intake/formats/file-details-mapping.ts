import { forbiddenInBatch } from '../rules/batched-report.ts';
import { childOf, textOf } from './document-walk.ts';
import { mapParties } from './party-mapping.ts';
import type { FileDetailsDraft, SentNode } from './report-draft.ts';
import { presentMarks } from './report-mapping.ts';
import { collapsed, isTrue, wholeNumber } from './simple-values.ts';
import type { ElementSpec } from './vocabulary/compiled.ts';

/** The model of what is said about one file, from a document that fits schema and rules. */
export function fileDetailsDraft(root: SentNode, spec: ElementSpec): FileDetailsDraft {
  const children = root.children ?? [];
  return {
    reportId: wholeNumber(textOf(root, 'reportId') ?? ''),
    fileId: collapsed(textOf(root, 'fileId') ?? ''),
    ...optional('originalFileName', textOf(root, 'originalFileName')),
    relevance:
      textOf(root, 'fileRelevance') === 'Supplemental Reported' ? 'Supplemental Reported' : 'Reported',
    ...optional('isViewedByProvider', flagOf(root, 'fileViewedByEsp')),
    ...optional('isExifViewedByProvider', flagOf(root, 'exifViewedByEsp')),
    ...optional('isPubliclyAvailable', flagOf(root, 'publiclyAvailable')),
    annotations: fileMarks(root),
    ...optional('industryClassification', industryClass(textOf(root, 'industryClassification'))),
    ...optional('uploadedAt', trimmed(textOf(root, 'uploadedToEspTimestamp'))),
    ...optional('location', trimmed(textOf(root, 'locationOfFile'))),
    originalHashes: children.filter((child) => child.name === 'originalFileHash').map(hashOf),
    identifiers: mapParties(root, spec).loose,
    sentElements: [...new Set(children.map((child) => child.name))].filter((name) =>
      forbiddenInBatch.has(name),
    ),
    sent: root,
  };
}

function optional<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]: Value });
}

function flagOf(root: SentNode, name: string): boolean | undefined {
  const value = textOf(root, name);
  return value === undefined ? undefined : isTrue(value);
}

function trimmed(value: string | undefined): string | undefined {
  const text = value === undefined ? '' : collapsed(value);
  return text === '' ? undefined : text;
}

/** The older form of the mark, an element of its own, means the same. */
function fileMarks(root: SentNode): readonly string[] {
  const marks = presentMarks(childOf(root, 'fileAnnotations'));
  return isTrue(textOf(root, 'potentialMeme')) ? [...marks, 'potentialMeme'] : marks;
}

function industryClass(value: string | undefined): FileDetailsDraft['industryClassification'] {
  return value === 'A1' || value === 'A2' || value === 'B1' || value === 'B2' ? value : undefined;
}

function hashOf(node: SentNode): FileDetailsDraft['originalHashes'][number] {
  const type = node.attributes?.hashType;
  const value = node.value ?? '';
  return type === undefined ? { value } : { type, value };
}
