import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { installQueues } from '#platform/jobs';
import { createLog } from '#platform/log';
import {
  applyGrants,
  type Database,
  type DatabaseRole,
  ensureRoles,
  migrate,
  openDatabase,
  roleNamesFor,
  startEmbedded,
} from '#platform/postgres';
import { tableGrants } from '../../src/access/table-grants.ts';

/** A throw-away server with a template as a bureau has it when it starts: schema, queue, roles and grants. From it each test takes its own database. */
export interface TestCluster {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Where a run of all tests says which server to use. */
export const clusterVariable = 'TEST_CLUSTER_URL';

export const templateName = 'firstlight_template';

/** The roles of the template. Grants are copied with it, so every test database has the same. */
export const testRoleNames = roleNamesFor('firstlight');

/** Followed by the id of the process that made the folder. */
export const testFolderPrefix = 'firstlight-run-';

/** @param parent where to put its folder; the machine's temporary folder if absent */
export async function startTestCluster(parent = tmpdir()): Promise<TestCluster> {
  await removeAbandonedFolders();
  const folder = await mkdtemp(join(parent, `${testFolderPrefix}${process.pid}-`));
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  try {
    const embedded = await startEmbedded(folder, createLog('error', 'tests'), { durable: false });
    try {
      await makeTemplate(embedded.url);
    } catch (error) {
      await embedded.stop();
      throw error;
    }
    return { url: embedded.url, stop: () => embedded.stop().then(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function makeTemplate(url: string): Promise<void> {
  const server = openDatabase(url, { max: 1 });
  try {
    await server.pool.query(`create database ${templateName}`);
    const template = openDatabase(databaseUrl(url, templateName), { max: 1 });
    await prepare(template).finally(() => template.close());
    await server.pool.query(`alter database ${templateName} with is_template true allow_connections false`);
  } finally {
    await server.close();
  }
}

async function prepare(template: Database): Promise<void> {
  await migrate(template);
  await installQueues(template.url, [], createLog('error', 'tests'));
  await ensureRoles(template, testRoleNames, new Date());
  await applyGrants(template, tableGrants, testRoleNames);
}

/** The same server and database as one of the bureau's roles: throw-away servers ask for no password. */
export function urlAsRole(url: string, role: DatabaseRole): string {
  const parsed = new URL(url);
  parsed.username = testRoleNames[role];
  return parsed.href;
}

/** The same server, another database. */
export function databaseUrl(url: string, name: string): string {
  const parsed = new URL(url);
  parsed.pathname = `/${name}`;
  return parsed.href;
}

export function newDatabaseName(): string {
  return `test_${process.pid}_${randomBytes(4).toString('hex')}`;
}

/** Folders of test runs that were killed before they could tidy up. */
export async function removeAbandonedFolders(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = new RegExp(`^${testFolderPrefix}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => {});
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
