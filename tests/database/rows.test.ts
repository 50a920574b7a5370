import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, describe, test } from 'node:test';
import { sql } from 'kysely';
import { allowedOf, type DatabaseRole, openDatabase } from '#platform/postgres';
import { isSqlState } from '#platform/postgres-errors';
import { inTransaction } from '#platform/unit-of-work';
import { tableGrants } from '../../src/access/table-grants.ts';
import { urlAsRole } from '../harness/cluster.ts';
import { type TestDatabase, testDatabase } from '../harness/database.ts';
import { addSampleService, type SampleService, sampleRows } from './sample-rows.ts';

/**
 * The separation that holds when a where-clause was forgotten: raw SQL as the role of a process, with the settings of
 * one service, over tables full of another's rows.
 */
let db: TestDatabase;
let harbour: SampleService;
let lantern: SampleService;
let practice: SampleService;

before(async () => {
  db = await testDatabase();
  harbour = await addSampleService(db, 'production');
  lantern = await addSampleService(db, 'production');
  practice = await addSampleService(db, 'sandbox');
});

/** Tables whose rows this role sees only in part, and the columns it may read of them. */
function limitedTables(role: DatabaseRole): readonly { name: string; columns: string | undefined }[] {
  return Object.entries(tableGrants.tables)
    .filter(([, { rows }]) => rows?.[role] !== undefined)
    .map(([name, { may }]) => {
      const select = allowedOf(may[role] ?? '').get('select');
      return {
        name,
        columns: select === undefined || select === 'table' ? select && '*' : select.join(', '),
      };
    });
}

async function asIntake<T extends object>(
  service: SampleService | undefined,
  text: string,
): Promise<readonly T[]> {
  return await inTransaction(
    db.as('intake').kysely,
    async () => {},
    async (tx) => (await sql.raw<T>(text).execute(tx.db)).rows,
    service,
  );
}

const isPolicyRefusal = (error: unknown) => isSqlState(error, 'rightMissing');

