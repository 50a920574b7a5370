import { type Ctx, noteAttention, resolveAttention } from '#access';
import { IntegrityFault } from '#base/errors';
import type { Sha256 } from '#base/ids';
import { decoderVersion, type Verdict } from '#decoder';
import { firstReceived, openSealed, verifySeal } from '#vault';
import type { FingerprintParts } from './fingerprint-parts.ts';
import { keepVerdicts } from './store.ts';

/** The job that a person runs again after `firstlight attention retry`. */
export const fileJob = 'fingerprint-file';

export interface Looked {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  /** Undefined where there are no sound bytes to look at. */
  readonly verdict?: Verdict;
}

/**
 * Opens sealed files, has the decoder look at them, and keeps what it found in the place of what was found before.
 * Records `file.fingerprinted` for each; brings those that cannot be decoded to a person. Bytes that turn out not to
 * match their seal are marked by the vault. As many at once as the decoder has processes.
 */
export async function lookAtFiles(
  ctx: Ctx,
  parts: FingerprintParts,
  sha256s: readonly Sha256[],
): Promise<readonly Looked[]> {
  const looked = await Promise.all(sha256s.map((sha256) => lookAt(ctx, parts, sha256)));
  const found = looked.flatMap(({ sha256, verdict }) => (verdict === undefined ? [] : [{ sha256, verdict }]));
  const firstSeen = await firstReceived(
    ctx.tx.db,
    found.map(({ sha256 }) => sha256),
  );
  await keepVerdicts(
    ctx.tx.db,
    found.map((each) => ({ ...each, firstSeenAt: firstSeen.get(each.sha256) ?? ctx.now })),
    { at: ctx.now, version: decoderVersion },
  );
  for (const { sha256 } of found) ctx.tx.record({ name: 'file.fingerprinted', subject: sha256 });
  return looked;
}

async function lookAt(ctx: Ctx, parts: FingerprintParts, sha256: Sha256): Promise<Looked> {
  let sizeBytes = 0;
  try {
    const verdict = await parts.decoder.look({
      open: async () => {
        const opened = await openSealed(ctx, parts.vault, { sha256, why: 'fingerprint' });
        if (opened === undefined) throw new Gone();
        sizeBytes = opened.sizeBytes;
        return opened.bytes;
      },
    });
    return { sha256, sizeBytes, verdict };
  } catch (error) {
    if (error instanceof Gone) return { sha256, sizeBytes };
    if (!(error instanceof IntegrityFault)) throw error;
    await verifySeal(ctx, parts.vault, sha256);
    return { sha256, sizeBytes };
  }
}

/** The bytes were destroyed, or are known to be damaged. */
class Gone extends Error {}

/** Why a person is asked, or undefined where nobody needs to be. */
export function needOf(verdict: Verdict): string | undefined {
  switch (verdict.kind) {
    case 'unreadable':
      return `${verdict.reason} Its digests are kept and compared; ask the service for a whole copy if it matters.`;
    case 'killed-decoder':
      return `${verdict.reason} It is kept and is not decoded again unless somebody asks. Treat it as hostile.`;
    case 'picture':
    case 'not-a-picture':
    case 'not-sampled':
      return undefined;
  }
  return verdict satisfies never;
}

/** What the job of one file does about its item, for files that a run looked at. */
export async function settleAttention(ctx: Ctx, looked: readonly Looked[]): Promise<void> {
  for (const { sha256, verdict } of looked) {
    if (verdict === undefined) continue;
    const reason = needOf(verdict);
    const item = { job: fileJob, subject: sha256, now: ctx.now };
    if (reason === undefined) await resolveAttention(ctx.tx, item);
    else await noteAttention(ctx.tx, { ...item, reason, attempts: 1 });
  }
}
