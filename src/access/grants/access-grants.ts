import type { TableRule } from '#platform/postgres';
import { byNobodyKnown, byService, everything, inProduction, provider } from './row-conditions.ts';

/** Grants of who may sign in, of the trail they leave, and of what watches over them. */

export const accessGrants: Readonly<Record<string, TableRule>> = {
  'access.staff': {
    holds: 'personal',
    may: {
      entrance: 'select insert update(name, roles, last_seen_at)',
      desk: 'select insert update(name, roles, last_seen_at, disabled_at)',
      worker: 'select',
      auditor: 'select',
    },
  },
  'access.session': {
    holds: 'secret',
    may: {
      entrance: 'select insert update',
      desk: 'select insert update',
      worker: 'select update delete',
      auditor:
        'select(id, staff_id, created_at, last_seen_at, expires_at, ended_at, method, proved_at, locked_at, ended_because)',
    },
  },
  'access.sign_in_link': {
    holds: 'secret',
    may: {
      entrance: 'select update(used_at)',
      desk: 'select insert update(used_at)',
      worker: 'select delete',
      auditor: 'select(staff_id, created_at, expires_at, used_at)',
    },
  },
  'access.passkey': {
    holds: 'secret',
    may: {
      entrance: 'select insert update(counter, last_used_at, suspect_at, is_synced)',
      desk: 'select insert update',
      worker: 'select',
      auditor: 'select(id, staff_id, name, is_synced, created_at, last_used_at, removed_at, suspect_at)',
    },
  },
  'access.challenge': {
    holds: 'secret',
    may: { entrance: 'select insert delete', desk: 'select insert delete', worker: 'select delete' },
  },
  'access.identity': {
    holds: 'personal',
    may: {
      entrance: 'select insert update(last_sign_in_at)',
      desk: 'select insert update delete',
      worker: 'select',
      auditor: 'select(staff_id, created_at, last_sign_in_at)',
    },
  },
  'access.oidc_trip': {
    holds: 'secret',
    may: { entrance: 'select insert delete', desk: 'select insert delete', worker: 'select delete' },
  },
  'access.throttle': {
    holds: 'operational',
    may: { entrance: everything, desk: everything, worker: everything },
  },
  'access.refusal_count': {
    holds: 'operational',
    may: { entrance: everything, desk: everything, worker: everything },
  },
  'access.provider': {
    holds: 'reference',
    may: {
      entrance: 'select',
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
      entrance: 'select update(last_used_at)',
      desk: 'select(id, provider_id, username, created_at, retired_at, last_used_at) insert update(retired_at)',
      auditor: 'select(id, provider_id, username, created_at, retired_at, last_used_at)',
    },
  },
};

export const trailGrants: Readonly<Record<string, TableRule>> = {
  'access.audit': {
    holds: 'audit',
    may: {
      entrance: 'insert',
      intake: 'insert',
      desk: 'select insert',
      worker: 'select insert',
      auditor: 'select',
    },
    rows: { entrance: byNobodyKnown, intake: byService },
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

export const controlGrants: Readonly<Record<string, TableRule>> = {
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
      entrance: 'select insert',
      desk: 'select insert update(ended_at, reviewed_at, reviewed_by, verdict, review_note)',
      worker: 'select update(ended_at)',
      auditor: 'select',
    },
  },
  'access.emergency_code': {
    holds: 'secret',
    may: {
      entrance: 'select update(used_at)',
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
