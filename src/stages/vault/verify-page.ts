import type { Vault } from './open-vault.ts';
import type { SealRow } from './store.ts';
import { type Finding, readSeal } from './verify-seal.ts';

const pageBytes = 512 * 1024 * 1024;
/** So many are read at once: enough to keep the disk busy while one is being decrypted. */
const atOnce = 4;

/** A page that takes no more than moments to read, so that progress shows and little is read twice after a stop. */
export function shortened(page: readonly SealRow[]): readonly SealRow[] {
  let bytes = 0;
  const tooMany = page.findIndex((seal) => {
    bytes += seal.sizeBytes;
    return bytes > pageBytes;
  });
  return tooMany === -1 ? page : page.slice(0, Math.max(1, tooMany));
}

/** Reads every seal of a page from end to end; findings come in the order in which locks are taken. */
export async function readPage(vault: Vault, page: readonly SealRow[]): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const waiting = page.values();
  const reader = async (): Promise<void> => {
    for (const seal of waiting) findings.push(await readSeal(vault, seal));
  };
  await Promise.all(Array.from({ length: atOnce }, reader));
  return findings.sort((one, other) => (one.seal.sha256 < other.seal.sha256 ? -1 : 1));
}
