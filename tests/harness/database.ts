import { after } from 'node:test';
import type { Actor, Ctx } from '#access';
import { createLog } from '#platform/log';
import { type Database, type DatabaseRole, openDatabase } from '#platform/postgres';
import type { RecordedEvent } from '#platform/transaction';
import { inTransaction } from '#platform/unit-of-work';
import {
  clusterVariable,
  databaseUrl,
  newDatabaseName,
  startTestCluster,
  type TestCluster,
  templateName,
  urlAsRole,
} from './cluster.ts';

/** Connected as its owner, who sets up and looks; what a bureau's processes may do is asked `as` their roles. */
export type TestDatabase = Database & {
  /** The same database as one of the bureau's roles; closed with it. */
  readonly as: (role: DatabaseRole) => Database;
  readonly drop: () => Promise<void>;
};

let ownCluster: Promise<TestCluster> | undefined;
const openDatabases = new Set<TestDatabase>();

const closers: (() => Promise<void>)[] = [];

/** Closes what stands on a test database, when the file ends and before the database goes; whoever opened it where. */
export function closeAtEnd(close: () => Promise<void>): void {
  closers.push(close);
}

// Registered on the file as a whole, because this module is loaded before its first test runs.
after(async () => {
  for (const close of closers.toReversed()) await close();
  for (const database of openDatabases) await database.drop();
  if (ownCluster !== undefined) await (await ownCluster).stop();
});

/** An empty, migrated database of its own. Dropped when the test file ends, if not before. */
export async function testDatabase(): Promise<TestDatabase> {
  const server = await serverUrl();
  const name = newDatabaseName();
  await administer(server, `create database ${name} template ${templateName}`);
  const database = openDatabase(databaseUrl(server, name), { canExitWhenIdle: true });
  const roles = new Map<DatabaseRole, Database>();
  const test: TestDatabase = {
    ...database,
    as: (role) => {
      const known = roles.get(role) ?? openDatabase(urlAsRole(database.url, role), { canExitWhenIdle: true });
      roles.set(role, known);
      return known;
    },
    drop: async () => {
      openDatabases.delete(test);
      await Promise.all([...roles.values()].map(async (one) => await one.close()));
      await database.close();
      await administer(server, `drop database if exists ${name} with (force)`);
    },
  };
  openDatabases.add(test);
  return test;
}

/** The server of the whole run, or one of its own for a test file that is run alone. */
async function serverUrl(): Promise<string> {
  const shared = process.env[clusterVariable];
  if (shared !== undefined) return shared;
  ownCluster ??= startTestCluster();
  return (await ownCluster).url;
}

async function administer(server: string, statement: string): Promise<void> {
  const database = openDatabase(server, { max: 1 });
  await database.pool.query(statement).finally(() => database.close());
}

export interface TestCtx {
  /** Runs `work` in one committed transaction. */
  readonly run: <T>(work: (ctx: Ctx) => Promise<T>) => Promise<T>;
  /** Everything that committed runs recorded, in order. */
  readonly events: RecordedEvent[];
}

const testActor: Actor = { kind: 'system', id: 'test', name: 'test' };

/** What the guarded route and the job runner do for a deed: a transaction, an actor, a time that stands still. */
export function testCtx(db: Database, options: { actor?: Actor; now?: Date } = {}): TestCtx {
  const events: RecordedEvent[] = [];
  const rest = {
    actor: options.actor ?? testActor,
    now: options.now ?? new Date('2026-11-24T12:00:00Z'),
    log: createLog('silent', 'test'),
  };
  return {
    events,
    run: async (work) => {
      let recorded: readonly RecordedEvent[] = [];
      const onCommitting = async (_: unknown, now: readonly RecordedEvent[]) => {
        recorded = now;
      };
      const result = await inTransaction(db.kysely, onCommitting, (tx) => work({ tx, ...rest }));
      events.push(...recorded);
      return result;
    },
  };
}
