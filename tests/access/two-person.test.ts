import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, describe, test } from 'node:test';
import fc from 'fast-check';
import { sql } from 'kysely';
import { Type } from 'typebox';
import type { Actor, StaffActor } from '#access';
import { Refusal } from '#base/errors';
import type { Role } from '#contract/administration';
import type { Proposal, ProposalListReply } from '#contract/control';
import { askForDeed } from '../../src/access/control/ask-for-deed.ts';
import { agreeing, stillNeeded } from '../../src/access/control/consent.ts';
import { type ControlledDeed, defineControlled } from '../../src/access/control/controlled-deed.ts';
import { inputDigest } from '../../src/access/control/input-digest.ts';
import {
  approveProposal,
  declineProposal,
  withdrawProposal,
} from '../../src/access/control/vote-on-proposal.ts';
import { aStaffMember } from '../build.ts';
import { type Staff, startTestBureau, type TestBureau } from '../harness/bureau.ts';
import { testCtx } from '../harness/database.ts';

const noon = new Date('2026-11-24T12:00:00Z');
const later = (hours: number) => new Date(noon.getTime() + hours * 3_600_000);

let bureau: TestBureau;
const runs: string[] = [];
const machine: Actor = { kind: 'system', id: 'machine', name: 'administrator of this machine' };

function aDeed(people: 2 | 3, name = `try-${people}`): ControlledDeed {
  return defineControlled({
    name,
    people,
    permission: 'retention:decide',
    input: Type.Object(
      { n: Type.Integer({ minimum: 0, maximum: 1_000_000 }) },
      { additionalProperties: false },
    ),
    describe: async (_ctx, { n }) => `Does number ${n}.`,
    run: async (_ctx, { n }, agreement) => {
      runs.push(`${name} ${n} ${agreement.approvedBy.map((one) => one.name).join('+')}`);
      return { n };
    },
  });
}
const two = aDeed(2);
const three = aDeed(3);
const deeds = new Map([two, three].map((deed) => [deed.name, deed]));

const supervisor = async (name?: string) =>
  await aStaffMember(bureau.db.kysely, { roles: ['supervisor'], ...(name === undefined ? {} : { name }) });
const as = (actor: Actor, now = noon) => testCtx(bureau.db, { actor, now });
let counter = 0;
const ask = async (actor: Actor, deed: ControlledDeed = two, now = noon) => {
  counter += 1;
  return await as(actor, now).run((ctx) =>
    askForDeed(ctx, deed, { input: { n: counter }, reason: 'a test' }),
  );
};
const approve = async (actor: StaffActor, asked: { proposalId: string; digest: string }, now = noon) =>
  await as(actor, now).run((ctx) => approveProposal({ ...ctx, actor }, deeds, asked));
const refused = async (work: Promise<unknown>, code: string) =>
  await assert.rejects(work, (error) => error instanceof Refusal && error.code === code);

before(async () => {
  bureau = await startTestBureau();
});

describe('who agrees', () => {
  const person = fc.constantFrom('a', 'b', 'c', 'd');
  const facts = fc.record({
    people: fc.constantFrom(2, 3),
    askedBy: fc.record({ kind: fc.constantFrom('staff' as const, 'system' as const), id: person }),
    digest: fc.constant('right'),
    approvals: fc.array(fc.record({ staffId: person, digest: fc.constantFrom('right', 'wrong') }), {
      maxLength: 8,
    }),
    origins: fc.constant(new Map()),
  });
  const permitted = fc.uniqueArray(person).map((ids) => new Set<string>(ids));

  test('nothing runs with fewer different permitted people than it needs, or on the word of one', () => {
    fc.assert(
      fc.property(facts, permitted, (one, may) => {
        const agreed = agreeing(one, may);
        for (const id of agreed) assert.ok(may.has(id));
        if (stillNeeded(one, may) > 0) return;
        assert.ok(agreed.size >= one.people);
        const others = one.approvals.filter(
          ({ staffId, digest }) => digest === 'right' && staffId !== one.askedBy.id && may.has(staffId),
        );
        const named = one.askedBy.kind === 'staff' && may.has(one.askedBy.id) ? 1 : 0;
        assert.ok(new Set(others.map(({ staffId }) => staffId)).size >= Math.max(1, one.people - named));
      }),
    );
  });

  test('one more vote never needs more people, and the order of votes does not count', () => {
    fc.assert(
      fc.property(facts, permitted, person, (one, may, staffId) => {
        const more = { ...one, approvals: [...one.approvals, { staffId, digest: 'right' }] };
        assert.ok(stillNeeded(more, may) <= stillNeeded(one, may));
        const turned = { ...one, approvals: one.approvals.toReversed() };
        assert.equal(stillNeeded(turned, may), stillNeeded(one, may));
      }),
    );
  });
});

