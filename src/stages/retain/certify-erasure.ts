import type { Ctx } from '#access';
import { wordsLeft } from '#assess';
import type { ReportId } from '#base/ids';
import { contentLeft } from '#intake';
import { type CertificateFacts, makeCertificate } from '#proof/certificate';
import { bytesLeft, letGoFiles, sweepSeals } from '#vault';
import { appendErasure } from './erasures-file.ts';
import { recordEvent } from './events.ts';
import type { RetainParts } from './retain-parts.ts';
import { allSchedules, takeTurns } from './store.ts';
import { type ErasedFacts, type ErasureRow, findErasure, markCertified } from './store-erasures.ts';

/** A report with more files than this takes more than one run; each destroys a thousand. */
const mostSweeps = 50;

/**
 * Destroys the bytes that an erased report let go of, tries to read everything again, and signs the certificate once
 * nothing is found. Throws while something is left, so that the job runs again.
 */
export async function certifyErasure(
  ctx: Ctx,
  parts: RetainParts,
  input: { readonly reportId: ReportId },
): Promise<'certified' | 'nothing-to-do'> {
  const { db } = ctx.tx;
  const { reportId } = input;
  await takeTurns(db, [reportId]);
  const row = await findErasure(db, reportId);
  if (row?.state !== 'erased' || row.facts === null || row.erasedAt === null) return 'nothing-to-do';
  for (let sweeps = 0; sweeps < mostSweeps; sweeps += 1) {
    if ((await sweepSeals(ctx, parts.vault, { reportId })).isComplete) break;
  }
  const places = row.places ?? [];
  const left = [
    ...(await contentLeft(db, reportId)),
    ...(await wordsLeft(db, reportId)),
    ...(await bytesLeft(ctx, parts.vault, { reportId, places })).map((place) => `evidence at ${place}`),
  ];
  if (left.length > 0) throw new Error(`not everything is destroyed yet: ${left.join(', ')}`);
  const facts = await certificateFacts(ctx, parts, row, row.facts, row.erasedAt);
  const text = makeCertificate(facts, parts.signingKey);
  await markCertified(db, reportId, { at: ctx.now, text });
  // Before the commit: a line too many names what is certified again; a line too few would let a restore bring it back.
  await appendErasure(parts.erasuresFile, { erasureId: row.id, reportId, places, certificate: text });
  recordEvent(ctx.tx, { name: 'erasure.certified', subject: reportId });
  return 'certified';
}

async function certificateFacts(
  ctx: Ctx,
  parts: RetainParts,
  row: ErasureRow,
  erased: ErasedFacts,
  erasedAt: Date,
): Promise<CertificateFacts> {
  const schedules = await allSchedules(ctx.tx.db);
  // Asked again: another report may have brought the same bytes since.
  const files = await letGoFiles(ctx, { reportId: row.reportId });
  const shared = new Set(files.filter(({ isShared }) => isShared).map(({ fileId }) => String(fileId)));
  const schedule = schedules.find(
    ({ profile, version }) => profile === row.scheduleProfile && version === row.scheduleVersion,
  );
  return {
    version: 1,
    bureau: { name: parts.bureau.name, keyName: parts.signingKey.name },
    certificateId: row.id,
    report: {
      id: row.reportId,
      reference: erased.reference,
      environment: erased.environment,
      profile: erased.profile,
      filedAt: erased.filedAt,
    },
    ground: row.ground,
    basis: {
      law: row.basis,
      source: schedule?.source ?? '',
      scheduleVersion: row.scheduleVersion,
      contentMonths: schedule?.contentMonths ?? 0,
      dueAt: row.dueAt.toISOString(),
    },
    approvedAt: row.approvedAt.toISOString(),
    approvedBy: row.approvedBy,
    ...(row.proposalId !== null && { proposalId: row.proposalId }),
    erasedAt: erasedAt.toISOString(),
    certifiedAt: ctx.now.toISOString(),
    removed: erased.counts,
    files: erased.files.map(({ fileId, digest }) => ({
      fileId,
      digest,
      outcome: shared.has(fileId) ? ('kept-for-another-report' as const) : ('destroyed' as const),
    })),
    documentDigest: erased.documentDigest,
    checked,
    remains,
  };
}

/** What was tried before signing, in words a court can read. */
const checked = [
  'Every table that holds what a report said was searched for this report, and nothing was found.',
  'Every place at which the ciphertext of its files stood was looked up in every evidence store, and nothing was found; with the ciphertext its data key, which stands nowhere else, is gone.',
] as const;

/** Said here, so that nobody has to find it out. */
const remains = [
  'The number, the reference, the receipt, times, kinds and counts of the report; the audit rows and custody entries, which hold ids and digests of files, no content.',
  'Backups and the write-ahead log of the database until they are pruned; the evidence of backups is removed when the next one is made.',
  'Bytes of removed rows in free space of database files until they are written over.',
] as const;
