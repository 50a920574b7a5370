import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import {
  type Allowed,
  allowedOf,
  applyGrants,
  compareRoles,
  type Database,
  type DatabaseRole,
  databaseRoles,
  type Verb,
} from '#platform/postgres';
import { isSqlState } from '#platform/postgres-errors';
import { tableGrants } from '../../src/access/table-grants.ts';
import { testRoleNames } from '../harness/cluster.ts';
import { type TestDatabase, testDatabase } from '../harness/database.ts';

/**
 * Generated from the register of grants: every role × every relation × every verb is tried against PostgreSQL, and is
 * let through or refused as the register says.
 */
let db: TestDatabase;

interface Relation {
  readonly name: string;
  readonly rule: string;
  readonly kind: string;
  readonly columns: readonly string[];
}
let relations: readonly Relation[];

before(async () => {
  db = await testDatabase();
  const { rows } = await db.pool.query<Relation>(`
    select n.nspname || '.' || c.relname as name, c.relkind as kind,
      coalesce((select pn.nspname || '.' || p.relname from pg_inherits i join pg_class p on p.oid = i.inhparent
        join pg_namespace pn on pn.oid = p.relnamespace where i.inhrelid = c.oid), n.nspname || '.' || c.relname) as rule,
      array(select attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        and a.attgenerated = '' order by a.attnum) as columns
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' order by 1`);
  relations = rows;
});

describe('the register of grants', () => {
  test('lists everything that the database has, and nothing else', async () => {
    const { unlisted } = await compareRoles(db, tableGrants, testRoleNames);
    assert.deepEqual(unlisted, [], 'list it in src/access/grants: until then nobody may touch it');
    const rules = new Set(relations.map(({ rule }) => rule));
    const gone = Object.keys(tableGrants.tables).filter((name) => !rules.has(name));
    assert.deepEqual(gone, [], 'src/access/grants lists what is not there');
  });

  test('names columns that exist', () => {
    for (const { name, columns } of relations) {
      for (const [role, words] of Object.entries(tableGrants.tables[name]?.may ?? {})) {
        for (const [verb, limit] of allowedOf(words)) {
          const unknown = limit === 'table' ? [] : limit.filter((column) => !columns.includes(column));
          assert.deepEqual(unknown, [], `${role} may ${verb} columns that ${name} does not have`);
        }
      }
    }
  });

  test('is what the database grants, whatever was changed by hand', async () => {
    const one = await testDatabase();
    assert.deepEqual((await compareRoles(one, tableGrants, testRoleNames)).differences, []);
    const { auditor, intake, worker } = testRoleNames;
    await one.pool.query(`
      grant select on intake.report to ${auditor};
      grant select (password_hash) on access.credential to ${auditor};
      grant update on access.audit to public;
      revoke insert on access.audit from ${worker};
      grant create on schema access to ${worker};
      grant execute on function access.note_for_log() to public;
      alter table intake.party disable row level security;
      drop policy rows_of_intake on intake.document;
      create policy rows_of_intake on intake.document for all to ${intake} using (true);
      create policy another on intake.report for select to ${intake} using (true)`);
    const found = (await compareRoles(one, tableGrants, testRoleNames)).differences.map(({ what }) => what);
    assert.equal(found.length, 9, found.join('\n'));
    await applyGrants(one, tableGrants, testRoleNames);
    assert.deepEqual((await compareRoles(one, tableGrants, testRoleNames)).differences, []);
    assert.deepEqual(await applyGrants(one, tableGrants, testRoleNames), [], 'a second time changes nothing');
  });

  test('tells what was granted to somebody else', async () => {
    const one = await testDatabase();
    await one.pool.query('create role a_stranger; grant select on intake.report to a_stranger');
    const { strangers, differences } = await compareRoles(one, tableGrants, testRoleNames);
    assert.deepEqual([strangers, differences], [['a_stranger on intake.report'], []]);
    await one.pool.query('drop owned by a_stranger; drop role a_stranger');
  });
});

describe('every role, every table, every verb', () => {
  for (const role of databaseRoles) {
    test(`${role} may do what the register says and nothing else`, async () => {
      let tried = 0;
      for (const relation of relations) {
        for (const { what, sql, isAllowed } of attempts(role, relation)) {
          const refusal = await refusalOf(db.as(role), sql);
          assert.equal(refusal === undefined, isAllowed, `${role}: ${what}: ${refusal ?? 'was let through'}`);
          tried += 1;
        }
      }
      assert.ok(tried > 1_000, `only ${tried} attempts`);
    });
  }

  test('tools for people read and never write, and no role owns, makes or takes on anything', async () => {
    for (const role of databaseRoles) {
      const one = db.as(role);
      const name = testRoleNames[role];
      for (const sql of [
        'create table public.mine (id integer)',
        'create schema mine',
        'create role mine',
        'alter table access.audit disable trigger all',
        'alter table intake.report disable row level security',
        'drop policy rows_of_intake on intake.report',
        'drop trigger audit_append_only on access.audit',
        'alter function access.refuse_change() owner to current_user',
        'set session_replication_role = replica',
        'set role firstlight',
        ...databaseRoles.filter((other) => other !== role).map((other) => `set role ${testRoleNames[other]}`),
        "copy access.provider to program 'cat'",
        "select pg_read_file('postgresql.conf')",
      ]) {
        assert.ok((await refusalOf(one, sql)) !== undefined, `${role} may: ${sql}`);
      }
      const { rows } = await one.pool.query(
        `select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication as mighty,
          (select count(*)::int from pg_class where relowner = r.oid) as owned,
          (select count(*)::int from pg_auth_members where member = r.oid) as memberships
        from pg_roles r where rolname = current_user and rolname = $1`,
        [name],
      );
      assert.deepEqual(rows, [{ mighty: false, owned: 0, memberships: 0 }], role);
    }
  });
});

