/** Conditions (SQL) of the register of grants: which rows a database role sees, and may write. */

export const provider = "nullif(current_setting('firstlight.provider', true), '')::uuid";

/** Rows of the service whose request it is, and of no other; none at all where nobody said whose it is. */
export const ofService = `provider_id = ${provider}`;
export const ofServiceHere = `${ofService} and environment = current_setting('firstlight.environment', true)`;
export const inProduction = "environment = 'production'";

/** What belongs to a report is seen exactly where the report is: the report's own policy is asked. */
export function ofSeenReport(table: string): string {
  return `exists (select from intake.report seen where seen.id = ${table}.report_id)`;
}

export function ofSeenEntry(table: string): string {
  return `exists (select from assess.line_entry seen where seen.report_id = ${table}.report_id)`;
}

/** Rows about what one did oneself: from here nobody else can be blamed. */
export const byService = `actor_kind = 'provider' and actor_id = ${provider}::text`;
export const byNobodyKnown = "actor_kind in ('anonymous', 'staff')";

export const everything = 'select insert update delete';
