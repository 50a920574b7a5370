import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Role } from '#contract/administration';
import type { Proposal, ProposalListReply } from '#contract/control';
import type { Service, Staff, TestBureau } from '../harness/bureau.ts';
import { ispws, reportXml } from './intake-build.ts';

/** A bureau in which years pass, for tests of retention. */

export const filedOn = new Date('2025-11-20T12:00:00Z');
/** A year and a few days after the filing. */
export const whenDue = new Date('2026-11-24T12:00:00Z');

/** What stands in a report and must be found nowhere after its erasure. */
export const secrets = {
  email: 'vera.invented.parent@lantern.example',
  screenName: 'moonlit_heron_4417',
  phone: '07700 900417',
  note: 'The heron of the blue boathouse wrote again at dusk.',
  fileName: 'holiday-at-the-blue-boathouse.png',
  reason: 'the blue boathouse is known to the local force',
} as const;

function secretXml(): string {
  return reportXml({
    at: '2025-11-19T10:11:12Z',
    summary: `<escalateToHighPriority>${secrets.note}</escalateToHighPriority>`,
    rest:
      `<personOrUserReported><personOrUserReportedPerson><phone>${secrets.phone}</phone><email>${secrets.email}</email></personOrUserReportedPerson>` +
      `<screenName>${secrets.screenName}</screenName></personOrUserReported>`,
  });
}

let people = 0;
export async function someone(bureau: TestBureau, role: Role): Promise<Staff> {
  people += 1;
  return await bureau.signIn(`Person ${people} ${role}`, [role]);
}

/** Files a report with one file; gives its number and that of the file. */
export async function fileReport(
  bureau: TestBureau,
  service: Service,
  bytes: string | Uint8Array,
  xml = secretXml(),
): Promise<{ reportId: string; fileId: string }> {
  const door = ispws(bureau, service);
  const reportId = await door.open(xml);
  const uploaded = await door.upload(reportId, bytes, secrets.fileName);
  const fileId = uploaded.of('fileId') ?? assert.fail(uploaded.text);
  const described = await door.fileinfo(
    reportId,
    fileId,
    `<originalFileName>${secrets.fileName}</originalFileName><fileViewedByEsp>true</fileViewedByEsp>`,
  );
  assert.equal(described.code, 0, described.text);
  assert.equal((await door.finish(reportId)).code, 0);
  await bureau.drain();
  return { reportId, fileId };
}

export async function decide(officer: Staff, reportId: string): Promise<void> {
  const decided = await officer.ask('POST', `/v1/desk/reports/${reportId}/decision`, {
    kind: 'not-a-matter',
    reason: secrets.reason,
  });
  assert.equal(decided.status, 200, JSON.stringify(decided.body));
}

/** Runs a job of the clock now. */
export async function runJob(bureau: TestBureau, name: string): Promise<void> {
  await bureau.app.runDelivery({ name, subject: 'clock', attempt: 1, isLast: true, isDead: false });
}

export async function openProposals(staff: Staff): Promise<readonly Proposal[]> {
  const { status, body } = await staff.ask('GET', '/v1/desk/proposals?state=open');
  assert.equal(status, 200, JSON.stringify(body));
  return (body as ProposalListReply).items;
}

export async function propose(staff: Staff, deed: string, input: object): Promise<Proposal> {
  const { status, body } = await staff.ask('POST', '/v1/desk/proposals', {
    deed,
    input,
    reason: 'for a test',
  });
  assert.equal(status, 201, JSON.stringify(body));
  return body as Proposal;
}

export async function approve(staff: Staff, proposal: Proposal) {
  return await staff.ask('POST', `/v1/desk/proposals/${proposal.id}/approval`, { digest: proposal.digest });
}

/** Every table of every schema that holds one of these texts, whatever the column. */
export async function tablesWith(bureau: TestBureau, texts: readonly string[]): Promise<string[]> {
  const db = bureau.db.kysely;
  const { rows: tables } = await sql<{ name: string }>`
    select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema')`.execute(db);
  assert.ok(tables.length > 30, 'the tables were found');
  const found: string[] = [];
  for (const { name } of tables) {
    for (const text of texts) {
      const hex = Buffer.from(text).toString('hex');
      const { rows } = await sql<{ n: number }>`
        select count(*)::int as n from ${sql.raw(name)} row
        where position(${text} in row::text) > 0 or position(${hex} in row::text) > 0`.execute(db);
      if ((rows[0]?.n ?? 0) > 0) found.push(`${name}: ${text}`);
    }
  }
  return found;
}

/** Files below the bureau's folder that hold one of these texts. */
export async function filesWith(bureau: TestBureau, texts: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(bureau.folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = await readFile(join(entry.parentPath, entry.name));
    if (texts.some((text) => bytes.includes(text))) found.push(entry.name);
  }
  return found;
}

export async function evidenceFiles(bureau: TestBureau): Promise<number> {
  const entries = await readdir(join(bureau.folder, 'evidence'), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.json')).length;
}
