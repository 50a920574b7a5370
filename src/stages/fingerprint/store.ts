import { type Kysely, sql } from 'kysely';
import type { Sha256 } from '#base/ids';
import type { PictureHash, Verdict } from '#decoder';
import type { DB } from '#platform/database-types';

/** Fingerprints, hashes and facts. Rows are locked by rising SHA-256. */
type Db = Kysely<DB>;

export interface KeptVerdict {
  readonly sha256: Sha256;
  readonly verdict: Verdict;
  readonly firstSeenAt: Date;
}

const reasonBytes = 400;

/** Keeps verdicts in the place of earlier ones about the same bytes. When they were first seen only ever moves back. */
export async function keepVerdicts(
  db: Db,
  verdicts: readonly KeptVerdict[],
  { at, version }: { readonly at: Date; readonly version: string },
): Promise<void> {
  if (verdicts.length === 0) return;
  const sorted = [...verdicts].sort((one, other) => (one.sha256 < other.sha256 ? -1 : 1));
  await db
    .insertInto('fingerprint.file')
    .values(sorted.map((each) => fileRow(each, at, version)))
    .onConflict((oc) =>
      oc.column('sha256').doUpdateSet((eb) => ({
        state: eb.ref('excluded.state'),
        reason: eb.ref('excluded.reason'),
        media_type: eb.ref('excluded.media_type'),
        width: eb.ref('excluded.width'),
        height: eb.ref('excluded.height'),
        frames: eb.ref('excluded.frames'),
        is_partial: eb.ref('excluded.is_partial'),
        first_seen_at: sql<Date>`least(file.first_seen_at, excluded.first_seen_at)`,
        version: eb.ref('excluded.version'),
        fingerprinted_at: eb.ref('excluded.fingerprinted_at'),
      })),
    )
    .execute();
  const sha256s = sorted.map(({ sha256 }) => sha256);
  await db.deleteFrom('fingerprint.picture_hash').where('sha256', 'in', sha256s).execute();
  await db.deleteFrom('fingerprint.fact').where('sha256', 'in', sha256s).execute();
  const hashes = sorted.flatMap(({ sha256, verdict }) =>
    verdict.kind === 'picture' ? verdict.hashes.map((hash) => hashRow(sha256, hash, version)) : [],
  );
  if (hashes.length > 0) await db.insertInto('fingerprint.picture_hash').values(hashes).execute();
  const facts = sorted.flatMap(({ sha256, verdict }) =>
    verdict.kind === 'picture' ? verdict.facts.map((fact) => ({ sha256, ...fact })) : [],
  );
  if (facts.length > 0) await db.insertInto('fingerprint.fact').values(facts).execute();
}

function fileRow({ sha256, verdict, firstSeenAt }: KeptVerdict, at: Date, version: string) {
  const isPicture = verdict.kind === 'picture';
  return {
    sha256,
    state: isPicture ? 'done' : verdict.kind,
    reason: isPicture ? null : verdict.reason.slice(0, reasonBytes),
    media_type: verdict.mediaType,
    width: isPicture ? verdict.width : null,
    height: isPicture ? verdict.height : null,
    frames: isPicture ? verdict.frames : null,
    is_partial: isPicture && verdict.isPartial,
    first_seen_at: firstSeenAt,
    version,
    fingerprinted_at: at,
  };
}

function hashRow(sha256: Sha256, hash: PictureHash, version: string) {
  const orientations = Buffer.from(Object.values(hash.orientations).join(''), 'hex');
  return { sha256, algorithm: 'pdq', variant: hash.variant, version, quality: hash.quality, orientations };
}

/** What is known of one file's bytes; undefined where nobody looked yet. */
export async function findState(
  db: Db,
  sha256: Sha256,
): Promise<{ readonly state: string; readonly version: string } | undefined> {
  return await db
    .selectFrom('fingerprint.file')
    .select(['state', 'version'])
    .where('sha256', '=', sha256)
    .executeTakeFirst();
}

/** Takes away what files said of themselves whose bytes are destroyed. Gives how many facts went. */
export async function deleteLeftFacts(db: Db): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from fingerprint.fact where exists (
      select from vault.seal where seal.sha256 = fact.sha256 and seal.destroyed_at is not null)`.execute(db);
  return Number(numAffectedRows ?? 0n);
}

/** The same for the bytes that a report lets go of. */
export async function deleteFacts(db: Db, sha256s: readonly Sha256[]): Promise<number> {
  if (sha256s.length === 0) return 0;
  const { numDeletedRows } = await db
    .deleteFrom('fingerprint.fact')
    .where('sha256', 'in', [...sha256s])
    .executeTakeFirst();
  return Number(numDeletedRows);
}
