import type { Defect } from '#base/defects';
import type { SentNode } from '../formats/report-draft.ts';

/**
 * The rules of a batched report (domain.md section 1.6): one spreading file, shared by many users without apparent
 * malice, reported once. They concern report and file together, so they are judged at /finish.
 */

/** What is judged: the report and every file of it, as sent. */
export interface BatchedFacts {
  /** Absent for an ordinary report, which has none of these rules. */
  readonly batchReason?: string | undefined;
  readonly sent: SentNode;
  readonly files: readonly BatchedFile[];
}

export interface BatchedFile {
  readonly fileId: string;
  /** What /fileinfo said; absent when the file was never described. */
  readonly details?: SentNode | undefined;
}

const forbiddenElements: ReadonlySet<string> = new Set([
  'internetDetails',
  'lawEnforcement',
  'intendedRecipient',
  'victim',
  'additionalInfo',
]);

/** Elements of `<fileDetails>` that the one file of a batched report may not have. */
export const forbiddenInBatch: ReadonlySet<string> = new Set([
  'originalFileName',
  'locationOfFile',
  'originalFileHash',
  'ipCaptureEvent',
  'deviceId',
  'details',
  'additionalInfo',
]);

/** Marks of which the one file needs at least one, and beside which it has no other. */
const spreadingMarks: ReadonlySet<string> = new Set(['viral', 'potentialMeme']);

/** Everything that keeps a batched report from being filed; empty for an ordinary report. */
export function batchedDefects(facts: BatchedFacts): readonly Defect[] {
  if (facts.batchReason === undefined) return [];
  return [...reportDefects(facts.sent), ...fileDefects(facts.files)];
}

function reportDefects(report: SentNode): readonly Defect[] {
  const children = report.children ?? [];
  const summary = children.find((child) => child.name === 'incidentSummary');
  const escalation = summary?.children?.find((child) => child.name === 'escalateToHighPriority');
  const users = children.filter((child) => child.name === 'personOrUserReported');
  const forbidden = [...new Map(children.map((child) => [child.name, child])).values()].filter((child) =>
    forbiddenElements.has(child.name),
  );
  return [
    ...(escalation === undefined
      ? []
      : [
          defect(
            'report/incidentSummary/escalateToHighPriority',
            'batched-not-urgent',
            'A batched report cannot be urgent; retract it and send the urgent matter as a report of its own.',
            escalation,
          ),
        ]),
    ...forbidden.map((child) =>
      defect(
        `report/${child.name}`,
        'batched-element',
        `A batched report has no ${child.name}; retract it and send it without, or not batched.`,
        child,
      ),
    ),
    ...(users.length > 0
      ? []
      : [
          defect(
            'report/personOrUserReported',
            'batched-users',
            'A batched report names the users it is about; retract it and send one with their espIdentifier.',
          ),
        ]),
    ...users.flatMap(userDefects),
  ];
}

function userDefects(user: SentNode, index: number): readonly Defect[] {
  const path = `report/personOrUserReported[${index + 1}]`;
  const names = new Set((user.children ?? []).map((child) => child.name));
  const others = [...names].filter((name) => name !== 'espIdentifier');
  const isNamed = (user.children ?? []).some(
    (child) => child.name === 'espIdentifier' && (child.value ?? '').trim() !== '',
  );
  return [
    ...(isNamed
      ? []
      : [defect(path, 'batched-user', 'Each user of a batched report needs an espIdentifier.', user)]),
    ...others.map((name) =>
      defect(
        `${path}/${name}`,
        'batched-user',
        `A user of a batched report has an espIdentifier and no ${name}; retract it and send it without.`,
        user,
      ),
    ),
  ];
}

function fileDefects(files: readonly BatchedFile[]): readonly Defect[] {
  const [file] = files;
  if (file === undefined || files.length > 1) {
    return [
      defect(
        'report',
        'batched-one-file',
        `A batched report has exactly one file, this one has ${files.length}; ${
          file === undefined ? 'upload it' : 'retract it and send one report per file'
        }.`,
      ),
    ];
  }
  if (file.details === undefined) {
    return [
      defect(
        'fileDetails',
        'batched-file-marks',
        'The file of a batched report must be described (POST /fileinfo) as viral or potentialMeme.',
      ),
    ];
  }
  return detailsDefects(file.details);
}

function detailsDefects(details: SentNode): readonly Defect[] {
  const children = details.children ?? [];
  const relevance = children.find((child) => child.name === 'fileRelevance');
  const marks = marksOf(children);
  const forbidden = new Set(children.map((child) => child.name).filter((name) => forbiddenInBatch.has(name)));
  const others = marks.filter((name) => !spreadingMarks.has(name));
  return [
    ...(marks.some((name) => spreadingMarks.has(name))
      ? []
      : [
          defect(
            'fileDetails/fileAnnotations',
            'batched-file-marks',
            'The file of a batched report must be marked viral or potentialMeme; retract it and send it so.',
            details,
          ),
        ]),
    ...others.map((name) =>
      defect(
        `fileDetails/fileAnnotations/${name}`,
        'batched-file-marks',
        `The file of a batched report has no mark but viral and potentialMeme; not ${name}.`,
        details,
      ),
    ),
    ...(relevance === undefined || relevance.value === 'Reported'
      ? []
      : [
          defect(
            'fileDetails/fileRelevance',
            'batched-file-relevance',
            'The file of a batched report has the relevance Reported.',
            relevance,
          ),
        ]),
    ...[...forbidden].map((name) =>
      defect(
        `fileDetails/${name}`,
        'batched-file-element',
        `The file of a batched report has no ${name}; retract it and describe the file without.`,
        details,
      ),
    ),
  ];
}

function marksOf(children: readonly SentNode[]): readonly string[] {
  const list = children.find((child) => child.name === 'fileAnnotations');
  const older = children.find((child) => child.name === 'potentialMeme');
  const isOlderTrue = older !== undefined && /^\s*(?:true|1)\s*$/.test(older.value ?? '');
  return [...(list?.children ?? []).map((child) => child.name), ...(isOlderTrue ? ['potentialMeme'] : [])];
}

function defect(element: string, rule: string, message: string, node?: SentNode): Defect {
  const base = { element, layer: 'filing', rule, message } as const;
  return node?.line === undefined ? base : { ...base, line: node.line };
}
