import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { StaffActor } from '#access';
import type { ReportId, StaffId } from '#base/ids';
import type { Role } from '#contract/administration';
import type { DB } from '#platform/database-types';

/**
 * Builders of rows that tests start from: everything has a default, a test names only what matters to it. Invented
 * people, `.example` domains, addresses of RFC 5737 and Ofcom's drama numbers only.
 */

/** A member of staff who exists in the database and can act. */
export async function aStaffMember(
  db: Kysely<DB>,
  options: { name?: string; roles?: readonly Role[] } = {},
): Promise<StaffActor> {
  const id = randomUUID() as StaffId;
  const roles = options.roles ?? ['triage-officer'];
  const name = options.name ?? `Officer ${id.slice(0, 8)}`;
  await sql`insert into access.staff (id, name, roles, created_at) values (${id}, ${name}, ${roles}, now())`.execute(
    db,
  );
  return { kind: 'staff', id, name, roles: [...roles] };
}

/** A service that may send. @returns its id */
export async function aProvider(
  db: Kysely<DB>,
  options: { name?: string; environment?: 'production' | 'sandbox' } = {},
): Promise<string> {
  const id = randomUUID();
  await sql`
    insert into access.provider (id, name, environment, created_at)
    values (${id}, ${options.name ?? `service-${id.slice(0, 8)}.example`}, ${options.environment ?? 'production'}, now())`.execute(
    db,
  );
  return id;
}