describe('one service from another', () => {
  const tables = limitedTables('intake');

  test('every such table has a sample row, so that nothing below passes for want of rows', async () => {
    assert.ok(tables.length >= 12, `only ${tables.length} tables`);
    for (const { name } of tables) {
      const { rows } = await db.pool.query<{ n: number }>(`select count(*)::int as n from ${name}`);
      assert.ok((rows[0]?.n ?? 0) >= 3, `add a sample row of ${name}`);
    }
  });

  for (const { name, columns } of tables.filter((one) => one.columns !== undefined)) {
    test(`${name}: without a where-clause a service sees its own rows, and without a service nobody sees any`, async () => {
      const column = name === 'access.provider' ? 'id' : undefined;
      const all = await db.pool.query(`select * from ${name}`);
      const own = await asIntake<Record<string, unknown>>(harbour, `select ${columns} from ${name}`);
      assert.ok(own.length >= 1 && own.length < all.rows.length, `${own.length} of ${all.rows.length}`);
      for (const row of own) {
        const owner = row.provider_id ?? row[column ?? ''] ?? undefined;
        if (owner !== undefined) assert.equal(owner, harbour.providerId);
        if (row.report_id !== undefined) assert.equal(row.report_id, harbour.reportId);
        if (row.upload_id !== undefined) assert.equal(row.upload_id, harbour.uploadId);
      }
      assert.deepEqual(await asIntake(undefined, `select ${columns} from ${name}`), []);
      assert.deepEqual(
        await asIntake({ ...harbour, environment: 'sandbox' }, `select 1 from ${name}`).then((rows) =>
          ['access.provider', 'intake.idempotency'].includes(name) ? [] : rows,
        ),
        [],
        'the same service in the other environment',
      );
    });
  }

  for (const { name } of tables.filter(
    ({ name }) => name !== 'access.provider' && name !== 'intake.report',
  )) {
    test(`${name}: a row for another service is refused, one's own is taken`, async () => {
      const own = { ...harbour, uploadId: name === 'vault.part' ? harbour.uploadId : freshId() };
      const text = sampleRows(own)[name] ?? '';
      if (name === 'intake.receipt') {
        const error = await asIntake(harbour, text).catch((reason: unknown) => reason);
        assert.ok(isSqlState(error, 'uniqueViolation'), 'there is a receipt already');
      } else {
        await asIntake(harbour, text);
      }
      const foreign =
        sampleRows({ ...lantern, uploadId: name === 'vault.part' ? lantern.uploadId : freshId() })[name] ??
        '';
      await assert.rejects(asIntake(harbour, foreign), isPolicyRefusal, name);
      await assert.rejects(asIntake(undefined, text), isPolicyRefusal, name);
    });
  }

  test('a change or removal reaches no row of another service', async () => {
    let tried = 0;
    for (const { name } of tables) {
      const allowed = allowedOf(tableGrants.tables[name]?.may.intake ?? '');
      const [own, before_] = [await ownerRows(name, lantern), await ownerRows(name, practice)];
      if (allowed.has('update')) {
        const limit = allowed.get('update');
        const column = limit === 'table' ? await lastColumn(name) : limit?.[0];
        await asIntake(harbour, `update ${name} set ${column} = ${column}`);
        tried += 1;
      }
      if (allowed.has('delete')) {
        await asIntake(harbour, `with gone as (delete from ${name} returning 1) select count(*) from gone`);
        tried += 1;
      }
      assert.deepEqual(
        [await ownerRows(name, lantern), await ownerRows(name, practice)],
        [own, before_],
        name,
      );
    }
    assert.ok(tried >= 8, `only ${tried} were tried`);
  });

  test('a report cannot be given away, nor taken into the other environment', async () => {
    const one = await addSampleService(db, 'production');
    const change = (set: string) =>
      asIntake(one, `update intake.report set ${set} where id = ${one.reportId}`);
    await assert.rejects(change(`provider_id = '${lantern.providerId}'`), isPolicyRefusal);
    await assert.rejects(change("environment = 'sandbox'"), isPolicyRefusal);
    await assert.rejects(
      asIntake(one, `update intake.document set report_id = ${lantern.reportId}`),
      isPolicyRefusal,
    );
  });

  test('nobody can be blamed for what another did', async () => {
    const row = (kind: string, id: string) =>
      `insert into access.audit (at, actor_kind, actor_id, actor_name, action, outcome)
       values (now(), '${kind}', '${id}', 'x', 'decide-report', 'done')`;
    await asIntake(harbour, row('provider', harbour.providerId));
    for (const [kind, id] of [
      ['provider', lantern.providerId],
      ['staff', randomUUID()],
      ['system', 'machine'],
    ] as const) {
      await assert.rejects(asIntake(harbour, row(kind, id)), isPolicyRefusal);
    }
    const entrance = db.as('entrance').pool;
    await entrance.query(row('anonymous', 'anonymous'));
    await assert.rejects(entrance.query(row('provider', lantern.providerId)), isPolicyRefusal);
    await assert.rejects(entrance.query(row('system', 'job:x')), isPolicyRefusal);
  });
});

