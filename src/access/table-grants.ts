import type { RoleRegister, TableRule } from '#platform/postgres';

/**
 * Who may do what in the database: every table, view and function of every schema, what it holds, and the only rights
 * there are to it. Applied at every start, and compared with the database's own catalogue by `tests/database`.
 *
 * `content` is what was reported; `personal` is about staff; `reference` and `operational` are neither; `audit` is who
 * did what; `secret` lets in whoever has it. The auditor and the statistics see no column of what was reported, nor
 * of secrets; the statistics see nobody of staff either.
 */
type Rules = Readonly<Record<string, TableRule>>;

const provider = "nullif(current_setting('firstlight.provider', true), '')::uuid";

/** Rows of the service whose request it is, and of no other; none at all where nobody said whose it is. */
const ofService = `provider_id = ${provider}`;
const ofServiceHere = `${ofService} and environment = current_setting('firstlight.environment', true)`;
const inProduction = "environment = 'production'";

/** What belongs to a report is seen exactly where the report is: the report's own policy is asked. */
function ofSeenReport(table: string): string {
  return `exists (select from intake.report seen where seen.id = ${table}.report_id)`;
}

function ofSeenEntry(table: string): string {
  return `exists (select from assess.line_entry seen where seen.report_id = ${table}.report_id)`;
}

/** Rows about what one did oneself: from here nobody else can be blamed. */
const byService = `actor_kind = 'provider' and actor_id = ${provider}::text`;
const byNobodyKnown = "actor_kind in ('anonymous', 'staff')";

const everything = 'select insert update delete';

const access: Rules = {
  'access.staff': {
    holds: 'personal',
    may: {
      door: 'select insert update(name, roles, last_seen_at)',
      desk: 'select insert update(name, roles, last_seen_at, disabled_at)',
      worker: 'select',
      auditor: 'select',
    },
  },
  'access.session': {
    holds: 'secret',
    may: {
      door: 'select insert update',
      desk: 'select insert update',
      worker: 'select update delete',
      auditor:
        'select(id, staff_id, created_at, last_seen_at, expires_at, ended_at, method, proved_at, locked_at, ended_because)',
    },
  },
  'access.sign_in_link': {
    holds: 'secret',
    may: {
      door: 'select update(used_at)',
      desk: 'select insert update(used_at)',
      worker: 'select delete',
      auditor: 'select(staff_id, created_at, expires_at, used_at)',
    },
  },
  'access.passkey': {
    holds: 'secret',
    may: {
      door: 'select insert update(counter, last_used_at, suspect_at, is_synced)',
      desk: 'select insert update',
      worker: 'select',
      auditor: 'select(id, staff_id, name, is_synced, created_at, last_used_at, removed_at, suspect_at)',
    },
  },
  'access.challenge': {
    holds: 'secret',
    may: { door: 'select insert delete', desk: 'select insert delete', worker: 'select delete' },
  },
  'access.identity': {
    holds: 'personal',
    may: {
      door: 'select insert update(last_sign_in_at)',
      desk: 'select insert update delete',
      worker: 'select',
      auditor: 'select(staff_id, created_at, last_sign_in_at)',
    },
  },
  'access.oidc_trip': {
    holds: 'secret',
    may: { door: 'select insert delete', desk: 'select insert delete', worker: 'select delete' },
  },
  'access.throttle': {
    holds: 'operational',
    may: { door: everything, desk: everything, worker: everything },
  },
  'access.refusal_count': {
    holds: 'operational',
    may: { door: everything, desk: everything, worker: everything },
  },
  'access.provider': {
    holds: 'reference',
    may: {
      door: 'select',
      intake: 'select',
      desk: 'select insert update(name, suspended_at)',
      worker: 'select',
      statistics: 'select',
      auditor: 'select',
    },
    rows: { intake: `provider.id = ${provider}`, statistics: inProduction },
  },
  'access.credential': {
    holds: 'secret',
    may: {
      door: 'select update(last_used_at)',
      desk: 'select(id, provider_id, username, created_at, retired_at, last_used_at) insert update(retired_at)',
      auditor: 'select(id, provider_id, username, created_at, retired_at, last_used_at)',
    },
  },
};