interface BuiltIdentifier {
  readonly kind: string;
  readonly value: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

interface BuiltParty {
  readonly role: string;
  readonly identifiers?: readonly BuiltIdentifier[];
}

interface BuiltFile {
  readonly sha256?: string;
  readonly originalFileName?: string;
  readonly isViewedByProvider?: boolean;
  readonly annotations?: readonly string[];
  readonly identifiers?: readonly BuiltIdentifier[];
  readonly sent?: unknown;
}

export interface ReportOverrides {
  readonly providerId?: string;
  readonly environment?: 'production' | 'sandbox';
  readonly state?: 'open' | 'filed' | 'retracted' | 'expired';
  readonly filedAt?: Date;
  readonly incidentType?: string;
  readonly escalation?: string;
  readonly declaredPriority?: 1 | 2 | 3;
  readonly batchReason?: string;
  readonly annotations?: readonly string[];
  readonly parties?: readonly BuiltParty[];
  readonly files?: readonly BuiltFile[];
  readonly sent?: unknown;
  readonly warnings?: readonly unknown[];
  readonly duplicateOf?: string;
  readonly reference?: string;
}

/** A report as intake leaves it, filed unless said otherwise, with its parties, identifiers, files and their seals. */
export async function aFiledReport(
  db: Kysely<DB>,
  overrides: ReportOverrides = {},
): Promise<{ id: ReportId; reference: string; providerId: string; fileIds: string[] }> {
  const environment = overrides.environment ?? 'production';
  const providerId = overrides.providerId ?? (await aProvider(db, { environment }));
  const state = overrides.state ?? 'filed';
  const filedAt = overrides.filedAt ?? new Date('2026-11-24T09:00:00Z');
  const reference = overrides.reference ?? `FL-${randomBytes(6).toString('hex').toUpperCase()}`;
  const parties = overrides.parties ?? [];
  const files = overrides.files ?? [];
  const sent = overrides.sent ?? { name: 'report', children: [{ name: 'incidentSummary', children: [] }] };
  const isOver = state === 'retracted' || state === 'expired';
  const { rows } = await sql<{ id: ReportId }>`
    insert into intake.report (reference, provider_id, environment, door, profile, state, opened_at, modified_at,
      expires_at, filed_at, ended_at, incident_type, incident_at, escalation, declared_priority, annotations,
      batch_reason, is_synthetic, sent, warnings, document_sha256, file_count, incident_count, duplicate_of)
    values (${state === 'filed' ? reference : null}, ${providerId}, ${environment}, 'ispws', 'cybertip', ${state},
      ${filedAt}, ${filedAt}, ${state === 'open' ? filedAt : null}, ${state === 'filed' ? filedAt : null},
      ${isOver ? filedAt : null},
      ${overrides.incidentType ?? 'Child Pornography (possession, manufacture, and distribution)'},
      ${new Date(filedAt.getTime() - 3_600_000)}, ${overrides.escalation ?? null},
      ${overrides.declaredPriority ?? null}, ${overrides.annotations ?? []}, ${overrides.batchReason ?? null}, true,
      ${isOver ? null : JSON.stringify(sent)}, ${JSON.stringify(overrides.warnings ?? [])}, ${randomSha256()},
      ${files.length}, ${Math.max(1, parties.filter((party) => party.role === 'reported-user').length)},
      ${overrides.duplicateOf ?? null})
    returning id`.execute(db);
  const id = rows[0]!.id;
  let position = 0;
  for (const [index, party] of parties.entries()) {
    await sql`
      insert into intake.party (report_id, position, role, path)
      values (${id}, ${index + 1}, ${party.role}, ${`report/${party.role}[${index + 1}]`})`.execute(db);
    for (const one of party.identifiers ?? []) {
      position += 1;
      await addIdentifier(db, id, position, one, { party: index + 1 });
    }
  }
  const fileIds: string[] = [];
  for (const [index, file] of files.entries()) {
    const fileId = await addFile(db, id, index + 1, file, filedAt);
    fileIds.push(fileId);
    for (const one of file.identifiers ?? []) {
      position += 1;
      await addIdentifier(db, id, position, one, { file: fileId });
    }
  }
  return { id, reference, providerId, fileIds };
}

async function addIdentifier(
  db: Kysely<DB>,
  reportId: string,
  position: number,
  one: BuiltIdentifier,
  of: { party?: number; file?: string },
): Promise<void> {
  await sql`
    insert into intake.identifier
      (report_id, position, party_position, file_id, kind, value, path, line, attributes)
    values (${reportId}, ${position}, ${of.party ?? null}, ${of.file ?? null}, ${one.kind}, ${one.value},
      ${`report/identifier[${position}]`}, ${position}, ${JSON.stringify(one.attributes ?? {})})`.execute(db);
}

async function addFile(
  db: Kysely<DB>,
  reportId: string,
  position: number,
  file: BuiltFile,
  at: Date,
): Promise<string> {
  const id = `f${randomBytes(16).toString('hex').slice(1)}`;
  const sha256 = file.sha256 ?? randomSha256();
  const md5 = sha256.slice(0, 32);
  await sql`
    insert into vault.seal (sha256, md5, sha1, size_bytes, media_type, location, key_id, sealed_at)
    values (${sha256}, ${md5}, ${sha256.slice(0, 40)}, 1234, 'image/png', ${randomUUID()}, 'test', ${at})
    on conflict do nothing`.execute(db);
  await sql`
    insert into vault.holding (sha256, file_id, report_id, held_at) values (${sha256}, ${id}, ${reportId}, ${at})`.execute(
    db,
  );
  await sql`
    insert into vault.custody (at, sha256, act, actor_kind, actor_id, report_id, file_id)
    values (${at}, ${sha256}, 'received', 'system', 'test', ${reportId}, ${id})`.execute(db);
  await sql`
    insert into intake.report_file (id, report_id, position, sha256, md5, size_bytes, upload_name, received_at,
      original_file_name, is_viewed_by_provider, annotations, sent)
    values (${id}, ${reportId}, ${position}, ${sha256}, ${md5}, 1234, ${`upload-${position}.png`}, ${at},
      ${file.originalFileName ?? null}, ${file.isViewedByProvider ?? null}, ${file.annotations ?? []},
      ${file.sent === undefined ? null : JSON.stringify(file.sent)})`.execute(db);
  return id;
}

function randomSha256(): string {
  return createHash('sha256').update(randomBytes(16)).digest('hex');
}
