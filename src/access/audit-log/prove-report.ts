import { sql } from 'kysely';
import type { ReportProofReply } from '#contract/audit-log';
import { formatEntry, formatMissing } from '#proof/log-entry';
import { consistencyRanges, inclusionRanges } from '#proof/merkle';
import { hashesOf } from '#proof/tiles';
import { accessRefusal } from '../codes.ts';
import type { Ctx } from '../ctx.ts';
import { type ExportParts, withCosignatures } from './export-log.ts';
import { type LogSource, readRows } from './sources.ts';
import * as store from './store.ts';

export interface ProofQuestion {
  readonly reportId: string;
  /** The checkpoint of this size; the newest where absent. */
  readonly size?: number;
  /** Also prove that the log continues one of this size. */
  readonly from?: number;
  /** Positions after this one. */
  readonly after?: number;
  readonly limit: number;
}

/** One page of the rows about a report, oldest position first, each with its inclusion proof. */
export async function proveReport(
  ctx: Ctx,
  parts: ExportParts,
  question: ProofQuestion,
): Promise<ReportProofReply> {
  const { db } = ctx.tx;
  const newest = await store.newestCheckpoint(db);
  const checkpoint = question.size === undefined ? newest : await store.checkpointOf(db, question.size);
  if (checkpoint === undefined) throw accessRefusal('access.unknown-checkpoint');
  const { size } = checkpoint;
  if ((question.from ?? 0) > size)
    throw accessRefusal('access.log-shorter', { size, from: question.from ?? 0 });

  const found = await positionsAbout(ctx, parts.sources, question, size);
  const page = found.slice(0, question.limit);
  const last = page.at(-1);
  const readTile = store.tileReader(db);
  const items: ReportProofReply['items'] = [];
  for (const entry of await entriesFrom(ctx, parts.sources, page)) {
    const hashes = await hashesOf(inclusionRanges(entry.position, size), size, readTile);
    items.push({ ...entry, hashes: hashes.map((hash) => hash.toString('base64')) });
  }
  return {
    report: question.reportId,
    checkpoint: await withCosignatures(ctx, checkpoint),
    verifierKeys: [...parts.verifierKeys],
    items,
    unsealed: await countUnsealed(ctx, parts.sources, question.reportId, size),
    ...(question.from !== undefined && {
      consistency: {
        fromSize: question.from,
        hashes: (await hashesOf(consistencyRanges(question.from, size), size, readTile)).map((hash) =>
          hash.toString('base64'),
        ),
      },
    }),
    ...(found.length > page.length && last !== undefined && { next: last.position }),
  };
}

async function positionsAbout(
  ctx: Ctx,
  sources: readonly LogSource[],
  { reportId, after = -1, limit }: ProofQuestion,
  size: number,
): Promise<readonly store.EntryRow[]> {
  const about = sources.map(
    ({ name, table, ofReport }) => sql`
      select entry.position, entry.source, entry.row_id, entry.salt
      from ${sql.table(table)} listed
      join access.log_entry entry on entry.source = ${name} and entry.row_id = listed.id
      where listed.${sql.ref(ofReport.column)} = ${ofReport.valueOf(reportId)}`,
  );
  const { rows } = await sql<store.EntryRow>`
    select position::float8 as position, source, row_id::text as "rowId", salt
    from (${sql.join(about, sql` union all `)}) found
    where found.position > ${after} and found.position < ${size}
    order by found.position limit ${limit + 1}`.execute(ctx.tx.db);
  return rows;
}

async function entriesFrom(
  ctx: Ctx,
  sources: readonly LogSource[],
  page: readonly store.EntryRow[],
): Promise<{ readonly position: number; readonly entry: string }[]> {
  const texts = new Map<number, string>();
  for (const source of sources) {
    const own = page.filter((row) => row.source === source.name);
    const rows = await readRows(
      ctx.tx.db,
      source,
      own.map((row) => row.rowId),
    );
    for (const { position, rowId: id, salt } of own) {
      const row = rows.get(id);
      const entry =
        row === undefined
          ? formatMissing(source.name, id, salt)
          : formatEntry({ source: source.name, id, row }, salt);
      texts.set(position, entry.toString('utf8'));
    }
  }
  return page.map(({ position }) => ({ position, entry: texts.get(position) ?? '' }));
}

async function countUnsealed(
  ctx: Ctx,
  sources: readonly LogSource[],
  reportId: string,
  size: number,
): Promise<number> {
  let count = 0;
  for (const { name, table, ofReport } of sources) {
    const { rows } = await sql<{ waiting: number }>`
      select count(*)::int as waiting from ${sql.table(table)} listed
      left join access.log_entry entry on entry.source = ${name} and entry.row_id = listed.id
      where listed.${sql.ref(ofReport.column)} = ${ofReport.valueOf(reportId)}
        and (entry.position is null or entry.position >= ${size})`.execute(ctx.tx.db);
    count += rows[0]?.waiting ?? 0;
  }
  return count;
}
