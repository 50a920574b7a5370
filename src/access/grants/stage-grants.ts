import type { TableRule } from '#platform/postgres';
import {
  byService,
  everything,
  inProduction,
  ofSeenEntry,
  ofSeenReport,
  ofService,
  ofServiceHere,
} from './row-conditions.ts';

/** Grants of what the stages own. */

export const vaultGrants: Readonly<Record<string, TableRule>> = {
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

export const intakeGrants: Readonly<Record<string, TableRule>> = {
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

export const fingerprintGrants: Readonly<Record<string, TableRule>> = {
  'fingerprint.file': {
    holds: 'operational',
    may: {
      desk: 'select',
      worker: 'select insert update',
      statistics:
        'select(sha256, state, media_type, frames, is_partial, first_seen_at, version, fingerprinted_at)',
      auditor: 'select',
    },
  },
  'fingerprint.picture_hash': {
    holds: 'content',
    may: { desk: 'select', worker: 'select insert delete' },
  },
  'fingerprint.fact': {
    holds: 'content',
    may: { desk: 'select', worker: 'select insert delete maintain' },
  },
  'fingerprint.run': {
    holds: 'operational',
    may: { desk: 'select insert', worker: 'select update', auditor: 'select' },
  },
};

export const assessGrants: Readonly<Record<string, TableRule>> = {
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
