import { Type } from 'typebox';
import type { Ctx } from '../ctx.ts';
import { controlRefusal } from './codes.ts';
import { type ControlledDeed, defineControlled } from './controlled-deed.ts';

/** Long enough to run the export, too short to come back for another look. */
const grantMinutes = 60;

const what = { audit: 'the audit log' } as const;
export type ExportKind = keyof typeof what;

/** Leave to take out many rows at once: whoever asked may do it for an hour. */
export const bulkExport: ControlledDeed = defineControlled({
  name: 'bulk-export',
  people: 2,
  permission: 'audit:export',
  input: Type.Object({ what: Type.Enum(['audit']) }, { additionalProperties: false }),
  describe: async (ctx, input) =>
    `${ctx.actor.name} may take out ${what[input.what]} as one file, for ${grantMinutes} minutes from the approval.`,
  run: async (ctx, input, agreement) => {
    const endsAt = new Date(ctx.now.getTime() + grantMinutes * 60_000);
    await ctx.tx.db
      .insertInto('access.export_grant')
      .values({
        proposal_id: agreement.proposalId,
        what: input.what,
        granted_to_kind: agreement.askedBy.kind,
        granted_to: agreement.askedBy.id,
        granted_at: ctx.now,
        ends_at: endsAt,
      })
      .execute();
    return { what: input.what, endsAt: endsAt.toISOString() };
  },
});

/** Gives the proposal under which this actor may take this out now, or refuses `control.grant-needed`. */
export async function requireExportGrant(ctx: Ctx, kind: ExportKind): Promise<string> {
  const row = await ctx.tx.db
    .selectFrom('access.export_grant')
    .select('proposal_id')
    .where('what', '=', kind)
    .where('granted_to_kind', '=', ctx.actor.kind)
    .where('granted_to', '=', ctx.actor.id)
    .where('ends_at', '>', ctx.now)
    .orderBy('ends_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) throw controlRefusal('control.grant-needed', { subject: `export:${kind}` });
  return row.proposal_id;
}
