import type { Ctx, JobResult } from '#access';
import { done } from '#access';
import { decoderVersion } from '#decoder';
import type { FingerprintParts } from './fingerprint-parts.ts';
import { lookAtFiles, settleAttention } from './look-at-files.ts';
import { endRun, nextWanted, noteStep, runById, tryToLead } from './store-run.ts';

/** Files and bytes of one page: some seconds of work, so that progress shows and little is done twice after a stop. */
const pageFiles = 64;
const pageBytes = 128 * 1024 * 1024;

/**
 * Does the next page of a run. May be killed anywhere: what was committed stays, and the rest is found again. Records
 * `fingerprints.due` while there is more.
 */
export async function continueRun(
  ctx: Ctx,
  parts: FingerprintParts,
  input: { readonly runId: string },
): Promise<JobResult> {
  const { db } = ctx.tx;
  if (!(await tryToLead(db))) return { kind: 'skipped', reason: 'Another worker is at it.' };
  const run = await runById(db, input.runId);
  if (run === undefined) return { kind: 'failed', reason: 'There is no such run.' };
  if (run.doneAt !== null) return { kind: 'skipped', reason: 'The run is done.' };
  const page = shortened(await nextWanted(db, run, decoderVersion, pageFiles));
  const last = page.at(-1);
  if (last === undefined) {
    await endRun(db, run.id, ctx.now);
    return done;
  }
  const looked = await lookAtFiles(
    ctx,
    parts,
    page.map(({ sha256 }) => sha256),
  );
  await settleAttention(ctx, looked);
  const count = (...kinds: readonly (string | undefined)[]) =>
    looked.filter(({ verdict }) => kinds.includes(verdict?.kind)).length;
  await noteStep(
    db,
    run.id,
    {
      after: last.sha256,
      files: page.length,
      sizeBytes: page.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      hashed: count('picture'),
      unreadable: count('unreadable', 'killed-decoder'),
      leftOut: count(undefined),
    },
    ctx.now,
  );
  ctx.tx.record({ name: 'fingerprints.due', subject: run.id });
  return done;
}

function shortened<T extends { readonly sizeBytes: number }>(page: readonly T[]): readonly T[] {
  let bytes = 0;
  const tooMany = page.findIndex(({ sizeBytes }) => {
    bytes += sizeBytes;
    return bytes > pageBytes;
  });
  return tooMany === -1 ? page : page.slice(0, Math.max(1, tooMany));
}
