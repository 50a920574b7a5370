import type { Kysely } from 'kysely';
import type { DB } from '#platform/database-types';
import { readPrivate, removePrivate, replacePrivate } from '#platform/private-file';
import { type Checkpoint, parseCheckpoint } from '#proof/checkpoint';
import { emptyRoot, isSame } from '#proof/merkle';
import { hashesOf } from '#proof/tiles';
import * as store from './store.ts';

/**
 * The newest checkpoint that this machine saw, in a file of its own outside the database: a database that was set
 * back to an older state cannot set it back too.
 */
export interface Anchor {
  readonly read: () => Promise<Checkpoint | undefined>;
  readonly write: (note: string) => Promise<void>;
  readonly forget: () => Promise<void>;
}

/** @param path in the data folder. A file that cannot be read counts as none: then the database has no second witness here. */
export function openAnchor(path: string): Anchor {
  return {
    read: async () => {
      const text = await readPrivate(path);
      const parsed = text === undefined ? undefined : parseCheckpoint(text);
      if (parsed?.kind === 'bad')
        throw new Error(
          `The file ${path} is damaged: ${parsed.reason} Restore it from its backup; it tells whether the database was set back.`,
        );
      return parsed?.value;
    },
    write: async (note) => await replacePrivate(path, note),
    forget: async () => await removePrivate(path),
  };
}

export type Standing =
  /** The log holds everything that this machine saw, or this machine saw nothing yet. */
  | { readonly kind: 'continues' }
  | { readonly kind: 'set-back'; readonly size: number; readonly seen: number }
  | { readonly kind: 'rewritten'; readonly size: number; readonly seen: number };

/** Compares what the database holds with what this machine saw. */
export async function standingOf(db: Kysely<DB>, seen: Checkpoint | undefined): Promise<Standing> {
  if (seen === undefined) return { kind: 'continues' };
  const newest = await store.newestCheckpoint(db);
  const size = newest?.size ?? 0;
  if (size < seen.size) return { kind: 'set-back', size, seen: seen.size };
  const root = size === seen.size && newest !== undefined ? newest.root : await rootAt(db, seen.size, size);
  return isSame(root, seen.root) ? { kind: 'continues' } : { kind: 'rewritten', size, seen: seen.size };
}

/** The root over the first entries, from the stored hashes; the empty root where they are not there. */
async function rootAt(db: Kysely<DB>, size: number, of: number): Promise<Buffer> {
  const [root = emptyRoot] = await hashesOf([{ start: 0, end: size }], of, store.tileReader(db)).catch(
    () => [],
  );
  return root;
}

/** What is wrong, and what to do, in sentences for a person; undefined where nothing is. */
export function sentenceOf(standing: Standing): string | undefined {
  if (standing.kind === 'continues') return undefined;
  const next =
    'Nothing is sealed until this is settled. Restore the newest backup; if what is missing is lost for good, run "firstlight audit accept-loss".';
  if (standing.kind === 'set-back')
    return `The database was set back: its audit log holds ${standing.size} entries, and this bureau had signed ${standing.seen}. ${next}`;
  return `The audit log was rewritten: its first ${standing.seen} entries are not those that this bureau signed. ${next}`;
}
