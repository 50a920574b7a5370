import { type Kysely, sql } from 'kysely';
import type { ReportId } from '#base/ids';
import type { DB } from '#platform/database-types';
import type { SaidText, UrgencyFacts } from './rules/urgency-facts.ts';

/**
 * What the urgency rules look at in a filed report; undefined if it is not filed. Everything is bounded, so that a
 * report of any size costs about the same.
 */
export async function readUrgencyFacts(
  db: Kysely<DB>,
  reportId: ReportId,
): Promise<UrgencyFacts | undefined> {
  const report = await readReport(db, reportId);
  if (report === undefined) return undefined;
  const { declaredPriority, hasCounterpart, ages, births, addressUses, ...rest } = report;
  const texts = await readTexts(db, reportId);
  const newest = newestOf(addressUses);
  return {
    ...rest,
    ...(declaredPriority !== null && { declaredPriority }),
    childAges: [...ages.map(Number), ...births.map((one) => ageAt(one, report.incidentAt))].filter(
      (age) => Number.isInteger(age) && age >= 0,
    ),
    hasCounterpart,
    repeats: await readRepeats(db, reportId),
    newFiles: await countNewFiles(db, reportId),
    ...(newest !== undefined && { newestAddressUse: newest }),
    ...texts,
  };
}

interface ReportRow {
  readonly isEscalated: boolean;
  readonly declaredPriority: 1 | 2 | 3 | null;
  readonly isBatched: boolean;
  readonly incidentType: string;
  readonly incidentAt: Date;
  readonly annotations: readonly string[];
  readonly fileAnnotations: readonly string[];
  readonly classifications: readonly string[];
  readonly hasCounterpart: boolean;
  readonly ages: readonly string[];
  readonly births: readonly string[];
  readonly addressUses: readonly string[];
}

/** Of identifiers and files of one kind; the rest of a longer report has the same facts or none. */
const mostRead = 2000;

/** Ages of victims and recipients by the names of the XML door and of the JSON door. */
const xmlAges =
  'strict $.** ? (@.name == "victim" || @.name == "intendedRecipient").** ? (@.name == "age").value';
const jsonAges =
  'strict $.children[*] ? (@.name == "parties" && exists(@.children[*] ? (@.name == "role" && (@.value == "victim" || @.value == "recipient")))).children[*] ? (@.name == "age").value';

async function readReport(db: Kysely<DB>, reportId: ReportId): Promise<ReportRow | undefined> {
  const { rows } = await sql<ReportRow>`
    select report.escalation is not null as "isEscalated", report.declared_priority as "declaredPriority",
      report.batch_reason is not null as "isBatched", report.incident_type as "incidentType",
      report.incident_at as "incidentAt", report.annotations,
      array(select distinct unnest(file.annotations) from intake.report_file file where file.report_id = report.id
        order by 1 limit 100) as "fileAnnotations",
      array(select distinct file.industry_classification from intake.report_file file
        where file.report_id = report.id and file.industry_classification is not null order by 1) as classifications,
      exists(select from intake.party join intake.identifier
        on identifier.report_id = party.report_id and identifier.party_position = party.position
        where party.report_id = report.id and party.role in ('victim', 'recipient')) as "hasCounterpart",
      array(select distinct age #>> '{}' from (
        select jsonb_path_query(sent, ${xmlAges}::jsonpath, '{}', true) as age
        union all select jsonb_path_query(sent, ${jsonAges}::jsonpath, '{}', true)) said order by 1 limit 200) as ages,
      array(select identifier.value from intake.identifier
        join intake.party on party.report_id = identifier.report_id and party.position = identifier.party_position
        where identifier.report_id = report.id and identifier.kind = 'date-of-birth'
          and party.role in ('victim', 'recipient') order by identifier.position limit 200) as births,
      array(select identifier.attributes ->> 'dateTime' from intake.identifier
        where identifier.report_id = report.id and identifier.kind = 'ip' and identifier.attributes ? 'dateTime'
        order by identifier.position limit ${mostRead}) as "addressUses"
    from intake.report where report.id = ${reportId} and report.state = 'filed'`.execute(db);
  return rows[0];
}

/** Whole years at the time of the incident; NaN where the day of birth is no day. */
function ageAt(birth: string, at: Date): number {
  const born = new Date(birth);
  const years = at.getUTCFullYear() - born.getUTCFullYear();
  const isBeforeBirthday =
    at.getUTCMonth() < born.getUTCMonth() ||
    (at.getUTCMonth() === born.getUTCMonth() && at.getUTCDate() < born.getUTCDate());
  return isBeforeBirthday ? years - 1 : years;
}

function newestOf(times: readonly string[]): number | undefined {
  const known = times.map((time) => Date.parse(time)).filter((time) => Number.isFinite(time));
  return known.length === 0 ? undefined : known.reduce((newest, time) => Math.max(newest, time));
}

