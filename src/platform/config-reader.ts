import { isIP } from 'node:net';
import { resolve } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;
type Shown = string | number | boolean | null;

const ownPrefix = 'FIRSTLIGHT_';

/**
 * Reads values one by one and collects what is wrong; a faulty value reads as its default, an empty one as absent.
 * Every name that was asked for is known from then on, so a section of the configuration needs no list of its names.
 */
export class ConfigReader {
  readonly faults: string[] = [];
  /** What is in effect, by the names of the environment, fit to be shown and logged: secrets are cut out. */
  readonly shown: Record<string, Shown> = {};
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  text(name: string, fallback: string, isValid: (value: string) => boolean, advice: string): string {
    return this.#take(name, fallback, (value) => {
      if (isValid(value)) return value;
      this.faults.push(`${name} is ${quoted(value)}. ${advice}`);
      return undefined;
    });
  }

  /** Like `text`, undefined where nothing is set. */
  optionalText(name: string, isValid: (value: string) => boolean, advice: string): string | undefined {
    const value = this.text(name, '', isValid, advice);
    if (value !== '') return value;
    this.shown[name] = null;
    return undefined;
  }

  integer(name: string, fallback: number, least: number, most: number): number {
    return this.#take(name, fallback, (value) => {
      const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
      if (number >= least && number <= most) return number;
      this.faults.push(
        `${name} is ${quoted(value)}. Set a whole number from ${least} to ${most}; ${fallback} is the default.`,
      );
      return undefined;
    });
  }

  oneOf<T extends string>(name: string, values: readonly T[], fallback: T): T {
    return this.#take(name, fallback, (value) => {
      const found = values.find((candidate) => candidate === value);
      if (found === undefined)
        this.faults.push(`${name} is ${quoted(value)}. Set one of ${values.join(', ')}.`);
      return found;
    });
  }

  /** `yes` or `no`. */
  flag(name: string, fallback: boolean): boolean {
    return this.oneOf(name, ['yes', 'no'], fallback ? 'yes' : 'no') === 'yes';
  }

  /** Scheme and host, without a slash at the end. */
  origin(name: string): string | undefined {
    return this.#take<string | undefined>(name, undefined, (value) => {
      const url = URL.canParse(value) ? new URL(value) : undefined;
      // Also refuses a user, a path, a query and a fragment: links are made by adding a path.
      if (url !== undefined && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`)
        return url.origin;
      this.faults.push(
        `${name} is not an address that links can start with. Set scheme and host only, for example https://bureau.example.`,
      );
      return undefined;
    });
  }

  /** A value that is never shown, logged or repeated in a fault. `advice` is the whole sentence after the name. */
  secret(name: string, isValid: (value: string) => boolean, advice: string): string | undefined {
    const value = this.#raw(name);
    this.shown[name] = value === undefined ? null : '[redacted]';
    if (value === undefined || isValid(value)) return value;
    this.faults.push(`${name} ${advice}`);
    return undefined;
  }

  refuseUnknownNames(): void {
    const names = Object.keys(this.#environment).filter((name) => name.startsWith(ownPrefix));
    for (const name of names.sort()) {
      if (name in this.shown) continue;
      this.faults.push(
        `${shortened(name)} means nothing to Firstlight. Set ${nearest(shortened(name), Object.keys(this.shown))} instead, or remove it.`,
      );
    }
  }

  #take<T extends Shown | undefined>(name: string, fallback: T, parse: (value: string) => T | undefined): T {
    const value = this.#raw(name);
    const taken = value === undefined ? fallback : (parse(value) ?? fallback);
    this.shown[name] = taken ?? null;
    return taken;
  }

  #raw(name: string): string | undefined {
    const value = this.#environment[name]?.trim();
    return value === '' ? undefined : value;
  }
}

function quoted(value: string): string {
  return JSON.stringify(shortened(value));
}

function shortened(value: string): string {
  return value.length > 60 ? `${value.slice(0, 60)}…` : value;
}

export function isPath(value: string): boolean {
  return !value.includes('\0') && resolve(value) !== '/';
}

export function isHost(value: string): boolean {
  return (
    isIP(value) !== 0 ||
    /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i.test(value)
  );
}

/** Up to 100 characters on one line. */
export function isName(value: string): boolean {
  return value.length <= 100 && !/\p{Cc}/u.test(value);
}

export function isPostgresUrl(value: string): boolean {
  // PostgreSQL's own form for a socket, user@/database?host=/folder, has an empty host, which URL does not know.
  const parsable = value.replace('@/', '@socket/');
  if (!URL.canParse(parsable)) return false;
  const url = new URL(parsable);
  return /^postgres(ql)?:$/.test(url.protocol) && url.pathname.length > 1;
}

function nearest(name: string, known: readonly string[]): string {
  const [first] = known
    .filter((candidate) => candidate.startsWith(ownPrefix))
    .map((candidate) => ({
      candidate,
      distance: candidate.startsWith(name) ? 0 : editDistance(candidate, name),
    }))
    .sort((a, b) => a.distance - b.distance);
  return first?.candidate ?? ownPrefix;
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