const trail: Rules = {
  'access.audit': {
    holds: 'audit',
    may: {
      door: 'insert',
      intake: 'insert',
      desk: 'select insert',
      worker: 'select insert',
      auditor: 'select',
    },
    rows: { door: byNobodyKnown, intake: byService },
    addsOnly: true,
  },
  'access.log_pending': {
    holds: 'audit',
    may: { desk: 'select', worker: 'select delete', auditor: 'select' },
  },
  'access.log_entry': {
    holds: 'audit',
    may: { desk: 'select', worker: 'select insert', auditor: 'select' },
    addsOnly: true,
  },
  // A row of hashes grows at its end; a trigger holds that nothing else about it changes.
  'access.log_tile': {
    holds: 'audit',
    may: { desk: 'select', worker: 'select insert update(hashes)', auditor: 'select' },
  },
  'access.log_checkpoint': {
    holds: 'audit',
    may: { desk: 'select', worker: 'select insert', auditor: 'select' },
    addsOnly: true,
  },
  'access.log_cosignature': {
    holds: 'audit',
    may: { desk: 'select', worker: 'select insert', auditor: 'select' },
    addsOnly: true,
  },
  'access.log_witness': {
    holds: 'audit',
    may: { desk: 'select', worker: 'select insert update', auditor: 'select' },
  },
  'access.look_up': {
    holds: 'audit',
    may: { desk: 'select insert', worker: 'select', auditor: 'select' },
    addsOnly: true,
  },
  'access.look_up_mark': {
    holds: 'audit',
    may: { desk: 'select insert', worker: 'select', auditor: 'select' },
    addsOnly: true,
  },
  'access.audit_sample': {
    holds: 'audit',
    may: { desk: 'select insert', worker: 'select insert', auditor: 'select' },
  },
  'access.audit_sample_item': {
    holds: 'audit',
    may: { desk: 'select insert', worker: 'select insert', auditor: 'select' },
  },
};

const control: Rules = {
  'access.proposal': {
    holds: 'audit',
    may: {
      desk: 'select insert update(state, ended_at, result)',
      worker: 'select insert update(state, ended_at, result)',
      auditor: 'select',
    },
  },
  'access.proposal_vote': {
    holds: 'audit',
    may: { desk: 'select insert', worker: 'select', auditor: 'select' },
    addsOnly: true,
  },
  'access.export_grant': {
    holds: 'audit',
    may: { desk: 'select insert', worker: 'select', auditor: 'select' },
  },
  'access.emergency': {
    holds: 'audit',
    may: {
      door: 'select insert',
      desk: 'select insert update(ended_at, reviewed_at, reviewed_by, verdict, review_note)',
      worker: 'select update(ended_at)',
      auditor: 'select',
    },
  },
  'access.emergency_code': {
    holds: 'secret',
    may: {
      door: 'select update(used_at)',
      desk: 'select(id, lookup, staff_id, printed_at, used_at, replaced_at) insert update(used_at, replaced_at)',
      auditor: 'select(id, staff_id, printed_at, used_at, replaced_at)',
    },
  },
  'access.watch_entry': {
    holds: 'operational',
    may: {
      desk: 'select insert update(removed_at)',
      worker: 'select',
      auditor: 'select(id, kind, category, added_by_kind, added_by, added_at, removed_at)',
    },
  },
  'retain.schedule': {
    holds: 'reference',
    may: { desk: 'select insert', worker: 'select', statistics: 'select', auditor: 'select' },
    addsOnly: true,
  },
  'retain.hold': {
    holds: 'audit',
    may: {
      desk: 'select insert update(review_at, lifted_at, lifted_by, proposal_id)',
      worker: 'select',
      auditor: 'select',
    },
  },
  'retain.erasure': {
    holds: 'audit',
    may: { desk: 'select insert update', worker: 'select insert update', auditor: 'select' },
  },
};

const vault: Rules = {
  'vault.incoming': {
    holds: 'operational',
    may: { intake: everything, desk: everything, worker: everything },
  },
  'vault.seal': {
    holds: 'operational',
    may: {
      intake: 'select insert update',
      desk: 'select update',
      worker: 'select insert update',
      statistics: 'select(size_bytes, media_type, sealed_at, destroyed_at)',
      auditor: 'select',
    },
  },
  'vault.holding': {
    holds: 'operational',
    may: {
      intake: 'select insert update(released_at)',
      desk: 'select',
      worker: 'select insert update(released_at)',
      auditor: 'select',
    },
    rows: { intake: ofSeenReport('holding') },
  },
  'vault.custody': {
    holds: 'audit',
    may: {
      intake: 'insert',
      desk: 'select insert',
      worker: 'select insert',
      auditor: 'select',
    },
    rows: { intake: `${byService} and (report_id is null or ${ofSeenReport('custody')})` },
    addsOnly: true,
  },
  'vault.tombstone': {
    holds: 'audit',
    may: { intake: 'insert', desk: 'select insert', worker: 'select insert', auditor: 'select' },
    rows: { intake: byService },
    addsOnly: true,
  },
  'vault.part': {
    holds: 'operational',
    may: { intake: everything, desk: 'select', worker: everything },
    rows: { intake: 'exists (select from intake.upload seen where seen.id = part.upload_id)' },
  },
  'vault.key': {
    holds: 'reference',
    may: {
      intake: 'select insert',
      desk: 'select insert update',
      worker: 'select insert update',
      auditor: 'select',
    },
  },
  'vault.reseal_run': {
    holds: 'operational',
    may: { desk: 'select insert update', worker: 'select insert update', auditor: 'select' },
  },
  'vault.quarantine': {
    holds: 'operational',
    may: { intake: 'select insert', desk: 'select insert delete', worker: everything, auditor: 'select' },
  },
};

