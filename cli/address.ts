import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CannotDo } from './failures.ts';

/** Where a running bureau is and what proves that this person may ask it. */
export interface Address {
  readonly url: URL;
  readonly token: string;
}

/**
 * Finds the bureau that runs on a data folder. The running bureau writes `bureau.json` (its address) and
 * `admin-token`, both readable by its own user only; whoever can read them could read the database too.
 */
export async function findBureau(dataFolder: string, urlOverride: string | undefined): Promise<Address> {
  const url = urlOverride === undefined ? await urlInFolder(dataFolder) : overridingUrl(urlOverride);
  return { url, token: await tokenInFolder(dataFolder) };
}

async function urlInFolder(dataFolder: string): Promise<URL> {
  const text = await textOf(join(dataFolder, 'bureau.json'));
  if (text === undefined) throw notRunning(dataFolder);
  const url = urlOf(text);
  if (url === undefined) {
    throw new CannotDo(
      `${join(dataFolder, 'bureau.json')} does not say where the bureau is: restart the bureau, or name it with --url.`,
    );
  }
  return url;
}

function urlOf(text: string): URL | undefined {
  try {
    const facts: unknown = JSON.parse(text);
    if (typeof facts !== 'object' || facts === null || !('url' in facts)) return undefined;
    return typeof facts.url === 'string' ? new URL(facts.url) : undefined;
  } catch {
    return undefined;
  }
}

export function notRunning(dataFolder: string): CannotDo {
  return new CannotDo(
    `No bureau is running on ${dataFolder}: start it with "npm start", or name another with --data DIR or --url URL.`,
  );
}

/** The token is as good as a password, so it is never sent unencrypted to another machine. */
function overridingUrl(text: string): URL {
  const url = new URL(text);
  const isHere = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'http:' && !isHere) {
    throw new CannotDo(
      `${url.origin} is not on this machine, so it must be named with https: the administrator's token goes along.`,
    );
  }
  return url;
}

async function tokenInFolder(dataFolder: string): Promise<string> {
  const path = join(dataFolder, 'admin-token');
  const text = await textOf(path);
  if (text === undefined) {
    throw new CannotDo(
      `There is no administrator's token in ${dataFolder}: start the bureau there once, or name its folder with --data DIR.`,
    );
  }
  const token = text.trim();
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new CannotDo(`${path} holds no token: restart the bureau, which writes a new one.`);
  }
  return token;
}

/** Undefined where there is no such file. */
async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code === 'EACCES' || code === 'EPERM') {
      throw new CannotDo(`${path} may not be read: run this as the user who runs the bureau.`);
    }
    throw new CannotDo(`${path} cannot be read (${String(code)}).`);
  }
}