describe('what only grows', () => {
  test('refuses to be changed or emptied, even to its owner', async () => {
    const names = Object.entries(tableGrants.tables).flatMap(([name, rule]) => (rule.addsOnly ? [name] : []));
    assert.ok(names.length >= 10, `only ${names.length} tables`);
    for (const name of names) {
      const column = relations.find((one) => one.name === name)?.columns.at(-1);
      for (const sql of [
        `update ${name} set ${column} = ${column}`,
        `delete from ${name}`,
        `truncate ${name} cascade`,
      ]) {
        await assert.rejects(
          db.pool.query(`begin; ${sql}; rollback`),
          (error) => isSqlState(error, 'restrictViolation'),
          sql,
        );
        await db.pool.query('rollback');
      }
      for (const [role, words] of Object.entries(tableGrants.tables[name]?.may ?? {})) {
        const allowed = allowedOf(words);
        assert.ok(!allowed.has('update') && !allowed.has('delete'), `${role} may change ${name}`);
      }
    }
  });
});

describe('whoever only looks at the trail or counts', () => {
  /** Columns that hold what was reported or let somebody in, wherever they stand. */
  const never = new Set([
    ...['sent', 'body', 'value', 'attributes', 'path', 'upload_name', 'original_file_name', 'platform'],
    ...[
      'escalation',
      'prior_reports',
      'warnings',
      'batch_reason',
      'annotations',
      'metadata',
      'data',
      'output',
    ],
    ...['urgency_reasons', 'present', 'missing', 'undone_why', 'incident_at'],
    ...['password_hash', 'token_sha256', 'session_sha256', 'secret_hash', 'secret', 'public_key'],
    ...['credential_id', 'code_verifier', 'nonce', 'state_sha256', 'browser_sha256', 'challenge', 'digest'],
  ]);

  test('sees no column of content and no secret', () => {
    for (const role of ['statistics', 'auditor'] as const) {
      for (const { name, rule, columns } of relations) {
        const words = tableGrants.tables[rule]?.may[role];
        const seen = words === undefined ? undefined : allowedOf(words).get('select');
        const open = seen === 'table' ? columns : (seen ?? []);
        const wrong = open.filter((column) => never.has(column));
        assert.deepEqual(wrong, [], `${role} sees ${name}`);
        if (seen === 'table') {
          const { holds } = tableGrants.tables[rule] ?? {};
          assert.ok(holds !== 'content' && holds !== 'secret', `${role} sees all of ${name}`);
        }
      }
    }
  });

  test('the statistics see nobody of staff', () => {
    const people = Object.entries(tableGrants.tables).filter(
      ([, { holds }]) => holds === 'personal' || holds === 'audit',
    );
    assert.ok(people.length > 10);
    for (const [name, { may }] of people) assert.equal(may.statistics, undefined, name);
  });
});

interface Attempt {
  readonly what: string;
  readonly sql: string;
  readonly isAllowed: boolean;
}

/** Statements that need exactly one right each and would change nothing if they were let through. */
function attempts(role: DatabaseRole, relation: Relation): readonly Attempt[] {
  const words = tableGrants.tables[relation.rule]?.may[role];
  const allowed: Allowed = words === undefined ? new Map() : allowedOf(words);
  const may = (verb: Verb, column: string) => {
    const limit = allowed.get(verb);
    return limit === 'table' || limit?.includes(column) === true;
  };
  const { name, columns, kind } = relation;
  const perColumn = columns.flatMap((column): Attempt[] => [
    {
      what: `select ${name}.${column}`,
      sql: `select "${column}" from ${name} limit 0`,
      isAllowed: may('select', column),
    },
    {
      what: `update ${name}.${column}`,
      sql: `update ${name} set "${column}" = default where false`,
      isAllowed: may('update', column),
    },
  ]);
  const whole: Attempt[] = [
    {
      what: `insert into ${name}`,
      sql: `insert into ${name} (${columns.map((one) => `"${one}"`).join(', ')}) overriding system value
        select ${columns.map(() => 'null').join(', ')} where false`,
      isAllowed: allowed.get('insert') === 'table',
    },
    { what: `delete from ${name}`, sql: `delete from ${name} where false`, isAllowed: allowed.has('delete') },
    { what: `truncate ${name}`, sql: `truncate ${name}`, isAllowed: false },
  ];
  // A view of ours is for reading only; a union can be written to by nobody.
  return kind === 'v' ? perColumn.filter(({ what }) => what.startsWith('select')) : [...perColumn, ...whole];
}

/** Why PostgreSQL refused, in its words; undefined when it did not for want of a right. */
async function refusalOf(one: Database, sql: string): Promise<string | undefined> {
  const client = await one.pool.connect();
  try {
    await client.query('begin; set local default_transaction_read_only = off; set transaction read write');
    await client.query(sql);
    return undefined;
  } catch (error) {
    if (isSqlState(error, 'rightMissing')) return (error as Error).message;
    // Fired by the statement itself, so the right to it was there.
    if (isSqlState(error, 'restrictViolation')) return undefined;
    throw new Error(`${sql}: ${(error as Error).message}`, { cause: error });
  } finally {
    await client.query('rollback');
    client.release();
  }
}
