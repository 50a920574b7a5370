import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import type { DB } from '#platform/database-types';
import { newToken, newUuid } from '#platform/random';

/** What the data folder says of the bureau that lives in it. All files are readable by their owner only. */

/** A data folder that holds this file is a demonstration: it takes invented reports and says so on every screen. */
const demonstrationMark = 'demonstration';
const addressFile = 'bureau.json';
const machineTokenFile = 'admin-token';

export interface BureauAddress {
  readonly url: string;
  readonly pid: number;
  readonly databaseUrl: string;
  readonly startedAt: string;
}

export async function makeDataFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

export async function isDemonstration(dataFolder: string): Promise<boolean> {
  return (await stat(join(dataFolder, demonstrationMark)).catch(() => undefined)) !== undefined;
}

/** Writes where the running bureau listens, for the command line on this machine. */
export async function writeAddress(dataFolder: string, address: BureauAddress): Promise<void> {
  await writePrivately(join(dataFolder, addressFile), `${JSON.stringify(address, null, 2)}\n`);
}

export async function removeAddress(dataFolder: string): Promise<void> {
  await rm(join(dataFolder, addressFile), { force: true });
}

export async function readAddress(dataFolder: string): Promise<BureauAddress | undefined> {
  const text = await readFile(join(dataFolder, addressFile), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as BureauAddress;
  } catch {
    return undefined;
  }
}

/** The token with which whoever can read the data folder administers this bureau; made at the first start. */
export async function machineToken(dataFolder: string): Promise<string> {
  const path = join(dataFolder, machineTokenFile);
  const known = await readFile(path, 'utf8').catch(() => undefined);
  if (known !== undefined && known.trim().length >= 32) return known.trim();
  const token = newToken();
  await writePrivately(path, `${token}\n`);
  return token;
}

async function writePrivately(path: string, text: string): Promise<void> {
  const draft = `${path}.${newUuid()}`;
  await writeFile(draft, text, { mode: 0o600 });
  await chmod(draft, 0o600);
  await rename(draft, path);
}

/**
 * Records what this bureau is, once. Throws an Error with a clear sentence when the database belongs to a bureau of
 * the other kind: a demonstration never turns into a real one, nor a real one into a demonstration.
 */
export async function settleBureau(
  db: Kysely<DB>,
  facts: { readonly name: string; readonly isDemonstration: boolean; readonly now: Date },
): Promise<void> {
  await db
    .insertInto('platform.bureau')
    .values({ name: facts.name, is_demonstration: facts.isDemonstration, created_at: facts.now })
    .onConflict((oc) => oc.doNothing())
    .execute();
  const row = await db.selectFrom('platform.bureau').selectAll().executeTakeFirstOrThrow();
  if (row.is_demonstration !== facts.isDemonstration) {
    throw new Error(
      row.is_demonstration
        ? 'This database belongs to a demonstration, but the data folder is not marked as one. Choose another FIRSTLIGHT_DATA or DATABASE_URL.'
        : 'This database belongs to a real bureau, but the data folder is marked as a demonstration. Choose another FIRSTLIGHT_DATA or DATABASE_URL.',
    );
  }
}
