import type { Ctx } from '#access';
import type { ReportId } from '#base/ids';
import type { Vault } from './open-vault.ts';
import type { StagedBytes } from './stage-bytes.ts';
import { deleteIncoming } from './store.ts';
import { insertCustody } from './store-custody.ts';
import { insertTombstones } from './store-parts.ts';

export interface RefuseStaged {
  readonly staged: StagedBytes;
  readonly reportId: ReportId;
  /** The refusal's code, or `failed`. */
  readonly code: string;
}

/**
 * Removes staged bytes that a request brought whole and that were refused; a tombstone and a custody entry say what
 * they were and why they are not kept. Safe to call whatever became of them: bytes whose sealing was committed, or is
 * being committed right now, are left alone.
 */
export async function refuseStaged(ctx: Ctx, vault: Vault, input: RefuseStaged): Promise<void> {
  const { staged, reportId, code } = input;
  const { tx, actor, now: at } = ctx;
  if (!(await deleteIncoming(tx.db, staged.location))) return;
  const { sha256, sha1, md5, sizeBytes } = staged;
  if (sizeBytes > 0) {
    await insertTombstones(tx.db, [
      {
        at,
        reason: 'refused',
        note: code,
        reportId,
        digests: { sha256, sha1, md5 },
        sizeBytes,
        receivedAt: at,
        actor,
      },
    ]);
    const note = `These bytes were sent, refused (${code}) and not kept.`;
    await insertCustody(tx.db, [{ at, sha256, act: 'destroyed', actor, reportId, note }]);
  }
  await (await vault.stores.byId(staged.storeId)).remove(staged.location);
}
