import { type Kysely, sql } from 'kysely';
import { parseReportId } from '#base/ids';
import type { DB } from '#platform/database-types';

/** What a search of the line comes down to: certain reports, all reports of certain services, or no restriction. */
export type LineMatches =
  | { readonly kind: 'all' }
  | { readonly kind: 'reports'; readonly reportIds: readonly string[] }
  | { readonly kind: 'providers'; readonly providerIds: readonly string[] };

/** A prefix that fits more services than this is no search. */
const mostProviders = 20;

/**
 * Resolves `q`: first as the exact number or reference of a report; if there is none, as the beginning of services'
 * names. `provider` narrows either.
 */
export async function findLineMatches(
  db: Kysely<DB>,
  search: { readonly q?: string; readonly provider?: string },
): Promise<LineMatches> {
  const q = search.q?.trim();
  if (q === undefined || q === '') {
    return search.provider === undefined
      ? { kind: 'all' }
      : { kind: 'providers', providerIds: [search.provider] };
  }
  const only = search.provider ?? null;
  const reports = await sql<{ id: string }>`
    select id::text as id from intake.report
    where (id = ${parseReportId(q) ?? null}::bigint or reference in (${q}, ${q.toUpperCase()}))
      and (${only}::uuid is null or provider_id = ${only}::uuid)`.execute(db);
  if (reports.rows.length > 0) return { kind: 'reports', reportIds: reports.rows.map((row) => row.id) };
  const providers = await sql<{ id: string }>`
    select id::text as id from access.provider
    where starts_with(lower(name), lower(${q})) and (${only}::uuid is null or id = ${only}::uuid)
    order by lower(name) limit ${mostProviders}`.execute(db);
  return { kind: 'providers', providerIds: providers.rows.map((row) => row.id) };
}
