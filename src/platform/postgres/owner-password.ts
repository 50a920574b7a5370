import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createPrivate, replacePrivate } from '#platform/private-file';
import { newToken, sha256Of } from '#platform/random';
import { scramVerifierOf } from './role-passwords.ts';

/**
 * The password of the built-in server's owner. It lies beside the cluster and not in it, so that a copy of the
 * cluster brings none along; whoever starts the server sees to it that the server takes this one.
 */
export async function ownerPassword(home: string): Promise<string> {
  return (await createPrivate(passwordFile(home), `${newToken()}\n`)).trim();
}

export function passwordFile(home: string): string {
  return join(home, 'owner-password');
}

export function accessFile(home: string): string {
  return join(home, 'access.conf');
}

/** Who may connect (pg_hba.conf): everybody says a password, over the socket, which only the bureau's own user can reach. */
export async function writeAccess(home: string, method: 'scram-sha-256' | 'trust'): Promise<void> {
  await replacePrivate(accessFile(home), `local all all ${method}\nlocal replication all ${method}\n`);
}

const patienceMs = 10_000;

/**
 * Gives the owner of a server that we started the password that lies beside its cluster: where the cluster is older
 * than this file, or came back from a copy. Until that is done the socket's folder alone keeps others out.
 */
export async function settleOwnerPassword(
  child: ChildProcess,
  home: string,
  ownerUrl: string,
): Promise<void> {
  const url = new URL(ownerUrl);
  const password = decodeURIComponent(url.password);
  await writeAccess(home, 'trust');
  try {
    child.kill('SIGHUP');
    const client = await connectedSoon(ownerUrl);
    try {
      const salt = sha256Of(newToken()).subarray(0, 16);
      await client.query(`alter role "${url.username}" password '${scramVerifierOf(password, salt)}'`);
    } finally {
      await client.end();
    }
  } finally {
    await writeAccess(home, 'scram-sha-256');
    child.kill('SIGHUP');
  }
}

/** The server rereads who may connect a moment after it was told to. */
async function connectedSoon(url: string): Promise<pg.Client> {
  for (const deadline = performance.now() + patienceMs; ; ) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => {});
      if (performance.now() > deadline) throw error;
      await sleep(25);
    }
  }
}
