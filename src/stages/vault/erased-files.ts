import { sql } from 'kysely';
import type { Ctx } from '#access';
import type { FileId, ReportId, Sha256 } from '#base/ids';
import type { Vault } from './open-vault.ts';

/** One file record of a report that lets go of its bytes, and where they stand at this moment. */
export interface LetGoFile {
  readonly fileId: FileId;
  readonly sha256: Sha256;
  /** Every place of its ciphertext, copies that were set aside included; none once destroyed. */
  readonly places: readonly string[];
  /** Another report holds the same bytes, so they stay for that one. */
  readonly isShared: boolean;
}

/** The files of a report after it let go of them: which bytes will be destroyed, and which stay for another report. */
export async function letGoFiles(
  ctx: Ctx,
  input: { readonly reportId: ReportId },
): Promise<readonly LetGoFile[]> {
  const { rows } = await sql<LetGoFile>`
    select own.file_id as "fileId", own.sha256,
      exists (select from vault.holding held where held.sha256 = own.sha256 and held.released_at is null) as "isShared",
      array(select location from vault.seal where sha256 = own.sha256 and location is not null
        union select location from vault.quarantine where sha256 = own.sha256 order by 1) as places
    from vault.holding own where own.report_id = ${input.reportId} order by own.held_at, own.file_id`.execute(
    ctx.tx.db,
  );
  return rows;
}

/**
 * Tries to find again what a report's files were: gives every place at which bytes still stand although nobody holds
 * them, by the database and by the stores themselves. Empty when they are destroyed.
 * @param places where they stood before
 */
export async function bytesLeft(
  ctx: Ctx,
  vault: Vault,
  input: { readonly reportId: ReportId; readonly places: readonly string[] },
): Promise<readonly string[]> {
  const files = await letGoFiles(ctx, input);
  const left = new Set(files.filter(({ isShared }) => !isShared).flatMap(({ places }) => places));
  const kept = new Set(files.filter(({ isShared }) => isShared).flatMap(({ places }) => places));
  const { rows } = await sql<{ store: string }>`
    select distinct store from vault.seal where sha256 in
      (select sha256 from vault.holding where report_id = ${input.reportId})`.execute(ctx.tx.db);
  const stores = new Set([vault.store.id, ...rows.map(({ store }) => store)]);
  for (const id of stores) {
    const store = await vault.stores.byId(id);
    for (const place of input.places) {
      if (!kept.has(place) && (await store.size(place)) !== undefined) left.add(place);
    }
  }
  return [...left];
}
