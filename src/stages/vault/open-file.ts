import { Readable } from 'node:stream';
import type { Ctx } from '#access';
import { IntegrityFault } from '#base/errors';
import type { FileId, Sha256 } from '#base/ids';
import { refuse } from './codes.ts';
import type { Vault } from './open-vault.ts';
import { type OpenSeal, openSeal, plaintextOf } from './read-sealed.ts';
import { findSeal, type SealRow } from './store.ts';
import { findHolding, insertCustody } from './store-custody.ts';

export interface OpenFile {
  readonly fileId: FileId;
  /** The task that the file is opened for; goes into the custody entry. */
  readonly why: string;
  /**
   * Told when the bytes do not match their seal. That is found while reading, when this deed's transaction is long
   * over or is rolled back, so the mark cannot be made here: the caller enqueues `verify-file` for the SHA-256 in a
   * transaction of its own, and that job reads again, marks the seal and brings it to a person.
   */
  readonly onDamage: (sha256: Sha256) => void;
}

/**
 * Opens one file of a report for reading, with a custody entry in the caller's transaction. The stream errors with
 * an IntegrityFault before its last byte when anything does not match; whoever passes it on cuts the answer off.
 * Throws IntegrityFault at once when the bytes are missing.
 */
export async function openFile(ctx: Ctx, vault: Vault, input: OpenFile): Promise<Readable> {
  const { db } = ctx.tx;
  const holding = await findHolding(db, input.fileId);
  if (holding === undefined) throw refuse('vault.unknown-file');
  const seal = await findSeal(db, holding.sha256);
  if (holding.isReleased || seal?.place === undefined) throw refuse('vault.file-destroyed');
  if (seal.isDamaged) throw refuse('vault.file-damaged');
  let open: OpenSeal;
  try {
    open = await openSealWhereItIs(ctx, vault, seal);
  } catch (error) {
    if (error instanceof IntegrityFault) input.onDamage(seal.sha256);
    throw error;
  }
  await insertCustody(db, [
    {
      at: ctx.now,
      sha256: seal.sha256,
      act: 'read',
      actor: ctx.actor,
      reportId: holding.reportId,
      fileId: input.fileId,
      note: input.why,
    },
  ]);
  const stream = Readable.from(plaintextOf(open), { objectMode: false });
  // A stream that is given up before its first byte never runs the generator that would close the bytes.
  stream.once('close', () => open.ciphertext.destroy());
  stream.on('error', (error) => {
    if (error instanceof IntegrityFault) input.onDamage(seal.sha256);
  });
  return stream;
}

/** Bytes that were given another place between the two looks are not missing. */
export async function openSealWhereItIs(ctx: Ctx, vault: Vault, seal: SealRow): Promise<OpenSeal> {
  try {
    return await openSeal(vault, seal);
  } catch (error) {
    if (!(error instanceof IntegrityFault)) throw error;
    const now = await findSeal(ctx.tx.db, seal.sha256);
    if (now?.place === undefined || now.place === seal.place) throw error;
    return await openSeal(vault, now);
  }
}
