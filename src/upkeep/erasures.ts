import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import type { BackupFolder } from './backup-folder.ts';
import type { BackupKeys } from './backup-key.ts';
import { placeIdOf } from './catalogue.ts';
import { isMissing, sizeOf, syncFolder } from './durable-copy.ts';
import { readPartText, writePartText } from './envelope.ts';

/** One row of the bureau's register of erasures, as it stood when it was noted beside the backups. */
export interface NotedErasure {
  readonly id: string;
  readonly reportId: string;
  /** Places of ciphertext that were given up. */
  readonly places: readonly string[];
  /** Every column of the row, by name. */
  readonly row: Readonly<Record<string, unknown>>;
}

const fileForm = /^([0-9a-f-]{36})\.(erased|certified)\.([0-9a-f-]{36})$/;

/**
 * Notes beside the backups what was erased, and removes the erased bytes from them, so that no restore brings either
 * back. Notes only add up. The tables of older backups go with `firstlight backup prune`.
 */
export async function syncErasures(
  folder: BackupFolder,
  keys: BackupKeys,
  client: pg.ClientBase | pg.Pool,
): Promise<{ readonly noted: number; readonly removedFiles: number }> {
  const { rows: found } = await client.query(`select to_regclass('retain.erasure') is not null as there`);
  if (found[0]?.there !== true) return { noted: 0, removedFiles: 0 };
  const { rows } = await client.query<{
    id: string;
    state: string;
    places: readonly string[] | null;
    row: unknown;
  }>(
    `select id::text, state, places, to_jsonb(erasure) as row from retain.erasure where erased_at is not null`,
  );
  const there = new Set((await namesIn(folder)).map((name) => name.split('.').slice(0, 2).join('.')));
  let noted = 0;
  let removedFiles = 0;
  for (const { id, state, places, row } of rows) {
    if (there.has(`${id}.${state}`)) continue;
    for (const place of places ?? []) if (await removeCopy(folder, place)) removedFiles += 1;
    const name = `${id}.${state}.${keys.current.id}`;
    await writePartText(join(folder.erasures, name), keys.current, `erasures/${name}`, JSON.stringify(row));
    noted += 1;
  }
  return { noted, removedFiles };
}

async function removeCopy(folder: BackupFolder, place: string): Promise<boolean> {
  const path = folder.evidence(placeIdOf(place));
  if ((await sizeOf(path)) === undefined) return false;
  await rm(path, { force: true });
  await syncFolder(join(path, '..'));
  return true;
}

/** Everything that was ever noted, the last state of each, by rising report. */
export async function readErasures(folder: BackupFolder, keys: BackupKeys): Promise<readonly NotedErasure[]> {
  const byId = new Map<string, NotedErasure>();
  // `certified` comes before `erased`: what is there first stays.
  const names = [...(await namesIn(folder))];
  for (const name of names.sort((one, other) => stateOf(one).localeCompare(stateOf(other)))) {
    const [, id = '', , keyId = ''] = fileForm.exec(name) ?? [];
    if (byId.has(id)) continue;
    const text = await readPartText(join(folder.erasures, name), keys.byId(keyId), `erasures/${name}`);
    const row = JSON.parse(text) as Record<string, unknown>;
    const places = Array.isArray(row.places) ? row.places.map(String) : [];
    byId.set(id, { id, reportId: String(row.report_id), places, row });
  }
  return [...byId.values()].sort((one, other) => Number(one.reportId) - Number(other.reportId));
}

/** The ids of places that no backup holds any longer, because what stood there was erased. */
export async function erasedPlaceIds(folder: BackupFolder, keys: BackupKeys): Promise<ReadonlySet<string>> {
  const erasures = await readErasures(folder, keys);
  return new Set(erasures.flatMap(({ places }) => places.map(placeIdOf)));
}

async function namesIn(folder: BackupFolder): Promise<readonly string[]> {
  const names = await readdir(folder.erasures).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  return names.filter((name) => fileForm.test(name));
}

function stateOf(name: string): string {
  return fileForm.exec(name)?.[2] ?? '';
}

/** Only what was certified can be erased again by its certificate; what was not was still in the database then. */
export function certifiedOf(erasures: readonly NotedErasure[]): readonly {
  readonly erasureId: string;
  readonly reportId: string;
  readonly places: readonly string[];
  readonly certificate: string;
}[] {
  return erasures.flatMap(({ id, reportId, places, row }) =>
    typeof row.certificate === 'string'
      ? [{ erasureId: id, reportId, places, certificate: row.certificate }]
      : [],
  );
}
