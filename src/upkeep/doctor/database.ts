import { sql } from 'kysely';
import type { Database } from '#platform/postgres';
import { bad, type Check, ok, warn } from './check.ts';

/** An audit row waits at most some seconds to be sealed while a worker runs. */
const longestWaitMinutes = 10;

/** What the database promises and what stands in it. */
export async function checkDatabase(
  db: Database,
  facts: { readonly isOneRole: boolean; readonly now: Date; readonly witnesses: number },
): Promise<readonly Check[]> {
  return [
    await durability(db),
    await checksums(db),
    facts.isOneRole
      ? warn(
          'database-roles',
          'Every part of the bureau connects as the owner of the database, so no table defends itself.',
          'Take FIRSTLIGHT_ONE_DATABASE_ROLE away as soon as the owner may make roles.',
        )
      : ok('database-roles', 'Each part of the bureau connects with the rights that it needs and no others.'),
    await sealing(db, facts.now),
    witnesses(facts.witnesses),
    await staff(db),
    await attention(db),
  ];
}

async function durability(db: Database): Promise<Check> {
  const names = ['fsync', 'full_page_writes', 'synchronous_commit'] as const;
  const wrong: string[] = [];
  for (const name of names) {
    const value = await one<string>(db, sql`select current_setting(${name}) as value`);
    // `remote_apply` and the like wait for even more than `on`.
    const isFine = name === 'synchronous_commit' ? value !== 'off' : value === 'on';
    if (!isFine) wrong.push(`${name} is ${value}`);
  }
  return wrong.length === 0
    ? ok('durability', 'What is acknowledged is on disk before it is acknowledged.')
    : bad(
        'durability',
        `The database may lose what was acknowledged: ${wrong.join(', ')}.`,
        'Set each of them to on in postgresql.conf and restart PostgreSQL.',
      );
}

async function checksums(db: Database): Promise<Check> {
  return (await one<string>(db, sql`select current_setting('data_checksums') as value`)) === 'on'
    ? ok('checksums', 'The database notices when its disk gives back something else than was written.')
    : warn(
        'checksums',
        'The database would not notice a disk that gives back something else than was written.',
        'Stop PostgreSQL and run: pg_checksums --enable.',
      );
}

async function sealing(db: Database, now: Date): Promise<Check> {
  const pending = (await one<number>(db, sql`select count(*)::int as value from access.log_pending`)) ?? 0;
  const last = await one<Date>(db, sql`select max(signed_at) as value from access.log_checkpoint`);
  const says = `${pending} rows of the audit log wait to be sealed; last sealed ${last?.toISOString() ?? 'never'}.`;
  const age = last === undefined ? Number.POSITIVE_INFINITY : (now.getTime() - last.getTime()) / 60_000;
  return pending > 0 && age > longestWaitMinutes
    ? warn(
        'audit-sealing',
        says,
        'Start the bureau with a worker, and look at its log: unsealed rows are not protected from change.',
      )
    : ok('audit-sealing', says);
}

function witnesses(count: number): Check {
  return count > 0
    ? ok(
        'audit-witness',
        `${count} outside ${count === 1 ? 'witness cosigns' : 'witnesses cosign'} the audit log.`,
      )
    : warn(
        'audit-witness',
        'Nobody outside cosigns the audit log, so whoever holds this machine could rewrite all of it.',
        'Agree with another body to run a witness and set FIRSTLIGHT_WITNESSES.',
      );
}

async function staff(db: Database): Promise<Check> {
  const people = await one<number>(
    db,
    sql`select count(*)::int as value from access.staff where disabled_at is null`,
  );
  const without = await one<number>(
    db,
    sql`select count(*)::int as value from access.staff s where disabled_at is null
      and not exists (select from access.passkey p where p.staff_id = s.id and p.removed_at is null and p.suspect_at is null)
      and not exists (select from access.identity i where i.staff_id = s.id)`,
  );
  if ((people ?? 0) === 0) return ok('passkeys', 'Nobody works here yet.');
  return (without ?? 0) === 0
    ? ok('passkeys', 'Everybody signs in by a passkey or by the agency.')
    : warn(
        'passkeys',
        `${without} of ${people} people can only sign in by a link, which can be phished.`,
        'Ask them to register a passkey; set FIRSTLIGHT_SIGN_IN=passkey.',
      );
}

async function attention(db: Database): Promise<Check> {
  const open =
    (await one<number>(
      db,
      sql`select count(*)::int as value from platform.attention where resolved_at is null`,
    )) ?? 0;
  return open === 0
    ? ok('attention', 'No job needs a person.')
    : warn(
        'attention',
        `${open} jobs could not be done and need a person.`,
        'Run: firstlight attention list.',
      );
}

async function one<T>(db: Database, query: ReturnType<typeof sql>): Promise<T | undefined> {
  const { rows } = await query.execute(db.kysely);
  return (rows[0] as { value: T | null } | undefined)?.value ?? undefined;
}
