import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createLog } from '#platform/log';
import { type Database, type Embedded, openDatabase, startEmbedded } from '#platform/postgres';
import { testDatabase } from '../harness/database.ts';
import { descendantsOf } from '../harness/process-list.ts';

/** What lies beside each other in the folder of the built-in server. */
const belongings = ['access.conf', 'cluster', 'owner-password', 'postgres.log', 'socket'];

const repository = fileURLToPath(new URL('../../', import.meta.url));
const silent = createLog('silent', 'test');
const temporary = await mkdtemp(join(tmpdir(), 'pg-'));
const running = new Set<ChildProcess>();

after(async () => {
  for (const child of running) child.kill('SIGKILL');
  await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
});

async function newFolder(name = ''): Promise<string> {
  return mkdtemp(join(temporary, `data${name}-`));
}

/** Another process that holds the database of `folder` until it is told to stop by SIGTERM. */
async function otherProcess(folder: string) {
  const script = `
    import { startEmbedded } from '#platform/postgres';
    import { createLog } from '#platform/log';
    const embedded = await startEmbedded(${JSON.stringify(folder)}, createLog('silent', 'other'));
    console.log(JSON.stringify({ url: embedded.url, isStarter: embedded.isStarter() }));
    const idle = setInterval(() => {}, 1000);
    process.once('SIGTERM', () => embedded.stop().then(() => clearInterval(idle)));`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: repository,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  const said: { url: string; isStarter: boolean } = JSON.parse(line);
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await once(child, 'exit');
  };
  return { ...said, end };
}

async function postmasterOf(folder: string): Promise<number> {
  const text = await readFile(join(folder, 'postgres', 'cluster', 'postmaster.pid'), 'utf8');
  return Number.parseInt(text, 10);
}

/** A killed process may stay in the table until its new parent looks: that is not alive. */
async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
    const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    return !/\) Z /.test(status);
  } catch {
    return false;
  }
}

async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await condition())) {
    assert.ok(performance.now() < deadline, `still waiting: ${what}`);
    await sleep(50);
  }
}

async function countNotes(db: Database): Promise<number> {
  const { rowCount } = await db.pool.query('select from note');
  return rowCount ?? 0;
}

/** Whether a query succeeds now: connections that died with their server fail once and are replaced. */
function works(db: Database): Promise<boolean> {
  return db.pool.query('select 1').then(
    () => true,
    () => false,
  );
}

async function withEmbedded(folder: string, work: (embedded: Embedded, db: Database) => Promise<void>) {
  const embedded = await startEmbedded(folder, silent);
  const db = openDatabase(embedded.url);
  try {
    await work(embedded, db);
  } finally {
    await db.close();
    await embedded.stop();
  }
}

describe('the built-in PostgreSQL', () => {
  it('keeps what was written, and its log, inside the data folder', async () => {
    const folder = await newFolder();
    await withEmbedded(folder, async (embedded, db) => {
      assert.equal(embedded.isStarter(), true);
      await db.pool.query('create table note (text text)');
      await db.pool.query("insert into note values ('kept')");
    });
    await withEmbedded(folder, async (_, db) => {
      assert.equal(await countNotes(db), 1);
      const { rows } = await db.pool.query(
        "select current_setting('fsync') fsync, current_setting('listen_addresses') listens, current_setting('data_checksums') checksums",
      );
      assert.deepEqual(rows, [{ fsync: 'on', listens: '', checksums: 'on' }]);
    });
    assert.deepEqual((await readdir(join(folder, 'postgres'))).sort(), belongings);
    assert.deepEqual(await readdir(join(folder, 'postgres', 'socket')), []);
    assert.equal((await stat(join(folder, 'postgres'))).mode & 0o777, 0o700);
  });
});