describe('a connection that goes from one service to the next', () => {
  test('keeps nothing of the one before, whether it committed, failed or was never in a transaction', async () => {
    const one = openDatabase(urlAsRole(db.url, 'intake'), { max: 1, canExitWhenIdle: true });
    const seen = async (scope?: SampleService) =>
      await inTransaction(
        one.kysely,
        async () => {},
        async (tx) =>
          (await sql<{ id: string }>`select id from intake.report`.execute(tx.db)).rows.map(({ id }) => id),
        scope,
      );
    try {
      assert.deepEqual(await seen(harbour), [harbour.reportId]);
      assert.deepEqual(await seen(lantern), [lantern.reportId]);
      assert.deepEqual(await seen(), []);
      const failing = inTransaction(
        one.kysely,
        async () => {},
        async () => Promise.reject(new Error('no')),
        harbour,
      );
      await assert.rejects(failing, /^Error: no$/);
      const { rows } = await one.pool.query('select id from intake.report');
      assert.deepEqual(rows, []);
      assert.deepEqual(await seen(practice), [practice.reportId]);
    } finally {
      await one.close();
    }
  });

  test('many at once on few connections: each sees its own', async () => {
    const one = openDatabase(urlAsRole(db.url, 'intake'), { max: 3, canExitWhenIdle: true });
    try {
      const services = [harbour, lantern, practice];
      const seen = await Promise.all(
        Array.from({ length: 300 }, async (_, index) => {
          const service = services[index % 3];
          const rows = await inTransaction(
            one.kysely,
            async () => {},
            async (tx) => (await sql<{ id: string }>`select id from intake.report`.execute(tx.db)).rows,
            service,
          );
          return rows.length === 1 && rows[0]?.id === service?.reportId;
        }),
      );
      assert.ok(seen.every((isRight) => isRight));
    } finally {
      await one.close();
    }
  });

  test('a scope that could not be a service is refused before it reaches the database', async () => {
    for (const providerId of ["' or true --", '', `${harbour.providerId}'; reset role; --`]) {
      await assert.rejects(asIntake({ ...harbour, providerId }, 'select 1'), /an id of its own/);
    }
    await assert.rejects(
      asIntake({ ...harbour, environment: "x'; --" as 'sandbox' }, 'select 1'),
      /an environment with a name/,
    );
  });
});

describe('the limit of it', () => {
  test('who runs statements of their own as this role can name another service, and still be nobody else', async () => {
    const both = await asIntake<{ id: string }>(
      harbour,
      `with other as materialized (select set_config('firstlight.provider', '${lantern.providerId}', true))
       select report.id from other, intake.report`,
    );
    // PostgreSQL lets every session set settings of its own: this guards against mistakes, the roles against more.
    assert.deepEqual(both, [{ id: lantern.reportId }]);
    for (const text of [
      'select name from access.staff',
      'select at from access.audit',
      'select report_id from assess.decision',
      'reset role; select name from access.staff',
      'set row_security = off; select id from intake.report',
    ]) {
      await assert.rejects(asIntake(harbour, text), isPolicyRefusal, text);
    }
  });
});

describe('sandbox from production', () => {
  test('statistics count production only, whatever they ask', async () => {
    const statistics = db.as('statistics').pool;
    for (const { name, columns } of limitedTables('statistics')) {
      const { rows: all } = await db.pool.query(`select * from ${name}`);
      const { rows } = await statistics.query<Record<string, unknown>>(`select ${columns} from ${name}`);
      assert.ok(rows.length >= 1 && rows.length < all.length, `${name}: ${rows.length} of ${all.length}`);
      for (const row of rows) {
        if (row.environment !== undefined) assert.equal(row.environment, 'production', name);
        if (row.report_id !== undefined) assert.notEqual(row.report_id, practice.reportId, name);
      }
    }
    const { rows } = await statistics.query('select distinct environment from assess.line_count');
    assert.deepEqual(rows, [{ environment: 'production' }], 'a view shows what the reader may see');
  });

  test('the desk and the worker see both, because people and rules tell them apart by what they ask for', async () => {
    for (const role of ['desk', 'worker'] as const) {
      const { rows } = await db
        .as(role)
        .pool.query('select distinct environment from intake.report order by 1');
      assert.deepEqual(rows, [{ environment: 'production' }, { environment: 'sandbox' }], role);
    }
  });
});

function freshId(): string {
  return randomUUID().replaceAll('-', '');
}

async function lastColumn(name: string): Promise<string> {
  const { rows } = await db.pool.query<{ name: string }>(
    'select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0 order by attnum desc limit 1',
    [name],
  );
  return rows[0]?.name ?? '';
}

/** Everything of a table that belongs to a service, as the owner sees it; what the row versions tell of changes too. */
async function ownerRows(name: string, service: SampleService): Promise<unknown> {
  const { rows } = await db.pool.query<Record<string, unknown>>(`select xmin::text, * from ${name}`);
  const { environment: _, ...ids } = service;
  const own = new Set<unknown>(Object.values(ids));
  return rows.filter((row) => Object.values(row).some((value) => own.has(value)));
}