test('what is approved is named by a digest that no other input, deed or order of keys has', () => {
  const value = fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.array(fc.string())));
  fc.assert(
    fc.property(value, value, (one, other) => {
      const turned = Object.fromEntries(Object.entries(one).toReversed());
      assert.equal(inputDigest('x', one), inputDigest('x', turned));
      assert.notEqual(inputDigest('x', one), inputDigest('y', one));
      const isSame = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
      assert.equal(inputDigest('x', one) === inputDigest('x', other), isSame);
    }),
  );
});

const sorted = (value: object) => Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));

describe('a proposal', () => {
  test('runs once, when a colleague approves exactly it, with every name in the audit', async () => {
    const [ada, bo, cy] = [await supervisor('Ada Asks'), await supervisor('Bo Agrees'), await supervisor()];
    const asked = await ask(ada);
    const before = runs.length;
    await refused(approve(ada, asked), 'control.own-proposal');
    await refused(approve(bo, { ...asked, digest: 'f'.repeat(64) }), 'control.digest-differs');
    assert.equal(runs.length, before);
    assert.equal((await approve(bo, asked)).needed, 0);
    assert.equal(runs.at(-1), `try-2 ${counter} Bo Agrees`);
    await refused(approve(bo, asked), 'control.proposal-ended');
    await refused(approve(cy, asked), 'control.proposal-ended');
    assert.equal(runs.length, before + 1);
    const row = await bureau.db.kysely
      .selectFrom('access.audit')
      .selectAll()
      .where('subject', '=', `proposal:${asked.proposalId}`)
      .where('action', '=', 'try-2')
      .executeTakeFirstOrThrow();
    assert.equal(row.why, 'asked by Ada Asks, approved by Bo Agrees: a test');
  });

  test('three people are three people: the asker and two others, none of them twice', async () => {
    const [ada, bo, cy] = [await supervisor(), await supervisor(), await supervisor()];
    const asked = await ask(ada, three);
    assert.equal((await approve(bo, asked)).needed, 1);
    await refused(approve(bo, asked), 'control.voted-already');
    assert.equal((await approve(cy, asked)).needed, 0);
    assert.equal(runs.filter((run) => run.startsWith(`try-3 ${counter} `)).length, 1);
  });

  test('of a machine needs as many people as the deed, because a machine is nobody', async () => {
    const [bo, cy] = [await supervisor(), await supervisor()];
    const asked = await ask(machine);
    assert.equal((await approve(bo, asked)).needed, 1);
    assert.equal((await approve(cy, asked)).needed, 0);
  });

  test('two who approve at the same moment run it once', async () => {
    const [ada, bo, cy] = [await supervisor(), await supervisor(), await supervisor()];
    for (let round = 0; round < 5; round += 1) {
      const asked = await ask(ada);
      const before = runs.length;
      const outcomes = await Promise.allSettled([approve(bo, asked), approve(cy, asked)]);
      assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
      // A deadlock or collision may have called it again in a transaction that was rolled back: what counts is what stands.
      assert.ok(runs.length >= before + 1);
      const { n } = await bureau.db.kysely
        .selectFrom('access.audit')
        .select((eb) => eb.fn.countAll<string>().as('n'))
        .where('action', '=', 'try-2')
        .where('subject', '=', `proposal:${asked.proposalId}`)
        .executeTakeFirstOrThrow();
      assert.equal(Number(n), 1);
    }
  });

  test('that expired, was declined or withdrawn never runs', async () => {
    const [ada, bo, cy] = [await supervisor(), await supervisor(), await supervisor()];
    const old = await ask(ada);
    await refused(approve(bo, old, later(24)), 'control.proposal-ended');
    const declined = await ask(ada);
    await as(bo).run((ctx) =>
      declineProposal({ ...ctx, actor: bo }, deeds, { ...declined, note: 'not now' }),
    );
    await refused(approve(cy, declined), 'control.proposal-ended');
    const back = await ask(ada);
    await refused(
      as(bo).run((ctx) => withdrawProposal(ctx, back)),
      'control.not-yours',
    );
    await as(ada).run((ctx) => withdrawProposal(ctx, back));
    await refused(approve(cy, back), 'control.proposal-ended');
  });

  test('counts nobody who lost the role or the account, neither the asker nor who approved before', async () => {
    const [ada, bo, cy, di] = [
      await supervisor(),
      await supervisor(),
      await supervisor(),
      await supervisor(),
    ];
    const setRoles = async (id: string, roles: readonly Role[]) =>
      await bureau.db.kysely
        .updateTable('access.staff')
        .set({ roles: [...roles] })
        .where('id', '=', id)
        .execute();
    const asked = await ask(ada, three);
    await approve(bo, asked);
    await setRoles(bo.id, ['analyst']);
    assert.equal((await approve(cy, asked)).needed, 1, 'bo agrees no longer');
    await bureau.db.kysely
      .updateTable('access.staff')
      .set({ disabled_at: noon })
      .where('id', '=', ada.id)
      .execute();
    assert.equal((await approve(di, asked)).needed, 1, 'ada agrees no longer, so cy and di are two');
    await refused(approve({ ...bo, roles: ['supervisor'] }, asked), 'access.not-permitted');
    const officer = await aStaffMember(bureau.db.kysely);
    await refused(approve(officer, asked), 'access.not-permitted');
    assert.ok(!runs.some((run) => run.startsWith(`try-3 ${counter} `)));
  });

  test('cannot be changed, ended twice or done by one even by somebody who reaches the database', async () => {
    const [ada, bo] = [await supervisor(), await supervisor()];
    const { proposalId: id } = await ask(ada);
    const db = bureau.db.kysely;
    await assert.rejects(
      sql`update access.proposal set input = '{"n":9}' where id = ${id}`.execute(db),
      /never changes/,
    );
    await assert.rejects(sql`update access.proposal set people = 1 where id = ${id}`.execute(db));
    await assert.rejects(
      sql`update access.proposal set state = 'done', ended_at = now() where id = ${id}`.execute(db),
      /enough people/,
    );
    await assert.rejects(sql`delete from access.proposal where id = ${id}`.execute(db), /is kept/);
    await sql`insert into access.proposal_vote values (${id}, ${ada.id}, 'Ada', 'approve', null,
      (select input_sha256 from access.proposal where id = ${id}), now())`.execute(db);
    await assert.rejects(
      sql`update access.proposal set state = 'done', ended_at = now() where id = ${id}`.execute(db),
      /enough people/,
      'the asker’s own vote is none',
    );
    await assert.rejects(sql`update access.proposal_vote set vote = 'decline'`.execute(db), /append-only/);
    assert.ok(bo.id);
  });

  test('is refused at asking where it is asked already, too few could agree, or the asker may not', async () => {
    const ada = await supervisor();
    const again = { input: { n: 77 }, reason: 'a test' };
    await as(ada).run((ctx) => askForDeed(ctx, two, again));
    await refused(
      as(ada).run((ctx) => askForDeed(ctx, two, again)),
      'control.already-asked',
    );
    const officer = await aStaffMember(bureau.db.kysely);
    await refused(
      as(officer).run((ctx) => askForDeed(ctx, two, { input: { n: 78 }, reason: 'a test' })),
      'access.not-permitted',
    );
    const small = await startTestBureau();
    const only = await aStaffMember(small.db.kysely, { roles: ['supervisor'] });
    await refused(
      testCtx(small.db, { actor: only, now: noon }).run((ctx) =>
        askForDeed(ctx, two, { input: { n: 1 }, reason: 'alone' }),
      ),
      'control.too-few-people',
    );
    await small.stop();
  });
});

