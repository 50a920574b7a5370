import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { sql } from 'kysely';
import type { Actor, StaffActor } from '#access';
import { assessCodes } from '#assess';
import { Refusal } from '#base/errors';
import type { DeskReply } from '#contract/desk';
import { aStaffMember } from '../build.ts';
import { type Asking, type Desk, minutesLater, openDesk } from './desk-build.ts';

let desk: Desk;
let ada: StaffActor;
let bo: StaffActor;
let lead: StaffActor;
/** Codes that some test saw; the last test compares them with the table. */
const seenCodes = new Set<string>();

before(async () => {
  desk = await openDesk();
  ada = desk.ada;
  bo = await aStaffMember(desk.db.kysely, { name: 'Bo Marsh' });
  lead = await aStaffMember(desk.db.kysely, { name: 'Lee Dow', roles: ['supervisor'] });
});

async function act(deed: Parameters<Desk['act']>[0], reportId: string, asking: Asking) {
  const answer = await desk.act(deed, reportId, asking);
  return { reply: answer.body as DeskReply, answer, events: answer.events };
}

async function refused(work: Promise<unknown>, code: keyof typeof assessCodes): Promise<Refusal> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    assert.equal(error.code, code);
    assert.equal(error.status, assessCodes[code].status);
    seenCodes.add(code);
    return error;
  }
  throw new assert.AssertionError({ message: `was not refused with ${code}` });
}

async function decisionsOf(reportId: string) {
  const { rows } = await sql<{
    kind: string;
    reason: string | null;
    undone: Date | null;
    why: string | null;
  }>`
    select kind, reason, undone_at as undone, undone_why as why from assess.decision
    where report_id = ${reportId} order by decided_at`.execute(desk.db.kysely);
  return rows;
}

describe('taking', () => {
  test('takes a waiting report; taking it again changes nothing', async () => {
    const id = await desk.inLine();
    const first = await act('take', id, { actor: ada });
    assert.deepEqual(first.reply, {
      reportId: id,
      state: 'taken',
      takenBy: { id: ada.id, name: 'Ada Vale' },
    });
    assert.deepEqual(first.events, [`report.taken ${id}`]);
    assert.equal(first.answer.subject, `report:${id}`);
    const again = await act('take', id, { actor: ada });
    assert.equal(again.reply.state, 'taken');
    assert.deepEqual(again.events, []);
  });

  test('of two officers at once one wins, and the other is told who', async () => {
    for (let round = 0; round < 10; round += 1) {
      const id = await desk.inLine();
      const results = await Promise.allSettled([
        act('take', id, { actor: ada }),
        act('take', id, { actor: bo }),
      ]);
      const won = results.filter((one) => one.status === 'fulfilled');
      const lost = results.filter((one) => one.status === 'rejected');
      assert.equal(won.length, 1);
      const refusal = await refused(Promise.reject(lost[0]?.reason), 'assess.taken-by-another');
      assert.equal(refusal.details.takenBy, won[0]?.value.reply.takenBy?.name);
      assert.equal(refusal.details.subject, `report:${id}`);
    }
  });

  test('is refused for a decided report', async () => {
    const id = await desk.inLine();
    await act('decision', id, { actor: ada, body: { kind: 'refer' } });
    const refusal = await refused(act('take', id, { actor: bo }), 'assess.already-decided');
    assert.equal(refusal.details.decidedBy, 'Ada Vale');
  });

  test('needs a report, and a person', async () => {
    await refused(act('take', '4711', { actor: ada }), 'assess.unknown-report');
    await refused(act('take', 'abc', { actor: ada }), 'assess.unknown-report');
    const machine: Actor = { kind: 'system', id: 'machine', name: 'administrator of this machine' };
    await refused(act('take', await desk.inLine(), { actor: machine }), 'assess.named-person-needed');
  });
});