const intake: Rules = {
  'intake.report': {
    holds: 'content',
    may: {
      intake: 'select insert update',
      desk: 'select',
      worker: 'select update maintain',
      statistics:
        'select(id, provider_id, environment, door, profile, state, opened_at, filed_at, ended_at, incident_type, declared_priority, is_synthetic, file_count, incident_count, duplicate_of, erased_at)',
    },
    rows: { intake: ofServiceHere, statistics: inProduction },
  },
  'intake.document': {
    holds: 'content',
    may: { intake: 'select insert delete', desk: 'select', worker: 'select delete maintain' },
    rows: { intake: ofSeenReport('document') },
  },
  'intake.incident': {
    holds: 'content',
    may: { intake: 'select insert delete', desk: 'select', worker: 'select update delete' },
    rows: { intake: ofSeenReport('incident') },
  },
  'intake.party': {
    holds: 'content',
    may: { intake: 'select insert delete', desk: 'select', worker: 'select delete maintain' },
    rows: { intake: ofSeenReport('party') },
  },
  'intake.identifier': {
    holds: 'content',
    may: { intake: 'select insert delete', desk: 'select', worker: 'select delete maintain' },
    rows: { intake: ofSeenReport('identifier') },
  },
  'intake.report_file': {
    holds: 'content',
    may: {
      intake: 'select insert update',
      desk: 'select',
      worker: 'select insert update maintain',
      statistics:
        'select(report_id, size_bytes, received_at, relevance, is_viewed_by_provider, is_publicly_available, industry_classification)',
    },
    rows: { intake: ofSeenReport('report_file'), statistics: ofSeenReport('report_file') },
  },
  'intake.idempotency': {
    holds: 'operational',
    may: { intake: 'select insert', worker: 'select delete' },
    rows: { intake: ofService },
  },
  'intake.receipt': {
    holds: 'reference',
    may: { intake: 'select insert', desk: 'select', worker: 'select' },
    rows: { intake: `${ofService} and ${ofSeenReport('receipt')}` },
    addsOnly: true,
  },
  'intake.upload': {
    holds: 'content',
    may: { intake: 'select insert update', worker: 'select update' },
    rows: { intake: `${ofService} and ${ofSeenReport('upload')}` },
  },
};