test('no sequence of votes by fewer people than are needed ever runs a deed', async () => {
  const people = [await supervisor(), await supervisor(), await supervisor()];
  const step = fc.record({
    who: fc.nat(2),
    what: fc.constantFrom('approve', 'approve', 'wrong', 'lose', 'gain'),
  });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(two, three), fc.array(step, { maxLength: 8 }), async (deed, steps) => {
      for (const one of people) await setSupervisor(one.id, true);
      const asked = await ask(people[0]!, deed);
      const agreed = new Set<string>();
      const may = new Set<string>(people.map((one) => one.id));
      let hasRun = false;
      for (const { who, what } of steps) {
        const actor = people[who]!;
        if (what === 'lose' || what === 'gain') {
          await setSupervisor(actor.id, what === 'gain');
          if (what === 'gain') may.add(actor.id);
          else may.delete(actor.id);
          continue;
        }
        const digest = what === 'wrong' ? '0'.repeat(64) : asked.digest;
        const outcome = await approve(actor, { ...asked, digest }).catch(() => undefined);
        if (outcome === undefined) continue;
        assert.ok(who !== 0 && may.has(actor.id) && !agreed.has(actor.id) && !hasRun);
        agreed.add(actor.id);
        const standing = new Set([...agreed, people[0]!.id].filter((id) => may.has(id)));
        if (outcome.needed === 0) {
          hasRun = true;
          assert.ok(standing.size >= deed.people, `${standing.size} people ran a deed for ${deed.people}`);
        }
      }
      const ran = runs.filter((run) => run.startsWith(`${deed.name} ${counter} `)).length;
      assert.equal(ran, hasRun ? 1 : 0);
    }),
    { numRuns: 40 },
  );
});

