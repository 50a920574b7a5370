import { Readable } from 'node:stream';
import { type Kysely, sql } from 'kysely';
import type { Ctx } from '#access';
import type { Sha256 } from '#base/ids';
import type { DB } from '#platform/database-types';
import { openSealWhereItIs } from './open-file.ts';
import type { Vault } from './open-vault.ts';
import { plaintextOf } from './read-sealed.ts';
import { findSeal } from './store.ts';
import { insertCustody } from './store-custody.ts';

/** Bytes that are open for a look of the bureau's own, whoever holds them. */
export interface OpenSealed {
  readonly bytes: Readable;
  readonly sizeBytes: number;
}

/**
 * Opens sealed bytes by their SHA-256, for work that is about the bytes and not about one report, with a custody
 * entry in the caller's transaction. Undefined where they are destroyed or known to be damaged. The stream errors with
 * an IntegrityFault before its last byte when anything does not match; missing bytes throw one at once. The caller
 * then runs `verifySeal`, which marks the seal.
 * @param why the task, for the custody entry
 */
export async function openSealed(
  ctx: Ctx,
  vault: Vault,
  input: { readonly sha256: Sha256; readonly why: string },
): Promise<OpenSealed | undefined> {
  const { db } = ctx.tx;
  const seal = await findSeal(db, input.sha256);
  if (seal?.place === undefined || seal.isDamaged) return undefined;
  const open = await openSealWhereItIs(ctx, vault, seal);
  await insertCustody(db, [
    { at: ctx.now, sha256: seal.sha256, act: 'read', actor: ctx.actor, note: input.why },
  ]);
  const bytes = Readable.from(plaintextOf(open), { objectMode: false });
  bytes.once('close', () => open.ciphertext.destroy());
  return { bytes, sizeBytes: seal.sizeBytes };
}

/** When each of these came to the bureau for the first time: its oldest custody entry, which nobody can take away. */
export async function firstReceived(
  db: Kysely<DB>,
  sha256s: readonly Sha256[],
): Promise<ReadonlyMap<Sha256, Date>> {
  if (sha256s.length === 0) return new Map();
  const { rows } = await sql<{ sha256: Sha256; at: Date }>`
    select wanted.sha256, first.at from unnest(${[...sha256s]}::text[]) as wanted (sha256)
    cross join lateral (
      select at from vault.custody where custody.sha256 = wanted.sha256 and act = 'received' order by id limit 1
    ) first`.execute(db);
  return new Map(rows.map(({ sha256, at }) => [sha256, at]));
}
