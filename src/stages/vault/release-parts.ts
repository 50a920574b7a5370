import { sql } from 'kysely';
import type { Ctx } from '#access';
import type { ReportId } from '#base/ids';
import type { StagedPart } from './stage-part.ts';
import { abandonPlaces, deleteParts, insertTombstones } from './store-parts.ts';

/**
 * Lets the parts of uploads go that will never be whole, with a tombstone for each that had any; the next sweep
 * removes the bytes.
 */
export async function releaseParts(
  ctx: Ctx,
  input: { readonly uploadIds: readonly string[]; readonly reportId: ReportId; readonly note: string },
): Promise<void> {
  const { uploadIds, reportId, note } = input;
  if (uploadIds.length === 0) return;
  const { rows } = await sql<{ upload_id: string; size_bytes: string; received_at: Date }>`
    select upload_id, sum(size_bytes) as size_bytes, max(received_at) as received_at
    from vault.part where upload_id = any(${[...uploadIds]}) group by upload_id order by upload_id`.execute(
    ctx.tx.db,
  );
  await insertTombstones(
    ctx.tx.db,
    rows.map((row) => ({
      at: ctx.now,
      reason: 'ended',
      note,
      reportId,
      uploadId: row.upload_id,
      sizeBytes: Number(row.size_bytes),
      receivedAt: row.received_at,
      actor: ctx.actor,
    })),
  );
  await deleteParts(ctx.tx.db, uploadIds);
}

/**
 * Lets the parts of an upload go whose bytes are sealed as one file now.
 * @param input.loose staged parts that the upload never took and no longer needs
 */
export async function dropParts(
  ctx: Ctx,
  input: { readonly uploadId: string; readonly loose: readonly StagedPart[] },
): Promise<void> {
  await deleteParts(ctx.tx.db, [input.uploadId]);
  await abandonPlaces(
    ctx.tx.db,
    input.loose.map((part) => part.place),
  );
}