/** Letters of one text, and of all texts together, in which phrases are looked for. */
const longestText = 20_000;
const mostText = 200_000;
const mostTexts = 200;

/** Fields that hold what was said, by the names of both doors; what the service says about itself never counts. */
const textPath =
  'strict $.** ? (@.name like_regex "^(escalateToHighPriority|escalation|additionalInfo|content|narrative|notes|detectedContent|incidentDateTimeDescription|occurredAtDescription)$")';

async function readTexts(
  db: Kysely<DB>,
  reportId: ReportId,
): Promise<{ readonly texts: readonly SaidText[]; readonly isTextCut: boolean }> {
  const { rows } = await sql<{ where: string; line: number | null; text: string }>`
    with part as (
      select 0 as position, child from intake.report,
        jsonb_array_elements(case jsonb_typeof(sent -> 'children') when 'array' then sent -> 'children' else '[]' end) child
      where report.id = ${reportId} and child ->> 'name' <> 'reporter'
      union all
      select position, sent from intake.report_file where report_id = ${reportId} and sent is not null
    )
    select node ->> 'name' as "where", (node ->> 'line')::int as line,
      left(coalesce(node ->> 'value', jsonb_path_query_first(node, '$.children[*] ? (@.name == "value").value') #>> '{}'),
        ${longestText + 1}) as text
    from part cross join lateral jsonb_path_query(child, ${textPath}::jsonpath, '{}', true) node
    where coalesce(node ->> 'value', jsonb_path_query_first(node, '$.children[*] ? (@.name == "value").value') #>> '{}')
      is not null
    limit ${mostTexts + 1}`.execute(db);
  const texts: SaidText[] = [];
  let left = mostText;
  let isTextCut = rows.length > mostTexts;
  for (const { where, line, text } of rows.slice(0, mostTexts)) {
    const kept = text.slice(0, Math.min(longestText, left));
    if (kept.length < text.length) isTextCut = true;
    left -= kept.length;
    if (kept !== '') texts.push({ where, ...(line !== null && { line }), text: kept });
  }
  return { texts, isTextCut };
}

/** Identifiers that name one subject: an address of the net or a name may be many people's. */
const namingOneSubject = [
  'email',
  'phone',
  'device',
  'payment',
  'profile-url',
  'provider-account',
  'screen-name',
];
/** These name somebody only together with the service they are an account of. */
const ofOneService = ['provider-account', 'screen-name'];
const mostRepeats = 20;

/**
 * Earlier reports of the same environment with exactly the same identifier (case aside) of a reported user. The same
 * document sent again is no repeat.
 */
async function readRepeats(db: Kysely<DB>, reportId: ReportId): Promise<UrgencyFacts['repeats']> {
  const { rows } = await sql<UrgencyFacts['repeats']>`
    with me as (
      select id, provider_id, environment, filed_at, coalesce(duplicate_of, id) as original
      from intake.report where id = ${reportId}
    ), own as materialized (
      select distinct identifier.kind, lower(identifier.value) as value
      from intake.identifier
      join intake.party on party.report_id = identifier.report_id and party.position = identifier.party_position
      where identifier.report_id = ${reportId} and party.role = 'reported-user'
        and identifier.kind = any(${namingOneSubject}::text[])
      limit 200
    )
    select count(distinct found.id)::int as reports, coalesce(bool_or(found.is_other), false) as "isByOtherService"
    from me cross join own cross join lateral (
      select report.id, report.provider_id <> me.provider_id as is_other
      from intake.identifier other
      join intake.party on party.report_id = other.report_id and party.position = other.party_position
      join intake.report on report.id = other.report_id
      where other.kind = own.kind and md5(lower(other.value)) = md5(own.value) and lower(other.value) = own.value
        and party.role = 'reported-user' and report.state = 'filed' and report.environment = me.environment
        and (report.filed_at, report.id) < (me.filed_at, me.id)
        and coalesce(report.duplicate_of, report.id) <> me.original
        and (own.kind <> all(${ofOneService}::text[]) or report.provider_id = me.provider_id)
      limit ${mostRepeats}
    ) found`.execute(db);
  return rows[0] ?? { reports: 0, isByOtherService: false };
}

/** Files whose bytes stand in no earlier report of the environment, among the first of the report. */
async function countNewFiles(db: Kysely<DB>, reportId: ReportId): Promise<number> {
  const { rows } = await sql<{ files: number }>`
    with me as (
      select id, environment, filed_at from intake.report where id = ${reportId}
    ), own as (
      select distinct sha256 from (
        select sha256 from intake.report_file where report_id = ${reportId} order by position limit 200
      ) first_files
    )
    select count(*)::int as files from own cross join me
    where not exists (
      select from intake.report_file other join intake.report on report.id = other.report_id
      where other.sha256 = own.sha256 and report.state = 'filed' and report.environment = me.environment
        and (report.filed_at, report.id) < (me.filed_at, me.id)
    )`.execute(db);
  return rows[0]?.files ?? 0;
}
