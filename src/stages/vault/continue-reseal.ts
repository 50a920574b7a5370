import type { Kysely } from 'kysely';
import { type Ctx, done, type JobResult } from '#access';
import { Outage } from '#base/errors';
import type { DB } from '#platform/database-types';
import { writeKeysNote } from './keys-note.ts';
import type { Vault } from './open-vault.ts';
import { resealFile } from './reseal-file.ts';
import type { ResealRun } from './reseal-run.ts';
import type { SealRow } from './store.ts';
import { insertKey, keysToRemove } from './store-keys.ts';
import {
  countDamagedLeft,
  endRun,
  isAnythingLeft,
  latestRuns,
  nextToReseal,
  noteProblem,
  noteStep,
  recountProgress,
  reopenRun,
  runById,
  runUnderWay,
  storesInUse,
  tryToLead,
} from './store-reseal.ts';
import { type Finding, recordFindings } from './verify-seal.ts';

/** Files of one page, and their bytes: what is done between two notes of progress. */
const pageFiles = 64;
const pageBytes = 256 * 1024 * 1024;
/** Pages of one job, so that other jobs have their turn and little is done twice after a stop. */
const jobPages = 8;
/** So many are sealed again at once. */
const atOnce = 4;

/**
 * Does the next part of a run: makes its key if that is not made yet, then visits the next seals. May be killed
 * anywhere: what is sealed again stays so, and the rest is found again. Of several at once only one works; it
 * records `reseal.due` while there is more to do. Its own transaction holds nothing but the lead.
 */
export async function continueReseal(
  ctx: Ctx,
  vault: Vault,
  db: Kysely<DB>,
  input: { readonly runId: string },
): Promise<JobResult> {
  if (!(await tryToLead(ctx.tx.db))) return { kind: 'skipped', reason: 'Another worker is at it.' };
  const run = await runById(db, input.runId);
  if (run === undefined) return { kind: 'failed', reason: 'There is no such run.' };
  if (run.doneAt !== undefined) return { kind: 'skipped', reason: 'The run is done.' };
  try {
    if (run.kind === 'rotate') await settleKey(vault, db, run, ctx.now);
    await recountProgress(db, run);
    return await visit(ctx, vault, db, run);
  } catch (error) {
    const words =
      error instanceof Outage ? error.message : 'It stopped by a fault; the log of the worker says which.';
    await noteProblem(db, run, words, ctx.now);
    throw error;
  }
}

/**
 * Makes the run's key where it is one of the key file; twice gives the same. First the key file, then the notes
 * beside the evidence, then the database: whatever names a key, the key is there before.
 */
async function settleKey(vault: Vault, db: Kysely<DB>, run: ResealRun, now: Date): Promise<void> {
  await vault.keys.add(run.target, now);
  for (const { id } of await storesInUse(db)) {
    await writeKeysNote(await vault.stores.byId(id), vault.keys.ids);
  }
  await writeKeysNote(vault.store, vault.keys.ids);
  await insertKey(db, run.target, now);
}

async function visit(ctx: Ctx, vault: Vault, db: Kysely<DB>, run: ResealRun): Promise<JobResult> {
  const current = (await vault.keys.forSealing()).id;
  if (run.kind === 'rotate' && current !== run.target) {
    await endRun(db, run, {
      at: ctx.now,
      leftFiles: 0,
      problem: 'Another key is the current one by now. Ask for a rotation again.',
    });
    return done;
  }
  let at = run;
  for (let page = 0; page < jobPages; page += 1) {
    const seals = shortened(await nextToReseal(db, at, pageFiles));
    const last = seals.at(-1);
    if (last === undefined) {
      if (await isEnd(db, at, ctx.now)) return done;
      at = { ...at, afterSha256: '' };
      continue;
    }
    const step = await resealPage(ctx, vault, db, at, seals);
    at = { ...at, afterSha256: last.sha256 };
    await noteStep(db, at, { ...step, afterSha256: last.sha256, at: ctx.now });
    if (step.findings.length === 0) continue;
    // The job ends with what it found: these rows stay locked until its commit, and sealing again locks them too.
    await recordFindings(ctx, step.findings);
    break;
  }
  ctx.tx.record({ name: 'reseal.due', subject: run.id });
  return done;
}

