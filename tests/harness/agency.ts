import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { closeAtEnd } from './database.ts';

/** The sign-in service of an agency: a real OpenID Connect provider in a process of its own, see `agency-process.ts`. */
export interface Agency {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Whom it knows from now on. */
  readonly setAccounts: (accounts: readonly AgencyAccount[]) => Promise<void>;
  readonly stop: () => Promise<void>;
  /** Starts again at the same address. */
  readonly start: () => Promise<void>;
  /** Walks its pages as a browser would, signed in as `account`; gives the parameters that come back. */
  readonly walk: (url: string, account: string) => Promise<Record<string, string>>;
}

export interface AgencyAccount {
  readonly id: string;
  readonly name: string;
  readonly groups: readonly string[];
  /** How the person proves themselves there. */
  readonly acr?: string;
  readonly amr?: readonly string[];
}

export interface AgencyOptions {
  /** Where the bureau's console takes people back. */
  readonly redirectUris: readonly string[];
  readonly accounts: readonly AgencyAccount[];
  /** Whether groups are only told at the user info address, as the standard has it, and not in the ID token. */
  readonly tellsGroupsApart?: boolean;
}

export const agencyClient = { clientId: 'firstlight', clientSecret: 'a-secret-of-the-tests' } as const;

export async function startAgency(options: AgencyOptions): Promise<Agency> {
  let child: ChildProcess | undefined;
  let port = 0;
  let accounts = options.accounts;
  const start = async () => {
    child = fork(fileURLToPath(new URL('./agency-process.ts', import.meta.url)), {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child.send({ ...options, accounts, port });
    const [message] = (await once(child, 'message')) as [{ port: number }];
    port = message.port;
  };
  const stop = async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  await start();
  closeAtEnd(stop);
  return {
    issuer: `http://localhost:${port}`,
    ...agencyClient,
    start,
    stop,
    setAccounts: async (next) => {
      accounts = next;
      if (child === undefined) throw new Error('the agency is not there');
      child.send({ accounts });
      await once(child, 'message');
    },
    walk: async (url, account) => await walk(url, account),
  };
}

/** Follows redirects with cookies and fills in the one form; ends where the agency sends the browser back. */
async function walk(start: string, account: string): Promise<Record<string, string>> {
  const cookies = new Map<string, string>();
  const origin = new URL(start).origin;
  let url = start;
  let init: RequestInit = {};
  for (let step = 0; step < 12; step += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const reply = await fetch(url, { ...init, redirect: 'manual', headers: { cookie, ...init.headers } });
    for (const set of reply.headers.getSetCookie()) {
      const [pair = ''] = set.split(';', 1);
      const equals = pair.indexOf('=');
      cookies.set(pair.slice(0, equals), pair.slice(equals + 1));
    }
    const location = reply.headers.get('location');
    if (location !== null) {
      const next = new URL(location, url);
      if (next.origin !== origin || next.pathname === '/sign-in/return')
        return Object.fromEntries(next.searchParams);
      url = next.href;
      init = {};
      continue;
    }
    const page = await reply.text();
    if (!page.includes('<form'))
      throw new Error(`the agency answered ${reply.status}: ${page.slice(0, 300)}`);
    init = {
      method: 'POST',
      body: new URLSearchParams({ account }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    };
  }
  throw new Error('the agency sent the browser around in circles');
}
