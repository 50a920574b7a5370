import { sql } from 'kysely';
import type { AuditStrays } from '#contract/audit-log';
import type { Ctx } from '../ctx.ts';
import type { LogSource } from './sources.ts';
import { countPending } from './store.ts';

const mostNamed = 1000;

/** Rows of the lists that neither have a position nor wait for one: put in beside the bureau. Reads every row. */
export async function findStrays(ctx: Ctx, sources: readonly LogSource[]): Promise<AuditStrays> {
  const { db } = ctx.tx;
  const found: AuditStrays['rows'] = [];
  for (const { name, table } of sources) {
    const { rows } = await sql<{ id: string }>`
      select listed.id::text as id from ${sql.table(table)} listed
      where not exists (select from access.log_entry entry where entry.source = ${name} and entry.row_id = listed.id)
        and not exists (
          select from access.log_pending waiting where waiting.source = ${name} and waiting.row_id = listed.id
        )
      order by listed.id limit ${mostNamed}`.execute(db);
    found.push(...rows.map(({ id }) => ({ source: name, id })));
  }
  return { rows: found.slice(0, mostNamed), pending: await countPending(db) };
}
