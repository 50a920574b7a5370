/**
 * How one thing stands. `ok`: as it should be. `warn`: works, and something should be done. `bad`: evidence or people
 * are at risk. `ask`: only a person can tell.
 */
type Verdict = 'ok' | 'warn' | 'bad' | 'ask';

/** One thing that protects this bureau, or does not. */
export interface Check {
  /** Kebab-case, stable: monitoring may compare runs by it. */
  readonly name: string;
  readonly verdict: Verdict;
  /** How it stands, in one sentence. */
  readonly says: string;
  /** What to do, where anything is to be done. */
  readonly todo?: string;
}

export function ok(name: string, says: string): Check {
  return { name, verdict: 'ok', says };
}

export function warn(name: string, says: string, todo: string): Check {
  return { name, verdict: 'warn', says, todo };
}

export function bad(name: string, says: string, todo: string): Check {
  return { name, verdict: 'bad', says, todo };
}

export function ask(name: string, says: string, todo: string): Check {
  return { name, verdict: 'ask', says, todo };
}
