import { type Kysely, sql } from 'kysely';
import type { ReportId } from '#base/ids';
import type { DB } from '#platform/database-types';
import type { IdentifierFacts, ReportFacts } from './rules/report-facts.ts';

/**
 * Which facts a filed report carries; undefined if it is not filed. Asks the database yes-or-no questions, so that
 * neither a long document nor thousands of identifiers come into memory, and no value reaches a rule.
 */
export async function readReportFacts(db: Kysely<DB>, reportId: ReportId): Promise<ReportFacts | undefined> {
  const report = await readReport(db, reportId);
  if (report === undefined) return undefined;
  return {
    isEscalated: report.isEscalated,
    ...(report.declaredPriority !== null && { declaredPriority: report.declaredPriority }),
    isBatched: report.isBatched,
    incidentType: report.incidentType,
    annotations: report.annotations,
    identifiers: await readIdentifiers(db, reportId),
    files: { count: report.files, viewedStated: report.viewedStated, labelled: report.labelled },
    says: { location: report.location, whenDescribed: report.whenDescribed, context: report.context },
  };
}

interface ReportRow {
  readonly isEscalated: boolean;
  readonly declaredPriority: 1 | 2 | 3 | null;
  readonly isBatched: boolean;
  readonly incidentType: string;
  readonly annotations: readonly string[];
  readonly location: boolean;
  readonly whenDescribed: boolean;
  readonly context: boolean;
  readonly files: number;
  readonly viewedStated: number;
  readonly labelled: number;
}

/**
 * Names of the XML door and of the JSON door side by side. A field of the UK profile counts when it has a value,
 * not when it says why there is none; what the service says about itself (`reporter`) never counts.
 */
const hasSomething =
  '(@.value like_regex "[^[:space:]]" || exists(@.children[*] ? (@.name != "notHeld" && @.name != "reason")))';
const anywhere = (names: string) =>
  `$.children[*] ? (@.name != "reporter").** ? (@.name like_regex "^(${names})$" && ${hasSomething})`;
const locationPath = anywhere('estimatedLocation');
const whenDescribedPath = anywhere('incidentDateTimeDescription|occurredAtDescription');
const contextPath = anywhere('additionalInfo|content|narrative|notes|detectedContent');

async function readReport(db: Kysely<DB>, reportId: ReportId): Promise<ReportRow | undefined> {
  const { rows } = await sql<ReportRow>`
    select report.escalation is not null as "isEscalated", report.declared_priority as "declaredPriority",
      report.batch_reason is not null as "isBatched", report.incident_type as "incidentType", report.annotations,
      coalesce(jsonb_path_exists(sent, ${locationPath}::jsonpath), false) as location,
      coalesce(jsonb_path_exists(sent, ${whenDescribedPath}::jsonpath), false) as "whenDescribed",
      coalesce(jsonb_path_exists(sent, ${contextPath}::jsonpath), false) as context,
      file.*
    from intake.report
    cross join lateral (
      select count(*)::int as files, count(is_viewed_by_provider)::int as "viewedStated",
        count(*) filter (where cardinality(annotations) > 0 or industry_classification is not null)::int as labelled
      from intake.report_file where report_id = report.id
    ) file
    where report.id = ${reportId} and report.state = 'filed'`.execute(db);
  return rows[0];
}

async function readIdentifiers(db: Kysely<DB>, reportId: ReportId): Promise<readonly IdentifierFacts[]> {
  const { rows } = await sql<IdentifierFacts>`
    select coalesce(party.role, case when identifier.file_id is null then 'incident-detail' else 'file' end) as role,
      identifier.kind,
      bool_or(identifier.attributes ? 'dateTime') as "hasTime",
      bool_or(identifier.attributes ? 'port') as "hasPort"
    from intake.identifier
    left join intake.party on party.report_id = identifier.report_id and party.position = identifier.party_position
    where identifier.report_id = ${reportId}
    group by 1, 2
    order by 1, 2`.execute(db);
  return rows;
}
