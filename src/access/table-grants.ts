import type { RoleRegister } from '#platform/postgres';
import { accessGrants, controlGrants, trailGrants } from './grants/access-grants.ts';
import { jobsGrants, platformGrants } from './grants/platform-grants.ts';
import { assessGrants, fingerprintGrants, intakeGrants, vaultGrants } from './grants/stage-grants.ts';

/**
 * Who may do what in the database: every table, view and function of every schema, what it holds, and the only rights
 * there are to it. Applied at every start, and compared with the database's own catalogue by `tests/database`.
 *
 * `content` is what was reported; `personal` is about staff; `reference` and `operational` are neither; `audit` is who
 * did what; `secret` lets in whoever has it. The auditor and the statistics see no column of what was reported, nor
 * of secrets; the statistics see nobody of staff either.
 */
export const tableGrants: RoleRegister = {
  tables: {
    ...accessGrants,
    ...trailGrants,
    ...controlGrants,
    ...vaultGrants,
    ...intakeGrants,
    ...fingerprintGrants,
    ...assessGrants,
    ...platformGrants,
    ...jobsGrants,
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