describe('releasing', () => {
  test('puts the report back into the line', async () => {
    const id = await desk.inLine();
    await act('take', id, { actor: ada });
    const released = await act('release', id, { actor: ada });
    assert.deepEqual(released.reply, { reportId: id, state: 'waiting' });
    assert.deepEqual(released.events, [`report.released ${id}`]);
    assert.equal((await act('take', id, { actor: bo })).reply.takenBy?.name, 'Bo Marsh');
  });

  test('is for whoever took it or a supervisor', async () => {
    const id = await desk.inLine();
    await refused(act('release', id, { actor: ada }), 'assess.not-taken');
    await act('take', id, { actor: ada });
    await refused(act('release', id, { actor: bo }), 'assess.taken-by-another');
    assert.equal((await act('release', id, { actor: lead })).reply.state, 'waiting');
  });

  test('is refused once decided', async () => {
    const id = await desk.inLine();
    await act('decision', id, { actor: ada, body: { kind: 'refer' } });
    await refused(act('release', id, { actor: ada }), 'assess.already-decided');
  });
});

describe('deciding', () => {
  test('takes a waiting report in the same act', async () => {
    const id = await desk.inLine();
    const { reply, events, answer } = await act('decision', id, { actor: ada, body: { kind: 'refer' } });
    assert.deepEqual(reply, {
      reportId: id,
      state: 'decided',
      takenBy: { id: ada.id, name: 'Ada Vale' },
      decision: 'refer',
      undoUntil: '2026-11-24T12:15:00.000Z',
    });
    assert.deepEqual(events, [`report.decided ${id}`]);
    assert.deepEqual(answer.details, { kind: 'refer' });
  });

  test('is for whoever took it', async () => {
    const id = await desk.inLine();
    await act('take', id, { actor: ada });
    const refusal = await refused(
      act('decision', id, { actor: bo, body: { kind: 'refer' } }),
      'assess.taken-by-another',
    );
    assert.equal(refusal.details.takenBy, 'Ada Vale');
    await act('decision', id, { actor: ada, body: { kind: 'refer' } });
    await refused(act('decision', id, { actor: bo, body: { kind: 'refer' } }), 'assess.already-decided');
  });

  test('needs a reason for everything but a referral', async () => {
    const id = await desk.inLine();
    for (const kind of ['informational', 'needs-information', 'not-a-matter']) {
      await refused(act('decision', id, { actor: ada, body: { kind } }), 'assess.reason-needed');
      await refused(
        act('decision', id, { actor: ada, body: { kind, reason: '    ' } }),
        'assess.reason-needed',
      );
    }
    const body = { kind: 'informational', reason: 'no-location-derivable' };
    assert.equal((await act('decision', id, { actor: ada, body })).reply.decision, 'informational');
    assert.deepEqual(await decisionsOf(id), [
      { kind: 'informational', reason: 'no-location-derivable', undone: null, why: null },
    ]);
  });

  test('the same decision sent twice by the same person counts once', async () => {
    const id = await desk.inLine();
    const body = { kind: 'not-a-matter', reason: 'sent by mistake' };
    await act('decision', id, { actor: ada, body });
    const again = await act('decision', id, { actor: ada, body, now: minutesLater(1) });
    assert.deepEqual(again.events, []);
    assert.equal((await decisionsOf(id)).length, 1);
    await refused(act('decision', id, { actor: ada, body: { kind: 'refer' } }), 'assess.already-decided');
  });

  test('two people at once leave one decision', async () => {
    const id = await desk.inLine();
    const body = { kind: 'refer' };
    const results = await Promise.allSettled([
      act('decision', id, { actor: ada, body }),
      act('decision', id, { actor: bo, body }),
    ]);
    assert.equal(results.filter((one) => one.status === 'fulfilled').length, 1);
    assert.equal((await decisionsOf(id)).length, 1);
  });

  test('a reason with a NUL, or of three thousand letters, is refused by the schema', async () => {
    const id = await desk.inLine();
    for (const reason of ['a\u0000bc', 'x'.repeat(3_000), 'x']) {
      await assert.rejects(act('decision', id, { actor: ada, body: { kind: 'refer', reason } }), {
        name: 'DefectList',
      });
    }
  });
});