async function setSupervisor(id: string, may: boolean): Promise<void> {
  await bureau.db.kysely
    .updateTable('access.staff')
    .set({ roles: [may ? 'supervisor' : 'analyst'] })
    .where('id', '=', id)
    .execute();
}

describe('over HTTP', () => {
  test('whoever is concerned sees it, others do not, and the reply of the last approval says what came of it', async () => {
    const house = await startTestBureau();
    const asker = await house.signIn('Ann Auditor', ['auditor']);
    const other = await house.signIn('Sol Supervisor', ['supervisor']);
    const officer = await house.signIn('Tri Triage', ['triage-officer']);
    const made = await asker.ask('POST', '/v1/desk/proposals', {
      deed: 'bulk-export',
      input: { what: 'audit' },
      reason: 'the yearly check',
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const proposal = made.body as Proposal;
    assert.deepEqual(proposal.can, { vote: false, withdraw: true });
    assert.equal(proposal.needed, 1);
    assert.equal(
      ((await officer.ask('GET', '/v1/desk/proposals')).body as ProposalListReply).items.length,
      0,
    );
    assert.equal((await officer.ask('GET', `/v1/desk/proposals/${proposal.id}`)).status, 404);
    const notices = await other.ask('GET', '/v1/desk/notices');
    assert.equal((notices.body as { approvals: number }).approvals, 1);
    const approved = await other.ask('POST', `/v1/desk/proposals/${proposal.id}/approval`, {
      digest: proposal.digest,
    });
    assert.equal(approved.status, 200, JSON.stringify(approved.body));
    assert.equal((approved.body as Proposal).state, 'done');
    assert.deepEqual((approved.body as Proposal).result?.what, 'audit');
    // The grant is the asker's own and for an hour; nobody else takes the log out by it.
    const take = async (who: Staff) =>
      (await who.ask('POST', '/v1/desk/audit-log/export', {})).body as { code: string };
    assert.notEqual((await take(asker)).code, 'control.grant-needed');
    assert.equal((await take(other)).code, 'control.grant-needed');
    house.clock.advance(61 * 60_000);
    assert.equal((await take(asker)).code, 'control.grant-needed');
    const unknown = await asker.ask('POST', `/v1/desk/proposals/${randomUUID()}/withdrawal`, {});
    assert.equal(unknown.status, 404);
    await house.stop();
  });
});
