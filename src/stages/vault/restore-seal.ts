import type { Readable } from 'node:stream';
import { pipeline, Readable as ReadableStream } from 'node:stream';
import type { Kysely } from 'kysely';
import type { Ctx } from '#access';
import { Refusal } from '#base/errors';
import type { Sha256 } from '#base/ids';
import type { DB } from '#platform/database-types';
import { refuse } from './codes.ts';
import { decryptionOfAny } from './encryption.ts';
import type { Vault } from './open-vault.ts';
import { setAside } from './set-aside.ts';
import { type StagedBytes, stageBytes } from './stage-bytes.ts';
import { deleteIncoming, findSeal, lockSeal, replaceBytes } from './store.ts';
import { insertCustody } from './store-custody.ts';

/**
 * Takes a sealed file as it stood in a store, from a backup, and stages what is in it: decrypted in memory with
 * whatever key of the bureau it names, every frame authenticated, encrypted anew under the current key. Runs outside
 * any transaction. Refuses `vault.not-a-sealed-file` for anything else, also when a single bit is wrong.
 * @param sha256 what the file should hold; compared by {@link restoreSeal}
 */
export async function stageSealedCopy(
  vault: Vault,
  db: Kysely<DB>,
  sealed: Readable,
  input: { readonly sha256: Sha256; readonly now: Date },
): Promise<StagedBytes> {
  const seal = await findSeal(db, input.sha256);
  if (seal === undefined) throw refuse('vault.unknown-file');
  const ids = [...new Set([seal.keyId, ...vault.keys.ids])];
  const keys = await Promise.all(
    ids.map(async (id) => await vault.keys.forOpening(id).catch(() => undefined)),
  );
  const held = keys.filter((key) => key !== undefined);
  let sourceError: unknown;
  const source = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield* sealed as AsyncIterable<Uint8Array>;
    } catch (error) {
      sourceError = error;
      throw error;
    }
  };
  const plaintext = async function* (): AsyncGenerator<Buffer> {
    // Begun only when it is read: the library's stream tells nobody of an error that came before.
    const clear = decryptionOfAny(held);
    pipeline(source, clear, () => undefined);
    try {
      yield* clear as AsyncIterable<Buffer>;
    } catch (error) {
      const outage = held.map((key) => key.outage()).find((each) => each !== undefined);
      if (outage !== undefined) throw outage;
      if (sourceError !== undefined) throw sourceError;
      throw error instanceof Refusal ? error : refuse('vault.not-a-sealed-file');
    }
  };
  return await stageBytes(vault, db, ReadableStream.from(plaintext(), { objectMode: false }), input.now);
}

/**
 * Gives a damaged or lost file its bytes back. They were staged by {@link stageSealedCopy}, or by whoever has the
 * original; only bytes whose SHA-256 is the seal's are taken. The damaged copy is set aside.
 * Records `file.restored`, whose job reads the file once more and closes its item on the list "needs attention".
 */
export async function restoreSeal(
  ctx: Ctx,
  vault: Vault,
  input: { readonly sha256: Sha256; readonly staged: StagedBytes },
): Promise<void> {
  const { db } = ctx.tx;
  const { sha256, staged } = input;
  if (staged.sha256 !== sha256) throw refuse('vault.other-bytes');
  if (!(await deleteIncoming(db, staged.location))) throw refuse('vault.staging-lost');
  const seal = await lockSeal(db, sha256);
  if (seal === undefined) throw refuse('vault.unknown-file');
  if (seal.place === undefined) throw refuse('vault.file-destroyed');
  const standing = await (await vault.stores.byId(seal.store)).size(seal.place);
  if (!seal.isDamaged && standing !== undefined) throw refuse('vault.file-sound');
  const { location, storeId, ...facts } = staged;
  await setAside(ctx, vault, seal);
  await replaceBytes(db, { ...facts, store: storeId, place: location, sealedAt: ctx.now });
  const note = 'Restored from a copy whose SHA-256 is that of the seal.';
  await insertCustody(db, [{ at: ctx.now, sha256, act: 'restored', actor: ctx.actor, note }]);
  ctx.tx.record({ name: 'file.restored', subject: sha256 });
}