const assess: Rules = {
  'assess.assessment': {
    holds: 'content',
    may: {
      desk: 'select',
      worker: 'select insert update maintain',
      statistics:
        'select(report_id, urgency, score, completeness, rules_version, assessed_at, data_expires_at)',
    },
    rows: { statistics: ofSeenEntry('assessment') },
  },
  'assess.line_entry': {
    holds: 'operational',
    may: {
      desk: 'select update',
      worker: 'select insert update delete',
      statistics:
        'select(report_id, provider_id, environment, urgency, score, filed_at, state, taken_at, changed_at)',
    },
    rows: { statistics: inProduction },
  },
  // Decisions add up; only the mark of being undone is ever put on one.
  'assess.decision': {
    holds: 'content',
    may: {
      desk: 'select insert update(undone_at, undone_by, undone_why)',
      // Erasing a report takes away the words, never the decision.
      worker: 'select update(reason, undone_why) maintain',
      statistics: 'select(report_id, kind, decided_at, undone_at)',
      auditor: 'select(id, report_id, kind, decided_by, decided_at, undone_at, undone_by)',
    },
    rows: { statistics: ofSeenEntry('decision') },
  },
  'assess.look_order': {
    holds: 'reference',
    may: {
      desk: 'select update(waiting_share, lease_minutes, set_by, set_at, set_why)',
      worker: 'select update(bar, bar_since, bar_arrivals, bar_looks, bar_set_at)',
      auditor: 'select',
      statistics: 'select(environment, waiting_share, lease_minutes, bar, bar_set_at)',
    },
    rows: { statistics: inProduction },
  },
  // Looks add up: which report was opened when, and why, is never rewritten.
  'assess.look': {
    holds: 'operational',
    may: {
      desk: 'select insert',
      worker: 'select',
      auditor: 'select',
      statistics:
        'select(id, number, environment, report_id, lane, urgency, score, bar, waiting_share, filed_at, looked_at)',
    },
    rows: { statistics: inProduction },
  },
  'assess.urgency_correction': {
    holds: 'content',
    may: {
      desk: 'select insert',
      // Erasing a report takes away the words, never that somebody corrected.
      worker: 'select update(reason) maintain',
      auditor: 'select(id, report_id, urgency, rules_urgency, rules_version, corrected_by, corrected_at)',
      statistics: 'select(report_id, urgency, rules_urgency, rules_version, corrected_at)',
    },
    rows: { statistics: ofSeenEntry('urgency_correction') },
  },
  'assess.blind_sample': {
    holds: 'operational',
    may: {
      desk: 'select update(read_by, given_at, found_urgency, found_at)',
      worker: 'select insert',
      auditor: 'select',
      statistics: 'select(report_id, environment, drawn_at, urgency, rules_version, found_urgency, found_at)',
    },
    rows: { statistics: inProduction },
  },
  'assess.assessment_change': {
    holds: 'operational',
    may: { desk: 'select', worker: 'select insert', auditor: 'select', statistics: 'select' },
    rows: { statistics: ofSeenEntry('assessment_change') },
  },
  'assess.line_tally': {
    holds: 'operational',
    may: { desk: 'select', worker: everything, statistics: 'select' },
    rows: { statistics: inProduction },
  },
  'assess.line_change': {
    holds: 'operational',
    may: { desk: 'select insert', worker: everything, statistics: 'select' },
    rows: { statistics: inProduction },
  },
  'assess.line_count': {
    holds: 'operational',
    may: { desk: 'select', worker: 'select', statistics: 'select' },
  },
};

const platform: Rules = {
  'platform.bureau': {
    holds: 'reference',
    may: { door: 'select', desk: 'select', worker: 'select', statistics: 'select', auditor: 'select' },
  },
  'platform.attention': {
    holds: 'operational',
    may: { desk: 'select update(retried_at)', worker: 'select insert update', auditor: 'select' },
  },
  'platform.role_secret': { holds: 'secret', may: {} },
  'public.platform_migration': {
    holds: 'operational',
    may: { desk: 'select', worker: 'select', auditor: 'select' },
  },
};

/** Enqueues, and says that it is there; runs nothing. */
const sends = { intake: 'select insert', desk: 'select insert' };

const jobs: Rules = {
  'pgboss.job': {
    holds: 'operational',
    may: {
      ...sends,
      worker: everything,
      auditor: 'select(id, name, state, retry_count, created_on, started_on, completed_on)',
    },
  },
  'pgboss.job_dependency': { holds: 'operational', may: { worker: everything } },
  'pgboss.queue': {
    holds: 'operational',
    may: { intake: 'select', desk: 'select', worker: 'select insert update', auditor: 'select' },
  },
  'pgboss.queue_stats': { holds: 'operational', may: { worker: everything } },
  'pgboss.schedule': { holds: 'operational', may: { desk: 'select', worker: everything } },
  'pgboss.subscription': { holds: 'operational', may: { worker: 'select' } },
  'pgboss.instance': {
    holds: 'operational',
    may: { desk: everything, worker: everything },
  },
  'pgboss.bam': { holds: 'operational', may: { worker: 'select' } },
  'pgboss.version': {
    holds: 'operational',
    may: { intake: 'select', desk: 'select', worker: 'select update' },
  },
  'pgboss.warning': { holds: 'operational', may: { worker: everything } },
};

export const tableGrants: RoleRegister = {
  tables: {
    ...access,
    ...trail,
    ...control,
    ...vault,
    ...intake,
    ...assess,
    ...platform,
    ...jobs,
  },
  functions: {
    'access.refuse_change': [],
    'access.note_for_log': [],
    'access.refuse_tile_change': [],
    'access.guard_proposal': [],
    'assess.note_line_change': [],
    'assess.next_look_number': ['desk'],
    'pgboss.create_queue': ['worker'],
    'pgboss.delete_queue': [],
    'pgboss.job_now': ['intake', 'desk', 'worker'],
    'pgboss.job_table_format': [],
    'pgboss.job_table_run': [],
    'pgboss.job_table_run_async': [],
  },
};