describe('the built-in PostgreSQL and the processes that use it', () => {
  it('starts once when three processes start it together, and the others take over when that one is killed', async () => {
    const folder = await newFolder();
    await mkdir(join(folder, 'postgres', 'init.999999999.left'), { recursive: true });
    const three = await Promise.all([otherProcess(folder), otherProcess(folder), otherProcess(folder)]);
    assert.deepEqual(three.map((one) => one.isStarter).sort(), [false, false, true]);
    assert.equal(new Set(three.map((one) => one.url)).size, 1);
    assert.deepEqual((await readdir(join(folder, 'postgres'))).sort(), belongings);

    const db = openDatabase(three[0]!.url);
    await db.pool.query('create table note (text text)');
    const first = await postmasterOf(folder);
    await three.find((one) => one.isStarter)!.end('SIGKILL');
    await until(async () => (await works(db)) && (await postmasterOf(folder)) !== first, 'a new server');
    assert.equal(await countNotes(db), 0);

    await db.close();
    const last = await postmasterOf(folder);
    for (const one of three.filter((other) => !other.isStarter)) await one.end('SIGTERM');
    assert.equal(await isAlive(last), false);
  });

  it('starts again by itself after the server was killed', async () => {
    const folder = await newFolder();
    await withEmbedded(folder, async (embedded, db) => {
      await db.pool.query("create table note (text text); insert into note values ('committed')");
      const killed = await postmasterOf(folder);
      process.kill(killed, 'SIGKILL');
      await until(async () => !(await isAlive(killed)) && (await works(db)), 'the server');
      assert.notEqual(await postmasterOf(folder), killed);
      assert.equal(embedded.isStarter(), true);
      assert.equal(await countNotes(db), 1);
    });
  });

  it('ends with the process that started it', {
    skip: process.platform !== 'linux' && 'Linux only',
  }, async () => {
    const folder = await newFolder();
    const other = await otherProcess(folder);
    const postmaster = await postmasterOf(folder);
    await other.end('SIGKILL');
    await until(async () => !(await isAlive(postmaster)), 'the end of the server');
  });
});

describe('the built-in PostgreSQL in odd places', () => {
  it('works where the path is too long for a socket, and tidies up', async () => {
    const folder = await newFolder(`-${'long-'.repeat(20)}`);
    let socketFolder = '';
    await withEmbedded(folder, async (embedded, db) => {
      assert.equal(await works(db), true);
      socketFolder = new URL(embedded.url).searchParams.get('host') ?? '';
      assert.ok(!socketFolder.startsWith(folder));
      assert.equal((await stat(socketFolder)).mode & 0o777, 0o700);
      const second = await startEmbedded(folder, silent);
      assert.equal(second.isStarter(), false);
      assert.equal(second.url, embedded.url);
      await second.stop();
    });
    await assert.rejects(stat(socketFolder), { code: 'ENOENT' });
  });

  it('ends a server that hangs in its stop, and starts it again', async () => {
    const folder = await newFolder();
    const first = await startEmbedded(folder, silent);
    const postmaster = await postmasterOf(folder);
    const [checkpointer] = (await descendantsOf(postmaster)).filter(({ command }) =>
      command.startsWith('postgres: checkpointer'),
    );
    assert.ok(checkpointer !== undefined, 'a server has a checkpointer');
    process.kill(checkpointer.pid, 'SIGSTOP');
    process.kill(postmaster, 'SIGINT');
    const second = await startEmbedded(folder, silent);
    assert.notEqual(await postmasterOf(folder), postmaster);
    assert.equal(await isAlive(postmaster), false);
    await Promise.all([first.stop(), second.stop()]);
  });

  it('never begins an empty database in the place of one that was taken away', async () => {
    const folder = await newFolder();
    const embedded = await startEmbedded(folder, silent, { durable: false });
    const postmaster = await postmasterOf(folder);
    await rename(join(folder, 'postgres', 'cluster'), join(folder, 'postgres', 'taken'));
    process.kill(postmaster, 'SIGKILL');
    await until(async () => !(await isAlive(postmaster)), 'the end of the server');
    await sleep(300);
    await embedded.stop();
    assert.deepEqual((await readdir(join(folder, 'postgres'))).sort(), ['postgres.log', 'socket', 'taken']);
  });

  it('refuses the files of another major version, and says what to do', async () => {
    const folder = await newFolder();
    await mkdir(join(folder, 'postgres', 'cluster'), { recursive: true });
    await writeFile(join(folder, 'postgres', 'cluster', 'PG_VERSION'), '16\n');
    await assert.rejects(
      startEmbedded(folder, silent),
      /made by PostgreSQL 16, and this Firstlight brings PostgreSQL 18, .* set DATABASE_URL/,
    );
  });

  it('shows the end of its log when it cannot start', async () => {
    const folder = await newFolder();
    await withEmbedded(folder, async () => {});
    await writeFile(join(folder, 'postgres', 'cluster', 'postgresql.conf'), 'no_such_setting = on\n');
    await assert.rejects(
      startEmbedded(folder, silent),
      /did not start\. .*postgres\.log:\n.*no_such_setting/s,
    );
  });
});

describe('connections', () => {
  it('give int8 as text and numeric as a number, and say whose they are', async () => {
    const db = await testDatabase();
    const { rows } = await db.pool.query(
      "select 9007199254740993::int8 big, 0.125::numeric share, current_setting('application_name') who",
    );
    assert.deepEqual(rows, [{ big: '9007199254740993', share: 0.125, who: 'firstlight' }]);
  });

  it('may be closed twice', async () => {
    const db = openDatabase('postgresql://nobody@localhost/nothing');
    await db.close();
    await db.close();
    await assert.rejects(db.pool.query('select 1'), /after calling end/);
  });
});
