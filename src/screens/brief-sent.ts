import { type Kysely, sql } from 'kysely';
import type { ReportId } from '#base/ids';
import type { BriefFile, BriefFingerprint, BriefIdentifier, BriefParty, SentNode } from '#contract/desk';
import type { DB } from '#platform/database-types';

/** A brief shows this many parties and files; the tree of what was sent holds all of them. */
const mostShown = 1_000;
/** Reports that hold the same bytes are counted up to here: beyond it the number says nothing new. */
const mostOthers = 1_000;

/** Who is named, with what identifies them, as sent. Identifiers of files are given apart, by file id. */
export async function readParties(
  db: Kysely<DB>,
  reportId: ReportId,
): Promise<{ parties: BriefParty[]; ofFiles: ReadonlyMap<string, BriefIdentifier[]> }> {
  const parties = await sql<{ position: number; role: string; path: string }>`
    select position, role, path from intake.party where report_id = ${reportId} order by position limit ${mostShown}`.execute(
    db,
  );
  const identifiers = await sql<IdentifierRow>`
    select party_position as party, file_id as "fileId", kind, value, path, line, attributes
    from intake.identifier
    where report_id = ${reportId}
      and (party_position is null or party_position <= ${parties.rows.at(-1)?.position ?? 0})
    order by position`.execute(db);
  const byParty = Map.groupBy(
    identifiers.rows.filter((row) => row.fileId === null),
    (row) => row.party,
  );
  const byFile = Map.groupBy(
    identifiers.rows.filter((row) => row.fileId !== null),
    (row) => row.fileId ?? '',
  );
  const ofNobody = byParty.get(null);
  return {
    parties: [
      ...parties.rows.map(({ position, role, path }) => ({
        role,
        path,
        identifiers: (byParty.get(position) ?? []).map(identifierOf),
      })),
      ...(ofNobody === undefined
        ? []
        : [{ role: 'report', path: 'report', identifiers: ofNobody.map(identifierOf) }]),
    ],
    ofFiles: new Map([...byFile].map(([fileId, rows]) => [fileId, rows.map(identifierOf)])),
  };
}

interface IdentifierRow {
  readonly party: number | null;
  readonly fileId: string | null;
  readonly kind: string;
  readonly value: string;
  readonly path: string;
  readonly line: number | null;
  readonly attributes: Record<string, string>;
}

function identifierOf({ kind, value, path, line, attributes }: IdentifierRow): BriefIdentifier {
  return { kind, value, path, ...(line !== null && { line }), attributes };
}

interface FileRow {
  readonly fileId: string;
  readonly position: number;
  readonly md5: string;
  readonly sha1: string | null;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly mediaType: string | null;
  readonly originalFileName: string | null;
  readonly uploadName: string | null;
  readonly receivedAt: Date;
  readonly relevance: string | null;
  readonly isViewedByProvider: boolean | null;
  readonly isPubliclyAvailable: boolean | null;
  readonly annotations: string[];
  readonly industryClassification: string | null;
  readonly sent: SentNode | null;
  readonly otherReports: number;
  readonly sealState: BriefFile['sealState'];
  readonly verifiedAt: Date | null;
  readonly fingerprint: FingerprintColumn | null;
}

/** As PostgreSQL makes it of the rows, so that absent values are null. */
type FingerprintColumn = {
  readonly [Name in keyof Required<BriefFingerprint>]: BriefFingerprint[Name] | null;
} & Pick<BriefFingerprint, 'state' | 'isPartial' | 'firstSeenAt' | 'facts'>;

/**
 * The report's files as metadata only, with how many other filed reports of the same environment hold the same bytes.
 * A file without a seal any more is shown as destroyed.
 */
