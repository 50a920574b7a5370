import type { Kysely } from 'kysely';
import type { DB } from '#platform/database-types';
import { openCheckpoint, parseCheckpoint } from '#proof/checkpoint';
import { type VerifierKey, verifierKeyOf } from '#proof/note';
import type { SigningKey } from '../signing-key.ts';
import { newestCheckpoint } from './store.ts';

/** Whether anything in this database was signed, so that a signing key must be there already. */
export async function hasSigned(db: Kysely<DB>): Promise<boolean> {
  return (await newestCheckpoint(db)) !== undefined;
}

/** @throws Error, with what to restore, when the log in this database was signed by a key that the file does not hold */
export async function refuseForeignLog(db: Kysely<DB>, key: SigningKey, path: string): Promise<void> {
  const newest = await newestCheckpoint(db);
  if (newest === undefined) return;
  const opened = openCheckpoint(newest.note, verifiersOf(key));
  if (opened.kind === 'ok') return;
  const checkpoint = parseCheckpoint(newest.note);
  const signer = checkpoint.kind === 'ok' ? checkpoint.value.note.signatures[0] : undefined;
  const name = signer === undefined ? 'another key' : `the key ${signer.name} (${signer.keyHash})`;
  throw new Error(
    `The audit log in this database is signed by ${name}, which the signing key file ${path} does not hold. ` +
      'Restore the signing key file that belongs to this database from its backup.',
  );
}

export function verifiersOf({ name, published }: SigningKey): readonly VerifierKey[] {
  return published.map(({ publicKey }) => verifierKeyOf(name, publicKey));
}
