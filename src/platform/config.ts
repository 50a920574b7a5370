import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { type LogLevel, logLevels } from '#platform/log';

/** Everything that the surroundings may set. Secrets stand apart, have no default, and are never printed. */
export interface Config {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host: string;
  /** Absolute. Everything that is kept lies below it. */
  readonly dataFolder: string;
  readonly keyFile: string;
  /** Scheme and host for links, without a slash at the end, where a proxy stands in front. */
  readonly publicUrl: string | undefined;
  readonly logLevel: LogLevel;
  readonly bureauName: string;
  readonly maxDocumentBytes: number;
  readonly sessionHours: number;
  readonly workerConcurrency: number;
  readonly secrets: { readonly databaseUrl: string | undefined };
}

type Environment = Readonly<Record<string, string | undefined>>;

type ConfigReading =
  | { readonly kind: 'ok'; readonly config: Config }
  | { readonly kind: 'faults'; readonly faults: readonly string[] };

const ownPrefix = 'FIRSTLIGHT_';

const knownNames = [
  'PORT',
  'HOST',
  'DATABASE_URL',
  'FIRSTLIGHT_DATA',
  'FIRSTLIGHT_KEY_FILE',
  'FIRSTLIGHT_PUBLIC_URL',
  'FIRSTLIGHT_LOG',
  'FIRSTLIGHT_NAME',
  'FIRSTLIGHT_MAX_DOCUMENT_BYTES',
  'FIRSTLIGHT_SESSION_HOURS',
  'FIRSTLIGHT_WORKER_CONCURRENCY',
] as const;
type Name = (typeof knownNames)[number];

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;

/**
 * Shapes the environment. An empty value counts as absent.
 * Gives every fault at once, each a sentence with the name, what is wrong and what to set instead.
 */
export function readConfig(environment: Environment): ConfigReading {
  const reader = new Reader(environment);
  const dataFolder = resolve(reader.text('FIRSTLIGHT_DATA', './data', isPath, 'Set the path of a folder.'));
  const keyFile = reader.text('FIRSTLIGHT_KEY_FILE', '', isPath, 'Set the path of a file.');
  const config: Config = {
    port: reader.integer('PORT', 8080, 0, 65_535),
    host: reader.text('HOST', '127.0.0.1', isHost, 'Set an IP address or a host name, for example 0.0.0.0.'),
    dataFolder,
    keyFile: keyFile === '' ? join(dataFolder, 'keys', 'evidence.key') : resolve(keyFile),
    publicUrl: reader.origin('FIRSTLIGHT_PUBLIC_URL'),
    logLevel: reader.oneOf('FIRSTLIGHT_LOG', logLevels, 'warn'),
    bureauName: reader.text(
      'FIRSTLIGHT_NAME',
      'Firstlight bureau',
      isName,
      'Set up to 100 characters on one line.',
    ),
    maxDocumentBytes: reader.integer(
      'FIRSTLIGHT_MAX_DOCUMENT_BYTES',
      8 * mebibyte,
      64 * kibibyte,
      64 * mebibyte,
    ),
    sessionHours: reader.integer('FIRSTLIGHT_SESSION_HOURS', 12, 1, 24),
    workerConcurrency: reader.integer('FIRSTLIGHT_WORKER_CONCURRENCY', 4, 1, 64),
    secrets: { databaseUrl: reader.databaseUrl() },
  };
  reader.refuseUnknownNames();
  return reader.faults.length === 0 ? { kind: 'ok', config } : { kind: 'faults', faults: reader.faults };
}

/** The configuration of this process. Prints every fault and ends with status 2 when there is any. */
export function configFromEnvironment(): Config {
  const reading = readConfig(process.env);
  if (reading.kind === 'ok') return reading.config;
  const count = reading.faults.length === 1 ? 'a fault' : `${reading.faults.length} faults`;
  const lines = [`The configuration has ${count}:`, ...reading.faults.map((fault) => `  - ${fault}`)];
  process.stderr.write(`${lines.join('\n')}\n`);
  process.exit(2);
}

