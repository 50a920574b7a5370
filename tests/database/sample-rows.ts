import { randomBytes, randomUUID } from 'node:crypto';
import type { Database } from '#platform/postgres';

/** One service with one row in every table whose rows belong to services. Invented, like everything in tests. */
export interface SampleService {
  readonly providerId: string;
  readonly environment: 'production' | 'sandbox';
  readonly reportId: string;
  readonly uploadId: string;
  readonly sha256: string;
}

const at = "'2026-11-24T12:00:00Z'";

/** Writes the rows as the owner. */
export async function addSampleService(
  db: Database,
  environment: SampleService['environment'],
): Promise<SampleService> {
  const providerId = randomUUID();
  await db.pool.query(
    `insert into access.provider (id, name, environment, created_at) values ($1, $2, $3, ${at})`,
    [providerId, `Harbour Chat ${providerId}`, environment],
  );
  const { rows } = await db.pool.query<{ id: string }>(
    `insert into intake.report (provider_id, environment, door, profile, state, reference, opened_at, modified_at,
      filed_at, incident_type, incident_at, is_synthetic, document_sha256, incident_count)
    values ($1, $2, 'v1', 'uk', 'filed', $3, ${at}, ${at}, ${at}, 'label', ${at}, true, 'x', 1) returning id`,
    [providerId, environment, randomUUID()],
  );
  const service: SampleService = {
    providerId,
    environment,
    reportId: rows[0]?.id ?? '',
    uploadId: randomBytes(16).toString('hex'),
    sha256: randomBytes(32).toString('hex'),
  };
  for (const [table, sql] of Object.entries(sampleRows(service))) {
    await db.pool.query(sql).catch((cause: unknown) => {
      throw new Error(`no sample row for ${table}`, { cause });
    });
  }
  return service;
}

/** Table to the statement that adds one row of this service. The report and the service are there already. */
export function sampleRows(service: SampleService): Readonly<Record<string, string>> {
  const { providerId, environment, reportId, uploadId, sha256 } = service;
  const [fileId, otherFileId] = [`a${randomBytes(16).toString('hex').slice(1)}`, randomUUID()];
  const position = Math.floor(Math.random() * 1e9) + 1;
  const by = `'provider', '${providerId}'`;
  return {
    'intake.document': `insert into intake.document (report_id, kind, media_type, body, sha256, received_at)
      values (${reportId}, 'report', 'application/json', 'x', 'x', ${at})`,
    'intake.incident': `insert into intake.incident (report_id, position) values (${reportId}, ${position})`,
    'intake.party': `insert into intake.party (report_id, position, role, path) values (${reportId}, ${position}, 'x', 'x')`,
    'intake.identifier': `insert into intake.identifier (report_id, position, kind, value, path)
      values (${reportId}, ${position}, 'email', 'somebody@mail.example', 'x')`,
    'intake.report_file': `insert into intake.report_file (id, report_id, position, sha256, md5, size_bytes, received_at)
      values ('${fileId}', ${reportId}, ${position}, '${sha256}', 'x', 1, ${at})`,
    'intake.idempotency': `insert into intake.idempotency (provider_id, key, request_sha256, status, body, created_at)
      values ('${providerId}', '${otherFileId}', 'x', 201, '{}', ${at})`,
    'intake.receipt': `insert into intake.receipt (report_id, provider_id, made_at, key_id, body)
      values (${reportId}, '${providerId}', ${at}, 'x', 'x')`,
    'intake.upload': `insert into intake.upload (id, report_id, provider_id, state, opened_at, modified_at)
      values ('${uploadId}', ${reportId}, '${providerId}', 'open', ${at}, ${at})`,
    'vault.seal': `insert into vault.seal (sha256, md5, sha1, size_bytes, location, key_id, sealed_at)
      values ('${sha256}', repeat('a', 32), repeat('a', 40), 1, '${otherFileId}', 'x', ${at})`,
    'vault.holding': `insert into vault.holding (sha256, file_id, report_id, held_at)
      values ('${sha256}', '${fileId}', ${reportId}, ${at})`,
    'vault.part': `insert into vault.part (upload_id, position, location, key_id, size_bytes, received_at)
      values ('${uploadId}', ${position}, '${otherFileId}', 'x', 1, ${at})`,
    'vault.custody': `insert into vault.custody (at, sha256, act, actor_kind, actor_id, report_id)
      values (${at}, '${sha256}', 'received', ${by}, ${reportId})`,
    'vault.tombstone': `insert into vault.tombstone (at, reason, note, size_bytes, received_at, actor_kind, actor_id)
      values (${at}, 'refused', 'x', 1, ${at}, ${by})`,
    'access.audit': `insert into access.audit (at, actor_kind, actor_id, actor_name, action, outcome)
      values (${at}, ${by}, 'x', 'open-report', 'done')`,
    'assess.assessment': `insert into assess.assessment (report_id, urgency, urgency_reasons, completeness, present, missing, rules_version, assessed_at)
      values (${reportId}, 1, '[]', 1, '[]', '[]', 'x', ${at})`,
    'assess.line_entry': `insert into assess.line_entry (report_id, provider_id, environment, urgency, filed_at, state, changed_at)
      values (${reportId}, '${providerId}', '${environment}', 1, ${at}, 'waiting', ${at})`,
    'assess.decision': `insert into assess.decision (id, report_id, kind, decided_by, decided_at)
      values ('${randomUUID()}', ${reportId}, 'refer', '${randomUUID()}', ${at})`,
    'assess.look': `insert into assess.look (environment, report_id, lane, urgency, score, filed_at, looked_by, looked_at)
      values ('${environment}', ${reportId}, 'chosen', 4, 0, ${at}, gen_random_uuid(), ${at})`,
    'assess.urgency_correction': `insert into assess.urgency_correction
      (report_id, urgency, rules_urgency, rules_version, corrected_by, corrected_at)
      values (${reportId}, 1, 4, 'x', gen_random_uuid(), ${at})`,
    'assess.assessment_change': `insert into assess.assessment_change
      (report_id, changed_at, from_urgency, to_urgency, from_score, to_score, came, went, from_version, to_version)
      values (${reportId}, ${at}, 4, 3, 0, 0, '{}', '{}', 'x', 'x')`,
    'assess.blind_sample': `insert into assess.blind_sample (report_id, environment, drawn_at, urgency, rules_version)
      values (${reportId}, '${environment}', ${at}, 4, 'x')`,
    'assess.line_tally': `insert into assess.line_tally (provider_id, environment, urgency, state, entries)
      values ('${providerId}', '${environment}', 1, 'waiting', 1)`,
  };
}
