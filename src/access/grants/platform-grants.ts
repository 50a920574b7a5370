import type { TableRule } from '#platform/postgres';
import { everything } from './row-conditions.ts';

/** Grants of what every part uses, and of the queue of jobs. */

/** Enqueues, and says that it is there; runs nothing. */
const sends = { intake: 'select insert', desk: 'select insert' };

export const platformGrants: Readonly<Record<string, TableRule>> = {
  'platform.bureau': {
    holds: 'reference',
    may: { entrance: 'select', desk: 'select', worker: 'select', statistics: 'select', auditor: 'select' },
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

export const jobsGrants: Readonly<Record<string, TableRule>> = {
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