/** A run ends when a whole pass leaves nothing; uploads that came meanwhile are a reason for another pass. */
async function isEnd(db: Kysely<DB>, run: ResealRun, at: Date): Promise<boolean> {
  if (await isAnythingLeft(db, run)) return false;
  await endRun(db, run, { at, leftFiles: await countDamagedLeft(db, run) });
  return true;
}

async function resealPage(
  ctx: Ctx,
  vault: Vault,
  db: Kysely<DB>,
  run: ResealRun,
  seals: readonly SealRow[],
): Promise<{ readonly files: number; readonly sizeBytes: number; readonly findings: readonly Finding[] }> {
  const findings: Finding[] = [];
  let files = 0;
  let sizeBytes = 0;
  const waiting = seals.values();
  const worker = async (): Promise<void> => {
    for (const seal of waiting) {
      const key = await vault.keys.forSealing();
      const store = await vault.stores.byId(run.kind === 'move' ? run.target : seal.store);
      const { moved, damage } = await resealFile(vault, db, {
        seal,
        key,
        store,
        now: ctx.now,
        actor: ctx.actor,
      });
      if (damage !== undefined) findings.push({ seal, damage });
      if (!moved) continue;
      files += 1;
      sizeBytes += seal.sizeBytes;
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: atOnce }, worker));
  const failed = workers.find((each) => each.status === 'rejected');
  if (failed !== undefined) {
    await noteStep(db, run, { afterSha256: run.afterSha256, files, sizeBytes, at: ctx.now });
    throw failed.reason;
  }
  return { files, sizeBytes, findings };
}

function shortened(seals: readonly SealRow[]): readonly SealRow[] {
  let bytes = 0;
  const tooMany = seals.findIndex((seal) => {
    bytes += seal.sizeBytes;
    return bytes > pageBytes;
  });
  return tooMany === -1 ? seals : seals.slice(0, Math.max(1, tooMany));
}

/** A step that has not been heard of for so long is begun anew. */
const silenceMinutes = 5;

/**
 * Takes up a run whose worker was lost, and one that was done before late uploads were sealed under the former key
 * or in the former store. Records `reseal.due`, and `key.retired` again for keys that wait to be taken away.
 */
export async function resumeReseal(ctx: Ctx, vault: Vault): Promise<JobResult> {
  const { db } = ctx.tx;
  for (const keyId of await keysToRemove(db)) ctx.tx.record({ name: 'key.retired', subject: keyId });
  const underWay = await runUnderWay(db);
  if (underWay !== undefined) {
    const heard = underWay.stepAt ?? underWay.askedAt;
    if (ctx.now.getTime() - heard.getTime() < silenceMinutes * 60_000)
      return { kind: 'skipped', reason: 'A run is under way.' };
    ctx.tx.record({ name: 'reseal.due', subject: underWay.id });
    return done;
  }
  const runs = await latestRuns(db, 100);
  const [rotation, move] = [
    runs.find(({ kind }) => kind === 'rotate'),
    runs.find(({ kind }) => kind === 'move'),
  ];
  for (const run of [rotation, move]) {
    const isCurrent = run?.target === (run?.kind === 'move' ? vault.store.id : vault.keys.currentId);
    if (run === undefined || !isCurrent || !(await isAnythingLeft(db, run))) continue;
    if (!(await reopenRun(db, run))) continue;
    ctx.tx.record({ name: 'reseal.due', subject: run.id });
    return done;
  }
  return { kind: 'skipped', reason: 'Nothing is left to seal again.' };
}
