import type { Ctx } from '#access';
import type { Sha256 } from '#base/ids';
import type { Vault } from './open-vault.ts';
import { countSeals, knownPlaces, sealsAfter } from './store.ts';
import { readPage, shortened } from './verify-page.ts';
import { type Finding, recordFindings } from './verify-seal.ts';

/** How far a run has come. The last one that a run gives is its result. */
export interface VerifyProgress {
  readonly checked: number;
  /** Seals with bytes when the run began. */
  readonly total: number;
  /** Plaintext bytes that were read. */
  readonly sizeBytes: number;
  /** Every damaged seal found so far. */
  readonly damaged: readonly Damage[];
}

interface Damage {
  readonly sha256: Sha256;
  readonly reason: string;
}

/** Runs a deed in one committed transaction; the caller says as whom. */
export type RunDeed = <T>(work: (ctx: Ctx) => Promise<T>) => Promise<T>;

/** Seals of one page are found and written down in one short transaction each; reading them holds none. */
const pageSeals = 64;

/**
 * Reads every seal from end to end, by rising SHA-256, and writes down what was found, page by page. A run that is
 * cut off has written down the pages before. Seals that come while it runs are read when their turn has not passed.
 */
export async function* verifyAll(vault: Vault, run: RunDeed): AsyncGenerator<VerifyProgress> {
  const total = await run((ctx) => countSeals(ctx.tx.db));
  const damaged: Damage[] = [];
  let checked = 0;
  let sizeBytes = 0;
  let after = '';
  for (;;) {
    const page = shortened(await run((ctx) => sealsAfter(ctx.tx.db, after, pageSeals)));
    const last = page.at(-1);
    if (last === undefined) break;
    const findings = await readPage(vault, page);
    damaged.push(...(await run((ctx) => recordPage(ctx, findings))));
    checked += page.length;
    sizeBytes += page.reduce((sum, seal) => sum + seal.sizeBytes, 0);
    after = last.sha256;
    yield { checked, total: Math.max(total, checked), sizeBytes, damaged: [...damaged] };
  }
  if (checked === 0) yield { checked, total, sizeBytes, damaged };
}

async function recordPage(ctx: Ctx, findings: readonly Finding[]): Promise<readonly Damage[]> {
  const verdicts = await recordFindings(ctx, findings);
  return findings.flatMap(({ seal, damage }, index) =>
    verdicts[index] === 'damaged' ? [{ sha256: seal.sha256, reason: damage ?? '' }] : [],
  );
}

const strayPage = 500;

/**
 * Places in the store that no seal and no upload knows of: what a power cut or a database from an older backup
 * leaves. They are named, never removed: after such a restore they may be the only copy of newer evidence.
 */
export async function* findStrays(vault: Vault, run: RunDeed): AsyncGenerator<string> {
  let page: string[] = [];
  for await (const place of vault.store.list()) {
    page.push(place);
    if (page.length === strayPage) {
      yield* straysAmong(vault, run, page);
      page = [];
    }
  }
  yield* straysAmong(vault, run, page);
}

async function* straysAmong(vault: Vault, run: RunDeed, page: readonly string[]): AsyncGenerator<string> {
  if (page.length === 0) return;
  const known = await run((ctx) => knownPlaces(ctx.tx.db, page));
  for (const place of page) {
    // A place that was swept since it was listed is not a stray.
    if (!known.has(place) && (await vault.store.size(place)) !== undefined) yield place;
  }
}
