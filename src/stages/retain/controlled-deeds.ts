import { Type } from 'typebox';
import { type Agreement, type ControlledDeed, defineControlled } from '#access';
import { parseReportId, type ReportId } from '#base/ids';
import { approveErasures, checkErasures } from './approve-erasures.ts';
import { retainRefusal, someOf, subjectOf } from './codes.ts';
import { allSchedules, currentSchedules, findHold, insertSchedule, liftHold, takeTurns } from './store.ts';
import type { DecidedBy } from './store-erasures.ts';

/** A list that a person can still look through before agreeing. */
export const mostPerProposal = 100;
const uuid = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';
const ReportNumber = Type.String({ pattern: '^[1-9][0-9]{0,17}$' });

/** Destroys what reports said and the bytes of their files, for good. */
export const destroyEvidence: ControlledDeed = defineControlled({
  name: 'destroy-evidence',
  people: 2,
  permission: 'retention:decide',
  // Somebody should be able to look at each report of the list; a day is short for that.
  lifetimeHours: 7 * 24,
  input: Type.Object(
    {
      ground: Type.Enum(['schedule', 'order']),
      reportIds: Type.Array(ReportNumber, { minItems: 1, maxItems: mostPerProposal, uniqueItems: true }),
    },
    { additionalProperties: false },
  ),
  describe: async (ctx, input) => {
    const reports = await checkErasures(ctx, { ...input, reportIds: numbersOf(input.reportIds) });
    const bases = [...new Set(reports.map(({ schedule }) => schedule.basis))].sort().join(' and ');
    const what =
      reports.length === 1 ? 'the content of one report' : `the content of ${reports.length} reports`;
    const why = input.ground === 'order' ? 'by order, before or after their term' : `due under ${bases}`;
    return `Destroys ${what} for good (${someOf(input.reportIds)}), ${why}. Numbers, references and counts stay.`;
  },
  run: async (ctx, input, agreement) => {
    const reportIds = numbersOf(input.reportIds);
    const approved = await approveErasures(ctx, {
      ground: input.ground,
      reportIds,
      approvedBy: decidedBy(agreement),
      proposalId: agreement.proposalId,
    });
    return { approved };
  },
});

/** Lets a hold go, so that the schedule counts again. */
const breakLegalHold: ControlledDeed = defineControlled({
  name: 'break-legal-hold',
  people: 2,
  permission: 'retention:decide',
  input: Type.Object({ holdId: Type.String({ pattern: uuid }) }, { additionalProperties: false }),
  describe: async (ctx, input) => {
    const hold = await findHold(ctx.tx.db, input.holdId);
    if (hold === undefined || hold.liftedAt !== null) throw retainRefusal('retain.unknown-hold');
    return `Lifts the legal hold on report ${hold.reportId} (case ${hold.caseReference}), which ${hold.placedByName} placed on ${day(hold.placedAt)}. What is due can then be destroyed.`;
  },
  run: async (ctx, input, agreement) => {
    const known = await findHold(ctx.tx.db, input.holdId);
    if (known === undefined) throw retainRefusal('retain.unknown-hold');
    await takeTurns(ctx.tx.db, [known.reportId]);
    const hold = await findHold(ctx.tx.db, input.holdId);
    if (hold === undefined || hold.liftedAt !== null)
      throw retainRefusal('retain.unknown-hold', { subject: subjectOf(known.reportId) });
    const by = namesOf(agreement);
    await liftHold(ctx.tx.db, hold.id, { at: ctx.now, by, proposalId: agreement.proposalId });
    return { reportId: hold.reportId };
  },
});

/** Puts a new version of a profile's schedule in force. It counts for every report that is not erased yet. */
const changeRetention: ControlledDeed = defineControlled({
  name: 'change-retention',
  people: 2,
  permission: 'retention:decide',
  input: Type.Object(
    {
      profile: Type.Enum(['cybertip', 'uk']),
      basis: Type.String({ minLength: 3, maxLength: 200, pattern: '^[^\\u0000-\\u001f\\u007f]*$' }),
      source: Type.String({ minLength: 3, maxLength: 500, pattern: '^[^\\u0000-\\u001f\\u007f]*$' }),
      contentMonths: Type.Integer({ minimum: 1, maximum: 600 }),
      referenceMonths: Type.Integer({ minimum: 1, maximum: 1200 }),
      isStanding: Type.Boolean(),
    },
    { additionalProperties: false },
  ),
  describe: async (ctx, input) => {
    const now = (await currentSchedules(ctx.tx.db)).find(({ profile }) => profile === input.profile);
    if (input.referenceMonths < input.contentMonths) throw retainRefusal('retain.reference-shorter');
    const { basis, source, contentMonths, referenceMonths, isStanding } = input;
    const isSame =
      now !== undefined &&
      [basis, source, contentMonths, referenceMonths, isStanding].every(
        (value, index) =>
          value === [now.basis, now.source, now.contentMonths, now.referenceMonths, now.isStanding][index],
      );
    if (isSame) throw retainRefusal('retain.schedule-unchanged');
    const before =
      now === undefined ? '' : ` Now: ${now.contentMonths} and ${now.referenceMonths} months, ${now.basis}.`;
    const asks = isStanding
      ? 'What is due is then destroyed WITHOUT asking people again.'
      : 'What is due is proposed to people, who decide.';
    return `Keeps the content of ${input.profile} reports ${contentMonths} months and their reference ${referenceMonths} months, under ${basis}. ${asks}${before}`;
  },
  run: async (ctx, input, agreement) => {
    const versions = (await allSchedules(ctx.tx.db)).filter(({ profile }) => profile === input.profile);
    const version = 1 + Math.max(0, ...versions.map((row) => row.version));
    const setBy = namesOf(agreement);
    await insertSchedule(ctx.tx.db, {
      ...input,
      version,
      since: ctx.now,
      setBy,
      proposalId: agreement.proposalId,
    });
    return { profile: input.profile, version };
  },
});

export const retainControlled: readonly ControlledDeed[] = [destroyEvidence, breakLegalHold, changeRetention];

function numbersOf(texts: readonly string[]): ReportId[] {
  return texts.map((text) => {
    const reportId = parseReportId(text);
    if (reportId === undefined) throw new Error('the shape of the input lets only report numbers through');
    return reportId;
  });
}

/** A machine or job that asked decided nothing. */
function decidedBy(agreement: Agreement): readonly DecidedBy[] {
  const { askedBy, askedAt, approvedBy } = agreement;
  return [
    ...(askedBy.kind === 'staff'
      ? [{ id: askedBy.id, name: askedBy.name, at: askedAt.toISOString(), part: 'asked' as const }]
      : []),
    ...approvedBy.map(({ id, name, at }) => ({ id, name, at: at.toISOString(), part: 'approved' as const })),
  ];
}

function namesOf(agreement: Agreement): string {
  return decidedBy(agreement)
    .map(({ name }) => name)
    .join(' and ');
}

function day(at: Date): string {
  return at.toISOString().slice(0, 10);
}