describe('undoing', () => {
  test('takes the own decision back to taken for fifteen minutes, and keeps its row', async () => {
    const id = await desk.inLine();
    await act('decision', id, { actor: ada, body: { kind: 'refer' } });
    const undone = await act('undo', id, { actor: ada, now: minutesLater(15) });
    assert.equal(undone.reply.state, 'taken');
    assert.equal(undone.reply.takenBy?.name, 'Ada Vale');
    assert.deepEqual(undone.events, [`report.decision-undone ${id}`]);
    assert.deepEqual(await decisionsOf(id), [
      { kind: 'refer', reason: null, undone: minutesLater(15), why: null },
    ]);
    const body = { kind: 'needs-information', reason: 'which account?' };
    await act('decision', id, { actor: ada, body, now: minutesLater(16) });
    assert.equal((await decisionsOf(id)).length, 2);
  });

  test('is refused a millisecond later', async () => {
    const id = await desk.inLine();
    await act('decision', id, { actor: ada, body: { kind: 'refer' } });
    const late = new Date(minutesLater(15).getTime() + 1);
    const refusal = await refused(act('undo', id, { actor: ada, now: late }), 'assess.undo-too-late');
    assert.equal(refusal.details.undoUntil, '2026-11-24T12:15:00.000Z');
  });

  test('is refused for somebody else’s decision', async () => {
    const id = await desk.inLine();
    await act('decision', id, { actor: ada, body: { kind: 'refer' } });
    const refusal = await refused(act('undo', id, { actor: lead }), 'assess.decided-by-another');
    assert.equal(refusal.details.decidedBy, 'Ada Vale');
  });

  test('of a take is a release, for whoever took it', async () => {
    const id = await desk.inLine();
    await refused(act('undo', id, { actor: ada }), 'assess.not-taken');
    await act('take', id, { actor: ada });
    await refused(act('undo', id, { actor: lead }), 'assess.taken-by-another');
    const undone = await act('undo', id, { actor: ada, now: minutesLater(600) });
    assert.equal(undone.reply.state, 'waiting');
    assert.deepEqual(undone.events, [`report.released ${id}`]);
  });
});

describe('reopening', () => {
  test('puts a decided report back into the line and marks the decision with the reason', async () => {
    const id = await desk.inLine();
    await act('decision', id, { actor: ada, body: { kind: 'not-a-matter', reason: 'looked like spam' } });
    const body = { reason: 'a second report names the same account' };
    const reopened = await act('reopen', id, { actor: bo, body, now: minutesLater(60) });
    assert.deepEqual(reopened.reply, { reportId: id, state: 'waiting' });
    assert.deepEqual(reopened.events, [`report.reopened ${id}`]);
    assert.deepEqual(await decisionsOf(id), [
      { kind: 'not-a-matter', reason: 'looked like spam', undone: minutesLater(60), why: body.reason },
    ]);
    assert.equal((await act('take', id, { actor: bo })).reply.takenBy?.name, 'Bo Marsh');
  });

  test('needs a decision and a reason', async () => {
    const id = await desk.inLine();
    await refused(act('reopen', id, { actor: ada, body: { reason: 'because' } }), 'assess.not-decided');
    await act('decision', id, { actor: ada, body: { kind: 'refer' } });
    await refused(act('reopen', id, { actor: ada, body: { reason: '     ' } }), 'assess.reason-needed');
    await assert.rejects(act('reopen', id, { actor: ada, body: {} }), { name: 'DefectList' });
  });
});

test('every change tells the live screens, in its own commit', async () => {
  const client = await desk.db.pool.connect();
  const heard: string[] = [];
  try {
    client.on('notification', (message) => heard.push(message.channel));
    await client.query('listen firstlight_line');
    const id = await desk.inLine();
    await act('take', id, { actor: ada });
    await act('release', id, { actor: ada });
    await act('decision', id, { actor: ada, body: { kind: 'refer' } });
    await act('undo', id, { actor: ada });
    await act('decision', id, { actor: ada, body: { kind: 'refer' } });
    await act('reopen', id, { actor: ada, body: { reason: 'because' } });
    await client.query('select 1');
    assert.deepEqual(
      heard,
      Array.from({ length: 7 }, () => 'firstlight_line'),
    );
    await client.query('unlisten firstlight_line');
  } finally {
    client.release();
  }
});

test('every refusal code of the stage was met above', () => {
  const ofTheOrder = [
    'assess.too-many-taken',
    'assess.not-assessed',
    'assess.not-in-sample',
    'assess.share-out-of-bounds',
  ];
  assert.deepEqual([...seenCodes, ...ofTheOrder].sort(), Object.keys(assessCodes).sort());
});
