import type { Ctx, ProviderActor } from '#access';
import type { Defect } from '#base/defects';
import { parseReportId, type ReportId } from '#base/ids';
import { sha256Hex } from '#platform/random';
import { intakeRefusal } from './codes.ts';
import type { ReportDraft } from './formats/report-draft.ts';
import { expiryOf } from './rules/report-lifetime.ts';
import { type Door, findOwnReport } from './store.ts';
import { insertReport } from './store-contents.ts';

export interface OpenReport {
  readonly draft: ReportDraft;
  readonly warnings: readonly Defect[];
  /** The document exactly as it arrived. */
  readonly document: { readonly bytes: Uint8Array; readonly mediaType: string };
  readonly door: Door;
  /** Whether this bureau's data folder is a demonstration, which takes invented reports in every environment. */
  readonly isDemonstration: boolean;
}

export interface OpenedReport {
  readonly reportId: ReportId;
  readonly expiresAt: Date;
  readonly documentSha256: string;
  readonly warnings: readonly Defect[];
}

/**
 * Opens a report from a draft: report, incidents, parties, identifiers and the document itself. Never merges with
 * an earlier report: whether two are one is known only once both are filed. Refuses invented data in production.
 */
export async function openReport(ctx: Ctx<ProviderActor>, input: OpenReport): Promise<OpenedReport> {
  const { actor, now } = ctx;
  if (input.draft.isSynthetic && actor.environment === 'production' && !input.isDemonstration) {
    throw intakeRefusal('intake.synthetic-in-production');
  }
  const documentSha256 = sha256Hex(input.document.bytes);
  const expiresAt = expiryOf(now, now);
  const warnings = [...input.warnings, ...(await unknownPriorReports(ctx, input))];
  const reportId = await insertReport(ctx.tx.db, {
    providerId: actor.id,
    environment: actor.environment,
    door: input.door,
    draft: input.draft,
    warnings,
    document: { ...input.document, sha256: documentSha256 },
    incidentParties: incidentPartiesOf(input.draft),
    openedAt: now,
    expiresAt,
  });
  return { reportId, expiresAt, documentSha256, warnings };
}

/** One incident per reported user, by the user's position; one without a user if none is named. */
function incidentPartiesOf(draft: ReportDraft): readonly (number | null)[] {
  const users = draft.parties.flatMap((party, index) => (party.role === 'reported-user' ? [index + 1] : []));
  return users.length === 0 ? [null] : users;
}

/**
 * An earlier report may have gone to another bureau, so a number that is unknown here is kept and only remarked on.
 * Numbers of other services are remarked on in the same words as numbers that nobody has.
 */
async function unknownPriorReports(
  ctx: Ctx<ProviderActor>,
  { draft, door }: OpenReport,
): Promise<readonly Defect[]> {
  const unknown: string[] = [];
  for (const prior of draft.priorReports.slice(0, mostPriorLookups)) {
    const reportId = parseReportId(prior.replace(/^FL-[0-9]{4}-/, ''));
    const row =
      reportId === undefined ? undefined : await findOwnReport(ctx.tx.db, ctx.actor.id, reportId, 'look');
    if (row?.state !== 'filed') unknown.push(prior);
  }
  if (unknown.length === 0) return [];
  return [
    {
      element: door === 'ispws' ? 'report/personOrUserReported/priorCTReports' : 'priorReports',
      layer: 'rule',
      rule: 'prior-report-unknown',
      message:
        'Some earlier reports that are named are not among your filed reports here; they are kept as sent.',
    },
  ];
}

/** Looked up one by one; a longer list is kept without remarks. */
const mostPriorLookups = 20;
