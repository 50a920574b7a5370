import type { Ctx } from '#access';
import { parseReportId, type ReportId } from '#base/ids';
import { type CertificateFacts, checkCertificate } from '#proof/certificate';
import { emptyReport } from './erase-report.ts';
import { type ErasureLine, readErasures } from './erasures-file.ts';
import type { RetainParts } from './retain-parts.ts';
import { currentSchedules, reportFacts, takeTurns } from './store.ts';
import { findErasure, restoreErasure } from './store-erasures.ts';

/** What one run repeats; the next goes on. */
const mostPerRun = 200;

/**
 * Erases again what a restore from an older backup brought back: every report that the erasures file names with a
 * certificate of this bureau and that still holds content. A line that is not signed by this bureau changes nothing.
 * @returns how many reports were erased again, and whether there may be more
 */
export async function repeatErasures(
  ctx: Ctx,
  parts: RetainParts,
): Promise<{ readonly repeated: number; readonly isComplete: boolean }> {
  const lines = await readErasures(parts.erasuresFile);
  const byReport = new Map(lines.map((line) => [line.reportId, line]));
  const ids = [...byReport.keys()].filter((id): id is ReportId => parseReportId(id) !== undefined);
  let repeated = 0;
  for (let from = 0; from < ids.length; from += 1000) {
    const facts = await reportFacts(ctx.tx.db, ids.slice(from, from + 1000));
    for (const { reportId, erasedAt } of facts) {
      const line = byReport.get(reportId);
      if (erasedAt !== null || line === undefined) continue;
      if (repeated >= mostPerRun) return { repeated, isComplete: false };
      if (await repeatErasure(ctx, parts, line)) repeated += 1;
    }
  }
  return { repeated, isComplete: true };
}

/** Erases one report again whose erasure was certified before. False when the line is not of this bureau. */
export async function repeatErasure(ctx: Ctx, parts: RetainParts, line: ErasureLine): Promise<boolean> {
  const keys = new Map(parts.signingKey.published.map(({ keyId, publicKey }) => [keyId, publicKey]));
  const read = await checkCertificate(line.certificate, keys);
  if (read.kind === 'bad' || read.value.facts.report.id !== line.reportId) {
    ctx.log.error({ reportId: line.reportId }, 'a line of the erasures file is not signed by this bureau');
    return false;
  }
  await takeTurns(ctx.tx.db, [line.reportId]);
  if ((await findErasure(ctx.tx.db, line.reportId))?.state !== 'certified') {
    await restoreRegister(ctx, line, read.value.facts);
  }
  const isErased = await emptyReport(ctx, parts.digestKey, line.reportId);
  // The register says again what was certified; bytes that came back are swept, and the proof is made anew.
  return isErased;
}

async function restoreRegister(ctx: Ctx, line: ErasureLine, facts: CertificateFacts): Promise<void> {
  const profile = facts.report.profile === 'uk' ? 'uk' : 'cybertip';
  const schedules = await currentSchedules(ctx.tx.db);
  const known = schedules.find((row) => row.profile === profile);
  await restoreErasure(ctx.tx.db, {
    reportId: line.reportId,
    id: facts.certificateId,
    ground: facts.ground,
    basis: facts.basis.law,
    scheduleProfile: profile,
    // The version that it was certified under may be younger than the backup.
    scheduleVersion: Math.min(facts.basis.scheduleVersion, known?.version ?? 1),
    dueAt: new Date(facts.basis.dueAt),
    approvedAt: new Date(facts.approvedAt),
    approvedBy: facts.approvedBy,
    // The proposal may be younger than the backup, too; the certificate names it.
    proposalId: null,
    erasedAt: new Date(facts.erasedAt),
    facts: null,
    places: line.places,
    certifiedAt: null,
    certificate: null,
  });
}
