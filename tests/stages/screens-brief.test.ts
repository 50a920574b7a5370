import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { sql } from 'kysely';
import { Refusal } from '#base/errors';
import type { Brief } from '#contract/desk';
import { aFiledReport, aStaffMember } from '../build.ts';
import { type Desk, minutesLater, noon, openDesk, refusedWith } from './desk-build.ts';

let desk: Desk;

before(async () => {
  desk = await openDesk();
});

describe('the brief', () => {
  test('shows everything that was sent, and where it stood', async () => {
    const sent = {
      name: 'report',
      line: 1,
      children: [
        { name: 'incidentSummary', line: 2, children: [{ name: 'platform', line: 3, value: 'Chat' }] },
      ],
    };
    const { id, reference, providerId } = await aFiledReport(desk.db.kysely, {
      escalation: 'Meeting arranged (invented).',
      annotations: ['sextortion'],
      sent,
      warnings: [
        { element: 'report/x', layer: 'schema', rule: 'unknown-element', message: 'Kept as sent.', line: 9 },
      ],
      parties: [
        { role: 'reporter', identifiers: [{ kind: 'email', value: 'desk@service.example' }] },
        {
          role: 'reported-user',
          identifiers: [
            { kind: 'phone', value: '07700 900123', attributes: { verified: 'true' } },
            { kind: 'ip', value: '2001:db8::7', attributes: { eventName: 'Login', port: '4433' } },
          ],
        },
      ],
    });
    await desk.assess(id);
    const brief = await desk.ask<Brief>('GET /desk/reports/:reportId', { params: { reportId: id } });
    assert.deepEqual(brief.sent, sent);
    assert.equal(brief.reference, reference);
    assert.equal(brief.provider.id, providerId);
    assert.equal(brief.escalation, 'Meeting arranged (invented).');
    assert.deepEqual(brief.annotations, ['sextortion']);
    assert.deepEqual(brief.warnings, [
      { element: 'report/x', rule: 'unknown-element', message: 'Kept as sent.' },
    ]);
    assert.equal(brief.urgency, 1);
    assert.deepEqual(
      brief.urgencyReasons.map((reason) => reason.code),
      ['escalated-by-service', 'sextortion'],
    );
    assert.ok(brief.completeness!.present.some((reason) => reason.code === 'phone'));
    assert.ok(brief.completeness!.missing.some((reason) => reason.code === 'email'));
    assert.deepEqual(
      brief.parties.map((party) => [party.role, party.identifiers.map((one) => one.value)]),
      [
        ['reporter', ['desk@service.example']],
        ['reported-user', ['07700 900123', '2001:db8::7']],
      ],
    );
    assert.deepEqual(brief.parties[1]?.identifiers[1], {
      kind: 'ip',
      value: '2001:db8::7',
      path: 'report/identifier[3]',
      line: 3,
      attributes: { eventName: 'Login', port: '4433' },
    });
    assert.deepEqual([brief.fileCount, brief.partyCount, brief.incidents], [0, 2, 1]);
    assert.equal(brief.state, 'waiting');
  });

  test('shows files as metadata, with what was said of each', async () => {
    const fileSent = { name: 'fileDetails', children: [{ name: 'additionalInfo', value: 'metadata only' }] };
    const { id, fileIds } = await aFiledReport(desk.db.kysely, {
      files: [
        {
          originalFileName: '../odd\u202Ename.png',
          isViewedByProvider: true,
          annotations: ['viral'],
          identifiers: [{ kind: 'ip', value: '198.51.100.4' }],
          sent: fileSent,
        },
      ],
    });
    const brief = await desk.ask<Brief>('GET /desk/reports/:reportId', { params: { reportId: id } });
    const [file] = brief.files;
    assert.equal(file?.fileId, fileIds[0]);
    assert.equal(file?.originalFileName, '../odd\u202Ename.png');
    assert.equal(file?.uploadName, 'upload-1.png');
    assert.equal(file?.mediaType, 'image/png');
    assert.equal(file?.sealState, 'sealed');
    assert.deepEqual(file?.sent, fileSent);
    assert.deepEqual(
      file?.identifiers.map((one) => one.value),
      ['198.51.100.4'],
    );
    assert.equal(brief.fileCount, 1);
  });

  test('counts the other reports that hold the same bytes, and names identical filings', async () => {
    const sha256 = 'ab'.repeat(32);
    const first = await aFiledReport(desk.db.kysely, { files: [{ sha256 }, { sha256 }] });
    const second = await aFiledReport(desk.db.kysely, { files: [{ sha256 }], duplicateOf: first.id });
    // A sandbox report of the same bytes is never in a count of production.
    await aFiledReport(desk.db.kysely, { files: [{ sha256 }], environment: 'sandbox' });
    const brief = await desk.ask<Brief>('GET /desk/reports/:reportId', { params: { reportId: first.id } });
    assert.deepEqual(
      brief.files.map((file) => file.otherReports),
      [1, 1],
    );
    assert.deepEqual(brief.duplicates, [second.id]);
    await sql`update vault.holding set released_at = now() where report_id = ${second.id}`.execute(
      desk.db.kysely,
    );
    const later = await desk.ask<Brief>('GET /desk/reports/:reportId', { params: { reportId: first.id } });
    assert.deepEqual(
      later.files.map((file) => file.otherReports),
      [0, 0],
    );
  });

  test('tells the state of every seal', async () => {
    const { id } = await aFiledReport(desk.db.kysely, { files: [{}, {}, {}, {}] });
    const stateNow = async () =>
      (await desk.ask<Brief>('GET /desk/reports/:reportId', { params: { reportId: id } })).files.map(
        (file) => file.sealState,
      );
    const change = async (position: number, what: string) => {
      await sql`update vault.seal set ${sql.raw(what)} where sha256 =
        (select sha256 from intake.report_file where report_id = ${id} and position = ${position})`.execute(
        desk.db.kysely,
      );
    };
    await change(2, 'verified_at = now()');
    await change(3, "verified_at = now(), damaged_at = now(), damage = 'x'");
    await change(4, 'destroyed_at = now(), location = null');
    assert.deepEqual(await stateNow(), ['sealed', 'verified', 'damaged', 'destroyed']);
  });

  test('offers exactly what the deeds then allow', async () => {
    const bo = await aStaffMember(desk.db.kysely);
    const lead = await aStaffMember(desk.db.kysely, { roles: ['supervisor'] });
    const stages: readonly [string, (id: string) => Promise<unknown>][] = [
      ['waiting', async () => {}],
      ['taken', (id) => desk.act('take', id)],
      ['decided', (id) => desk.act('decision', id, { body: { kind: 'refer' } })],
    ];
    const bodies: Record<string, unknown> = { decision: { kind: 'refer' }, reopen: { reason: 'because' } };
    const moves = {
      take: 'take',
      release: 'release',
      decide: 'decision',
      undo: 'undo',
      reopen: 'reopen',
    } as const;
    for (const [stage, prepare] of stages) {
      for (const actor of [desk.ada, bo, lead]) {
        for (const now of [noon, minutesLater(16)]) {
          for (const [move, deed] of Object.entries(moves)) {
            const id = await desk.inLine();
            await prepare(id);
            const { can } = await desk.ask<Brief>('GET /desk/reports/:reportId', {
              params: { reportId: id },
              query: { why: 'a colleague asked' },
              actor,
              now,
            });
            const happened = await desk.act(deed, id, { actor, now, body: bodies[deed] }).then(
              ({ body }) => (body as { state: string }).state !== stage,
              (error: unknown) => {
                assert.ok(error instanceof Refusal, String(error));
                return false;
              },
            );
            assert.equal(
              can[move as keyof typeof moves],
              happened,
              `${stage}: ${move} by ${actor.roles} at ${now.toISOString()}`,
            );
          }
        }
      }
    }
  });

  test('keeps every decision, the undone ones with their mark', async () => {
    const id = await desk.inLine();
    await desk.act('decision', id, { body: { kind: 'refer' } });
    await desk.act('undo', id, { now: minutesLater(1) });
    await desk.act('decision', id, { body: { kind: 'not-a-matter', reason: 'spam' }, now: minutesLater(2) });
    const decided = await desk.ask<Brief>('GET /desk/reports/:reportId', {
      params: { reportId: id },
      now: minutesLater(3),
    });
    assert.deepEqual(
      decided.decisions.map((one) => [one.kind, one.reason, one.by.name, one.undoneAt]),
      [
        ['refer', undefined, 'Ada Vale', minutesLater(1).toISOString()],
        ['not-a-matter', 'spam', 'Ada Vale', undefined],
      ],
    );
    assert.equal(decided.undoUntil, minutesLater(17).toISOString());
    await desk.act('reopen', id, { body: { reason: 'a link appeared' } });
    const reopened = await desk.ask<Brief>('GET /desk/reports/:reportId', { params: { reportId: id } });
    assert.equal(reopened.decisions[1]?.undoneWhy, 'a link appeared');
    assert.equal(reopened.decisions[1]?.undoneBy?.name, 'Ada Vale');
  });

  test('is audited with the report and the task it was read for', async () => {
    const id = await desk.inLine();
    const route = desk.route('GET /desk/reports/:reportId');
    assert.equal(route.audit, 'read-report');
    assert.equal(route.permission, 'report:read');
    const asking = { params: { reportId: id } };
    const before = await desk.answerOf('GET /desk/reports/:reportId', asking);
    assert.deepEqual([before.subject, before.why], [`report:${id}`, `review of report:${id}`]);
    await desk.act('take', id);
    assert.equal(
      (await desk.answerOf('GET /desk/reports/:reportId', asking)).why,
      `decision on report:${id}`,
    );
  });

  test('is there for reports that never came into the line', async () => {
    for (const state of ['open', 'retracted', 'expired'] as const) {
      const { id } = await aFiledReport(desk.db.kysely, { state });
      const brief = await desk.ask<Brief>('GET /desk/reports/:reportId', { params: { reportId: id } });
      assert.equal(brief.reportState, state);
      assert.equal(brief.reference, '');
      assert.equal(brief.state, undefined);
      assert.equal(Object.values(brief.can).some(Boolean), false);
      if (state !== 'open') assert.deepEqual(brief.sent, { name: 'report' });
    }
  });

  test('refuses a report that does not exist', async () => {
    for (const reportId of ['4711', 'abc', '0', '99999999999999999999']) {
      await refusedWith(
        desk.answerOf('GET /desk/reports/:reportId', { params: { reportId } }),
        'screens.unknown-report',
      );
    }
  });
});
