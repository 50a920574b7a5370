import type { Ctx } from '#access';
import type { Sha256 } from '#base/ids';
import type { Vault } from './open-vault.ts';
import { countSeals, knownPlaces, type SealRow, sealsAfter } from './store.ts';
import { type Finding, readSeal, recordFindings } from './verify-seal.ts';

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
const pageBytes = 512 * 1024 * 1024;
/** So many are read at once: enough to keep the disk busy while one is being decrypted. */
const atOnce = 4;

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

/** A page that takes no more than moments to read, so that progress shows and little is read twice after a stop. */
function shortened(page: readonly SealRow[]): readonly SealRow[] {
  let bytes = 0;
  const tooMany = page.findIndex((seal) => {
    bytes += seal.sizeBytes;
    return bytes > pageBytes;
  });
  return tooMany === -1 ? page : page.slice(0, Math.max(1, tooMany));
}

async function recordPage(ctx: Ctx, findings: readonly Finding[]): Promise<readonly Damage[]> {
  const verdicts = await recordFindings(ctx, findings);
  return findings.flatMap(({ seal, damage }, index) =>
    verdicts[index] === 'damaged' ? [{ sha256: seal.sha256, reason: damage ?? '' }] : [],
  );
}

async function readPage(vault: Vault, page: readonly SealRow[]): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const waiting = page.values();
  const reader = async (): Promise<void> => {
    for (const seal of waiting) findings.push(await readSeal(vault, seal));
  };
  await Promise.all(Array.from({ length: atOnce }, reader));
  // In the order in which locks are taken.
  return findings.sort((one, other) => (one.seal.sha256 < other.seal.sha256 ? -1 : 1));
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