/** What is in effect, by the names of the environment, fit to be shown and logged. */
export function shownConfig(config: Config): Readonly<Record<Name, string | number | null>> {
  return {
    PORT: config.port,
    HOST: config.host,
    DATABASE_URL: config.secrets.databaseUrl === undefined ? null : '[redacted]',
    FIRSTLIGHT_DATA: config.dataFolder,
    FIRSTLIGHT_KEY_FILE: config.keyFile,
    FIRSTLIGHT_PUBLIC_URL: config.publicUrl ?? null,
    FIRSTLIGHT_LOG: config.logLevel,
    FIRSTLIGHT_NAME: config.bureauName,
    FIRSTLIGHT_MAX_DOCUMENT_BYTES: config.maxDocumentBytes,
    FIRSTLIGHT_SESSION_HOURS: config.sessionHours,
    FIRSTLIGHT_WORKER_CONCURRENCY: config.workerConcurrency,
  };
}

/** Reads values one by one and collects what is wrong; a faulty value reads as its default. */
class Reader {
  readonly faults: string[] = [];
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  text(name: Name, fallback: string, isValid: (value: string) => boolean, advice: string): string {
    const value = this.#raw(name);
    if (value === undefined) return fallback;
    if (isValid(value)) return value;
    this.faults.push(`${name} is ${shown(value)}. ${advice}`);
    return fallback;
  }

  integer(name: Name, fallback: number, least: number, most: number): number {
    const value = this.#raw(name);
    if (value === undefined) return fallback;
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= least && number <= most) return number;
    this.faults.push(
      `${name} is ${shown(value)}. Set a whole number from ${least} to ${most}; ${fallback} is the default.`,
    );
    return fallback;
  }

  oneOf<T extends string>(name: Name, values: readonly T[], fallback: T): T {
    const value = this.#raw(name);
    if (value === undefined) return fallback;
    const found = values.find((candidate) => candidate === value);
    if (found !== undefined) return found;
    this.faults.push(`${name} is ${shown(value)}. Set one of ${values.join(', ')}.`);
    return fallback;
  }

  origin(name: Name): string | undefined {
    const value = this.#raw(name);
    if (value === undefined) return undefined;
    const url = URL.canParse(value) ? new URL(value) : undefined;
    // Also refuses a user, a path, a query and a fragment: links are made by adding a path.
    if (url !== undefined && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`)
      return url.origin;
    this.faults.push(
      `${name} is not an address that links can start with. Set scheme and host only, for example https://bureau.example.`,
    );
    return undefined;
  }

  /** Never repeats the value: it holds a password. */
  databaseUrl(): string | undefined {
    const value = this.#raw('DATABASE_URL');
    if (value === undefined || isPostgresUrl(value)) return value;
    this.faults.push(
      'DATABASE_URL is not the address of a PostgreSQL database. Set it like postgresql://user:password@host:5432/database, ' +
        'or leave it out to use the built-in one.',
    );
    return undefined;
  }

  refuseUnknownNames(): void {
    const names = Object.keys(this.#environment).filter((name) => name.startsWith(ownPrefix));
    for (const name of names.sort()) {
      if (knownNames.some((known) => known === name)) continue;
      this.faults.push(`${name} means nothing to Firstlight. Set ${nearest(name)} instead, or remove it.`);
    }
  }

  #raw(name: Name): string | undefined {
    const value = this.#environment[name]?.trim();
    return value === '' ? undefined : value;
  }
}

function shown(value: string): string {
  const short = value.length > 60 ? `${value.slice(0, 60)}…` : value;
  return JSON.stringify(short);
}

function isPath(value: string): boolean {
  return !value.includes('\0') && resolve(value) !== '/';
}

function isHost(value: string): boolean {
  return (
    isIP(value) !== 0 ||
    /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i.test(value)
  );
}

function isName(value: string): boolean {
  return value.length <= 100 && !/\p{Cc}/u.test(value);
}

function isPostgresUrl(value: string): boolean {
  // PostgreSQL's own form for a socket, user@/database?host=/folder, has an empty host, which URL does not know.
  const parsable = value.replace('@/', '@socket/');
  if (!URL.canParse(parsable)) return false;
  const url = new URL(parsable);
  return /^postgres(ql)?:$/.test(url.protocol) && url.pathname.length > 1;
}

function nearest(name: string): string {
  const [first] = knownNames
    .filter((known) => known.startsWith(ownPrefix))
    .map((known) => ({ known, distance: known.startsWith(name) ? 0 : editDistance(known, name) }))
    .sort((a, b) => a.distance - b.distance);
  return first?.known ?? ownPrefix;
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** The whole environment, to be handed on to children of this process. */
export function environmentOfProcess(): Environment {
  return process.env;
}

/** Whether npm runs this process as one of its scripts. */
export function isRunByNpm(): boolean {
  return process.env.npm_lifecycle_event !== undefined;
}