export async function readFiles(
  db: Kysely<DB>,
  reportId: ReportId,
  identifiers: ReadonlyMap<string, BriefIdentifier[]>,
): Promise<BriefFile[]> {
  const { rows } = await sql<FileRow>`
    select file.id as "fileId", file.position, file.md5, seal.sha1, file.sha256, file.size_bytes::float8 as "sizeBytes",
      seal.media_type as "mediaType", file.original_file_name as "originalFileName", file.upload_name as "uploadName",
      file.received_at as "receivedAt", file.relevance, file.is_viewed_by_provider as "isViewedByProvider",
      file.is_publicly_available as "isPubliclyAvailable", file.annotations,
      file.industry_classification as "industryClassification", file.sent, other.reports as "otherReports",
      case when seal.sha256 is null or seal.destroyed_at is not null then 'destroyed'
        when seal.damaged_at is not null then 'damaged'
        when seal.verified_at is not null then 'verified' else 'sealed' end as "sealState",
      seal.verified_at as "verifiedAt", case when print.sha256 is null then null else jsonb_build_object(
        'state', print.state, 'reason', print.reason, 'width', print.width, 'height', print.height,
        'frames', print.frames, 'isPartial', print.is_partial, 'firstSeenAt', print.first_seen_at,
        'pdq', encode(picture.hash, 'hex'), 'quality', picture.quality,
        'facts', coalesce((select jsonb_agg(jsonb_build_object('name', name, 'value', value, 'source', source)
          order by name) from fingerprint.fact where fact.sha256 = file.sha256), '[]')
      ) end as fingerprint
    from intake.report_file file
    join intake.report own on own.id = file.report_id
    left join vault.seal seal on seal.sha256 = file.sha256
    left join fingerprint.file print on print.sha256 = file.sha256
    left join fingerprint.picture_hash picture on picture.sha256 = file.sha256
      and picture.algorithm = 'pdq' and picture.variant = 'shown'
    cross join lateral (
      select count(distinct same.report_id)::int as reports from (
        select held.report_id from vault.holding held
        join intake.report sender on sender.id = held.report_id and sender.state = 'filed'
          and sender.environment = own.environment
        where held.sha256 = file.sha256 and held.released_at is null and held.report_id <> file.report_id
        limit ${mostOthers}
      ) same
    ) other
    where file.report_id = ${reportId}
    order by file.position limit ${mostShown}`.execute(db);
  return rows.map((row) => fileOf(row, identifiers.get(row.fileId) ?? []));
}

function fileOf(row: FileRow, identifiers: BriefIdentifier[]): BriefFile {
  return {
    fileId: row.fileId,
    position: row.position,
    md5: row.md5,
    sha1: row.sha1 ?? '',
    sha256: row.sha256,
    sizeBytes: row.sizeBytes,
    ...(row.mediaType !== null && { mediaType: row.mediaType }),
    ...(row.originalFileName !== null && { originalFileName: row.originalFileName }),
    ...(row.uploadName !== null && { uploadName: row.uploadName }),
    receivedAt: row.receivedAt.toISOString(),
    ...(row.relevance !== null && { relevance: row.relevance }),
    ...(row.isViewedByProvider !== null && { isViewedByProvider: row.isViewedByProvider }),
    annotations: row.annotations,
    ...(row.industryClassification !== null && { industryClassification: row.industryClassification }),
    ...(row.isPubliclyAvailable !== null && { isPubliclyAvailable: row.isPubliclyAvailable }),
    identifiers,
    ...(row.sent !== null && { sent: row.sent }),
    otherReports: row.otherReports,
    sealState: row.sealState,
    ...(row.verifiedAt !== null && { verifiedAt: row.verifiedAt.toISOString() }),
    ...(row.fingerprint !== null && { fingerprint: fingerprintOf(row.fingerprint) }),
  };
}

function fingerprintOf(found: FingerprintColumn): BriefFingerprint {
  const present = Object.entries(found).filter(([, value]) => value !== null);
  const firstSeenAt = new Date(found.firstSeenAt).toISOString();
  return { ...(Object.fromEntries(present) as unknown as BriefFingerprint), firstSeenAt };
}
