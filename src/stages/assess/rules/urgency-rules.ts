import shippedRules from './urgency-2.json' with { type: 'json' };
import { type FactCode, factCodes } from './urgency-facts.ts';

/** The rules of urgency as data, so that an officer can read them and a bureau can change them. */
export interface UrgencyRules {
  /** Changes with every change of the file, so that each rank can be explained and run again. */
  readonly version: string;
  /** Said where no rule found anything. */
  readonly nothing: { readonly code: string; readonly sentence: string };
  /**
   * For how many days networks keep who used an address. An assumption that each bureau replaces by what its networks
   * keep: there is no common duty, and the shortest practices are days.
   */
  readonly addressLogDays: number;
  readonly rules: readonly UrgencyRule[];
}

export interface UrgencyRule {
  readonly code: string;
  /** Holds when all of these were found. */
  readonly when: readonly FactCode[];
  /** 1 a child in danger now, 2 soon, 3 in time, 4 routine. */
  readonly class: 1 | 2 | 3 | 4;
  /** From 0 to below 1: how much it moves a report towards the top of its class. */
  readonly points: number;
  readonly sentence: string;
}

export type RulesReading =
  | { readonly kind: 'ok'; readonly rules: UrgencyRules }
  | { readonly kind: 'defects'; readonly defects: readonly RuleDefect[] };

/** One mistake in a rule file, with the place and what to write instead. */
interface RuleDefect {
  readonly place: string;
  readonly message: string;
}

const mostRules = 500;
const codePattern = /^[a-z][a-z0-9-]{1,63}$/;

/** Reads a rule file that was parsed from JSON. Gives every mistake at once; one mistake refuses the whole file. */
export function readRules(value: unknown): RulesReading {
  const defects: RuleDefect[] = [];
  const say = (place: string, message: string): void => void defects.push({ place, message });
  const file = objectOf(value);
  const version = file.version;
  if (typeof version !== 'string' || !codePattern.test(version))
    say('version', 'Write a name such as urgency-2.');
  const days = file.addressLogDays;
  if (typeof days !== 'number' || !Number.isInteger(days) || days < 1 || days > 3650)
    say('addressLogDays', 'Write a whole number of days from 1 to 3650.');
  const nothing = objectOf(file.nothing);
  checkSaid(nothing, 'nothing', say);
  const list = Array.isArray(file.rules) ? file.rules : [];
  if (list.length === 0 || list.length > mostRules) say('rules', `Write from 1 to ${mostRules} rules.`);
  const codes = new Set<unknown>();
  for (const [index, one] of list.slice(0, mostRules).entries()) {
    const rule = objectOf(one);
    const place = `rules[${index}]`;
    checkSaid(rule, place, say);
    if (codes.has(rule.code)) say(`${place}.code`, 'Another rule has this code; each needs its own.');
    codes.add(rule.code);
    checkWeight(rule, place, say);
  }
  if (defects.length > 0) return { kind: 'defects', defects };
  return { kind: 'ok', rules: value as UrgencyRules };
}

type Say = (place: string, message: string) => void;

function checkSaid(said: Fields, place: string, say: Say): void {
  if (typeof said.code !== 'string' || !codePattern.test(said.code))
    say(`${place}.code`, 'Write a short name of small letters, digits and hyphens.');
  if (typeof said.sentence !== 'string' || !/^\S.{10,400}\.$/.test(said.sentence))
    say(`${place}.sentence`, 'Write one or two sentences of up to 400 letters that end with a full stop.');
}

function checkWeight(rule: Fields, place: string, say: Say): void {
  const when: readonly unknown[] = Array.isArray(rule.when) ? rule.when : [];
  if (when.length === 0 || when.length > 5) say(`${place}.when`, 'Name from one to five facts.');
  for (const fact of when) {
    if (!factCodes.some((known) => known === fact))
      say(
        `${place}.when`,
        `There is no fact "${String(fact).slice(0, 64)}". Known: ${factCodes.join(', ')}.`,
      );
  }
  if (![1, 2, 3, 4].some((known) => known === rule.class)) say(`${place}.class`, 'Write 1, 2, 3 or 4.');
  if (typeof rule.points !== 'number' || !(rule.points >= 0 && rule.points <= 0.9))
    say(`${place}.points`, 'Write a number from 0 to 0.9. Points never lower a report.');
}

type Fields = Readonly<Record<string, unknown>>;

function objectOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** The rules that the bureau ships with. */
export const urgencyRules: UrgencyRules = shipped();

function shipped(): UrgencyRules {
  const reading = readRules(shippedRules);
  if (reading.kind === 'ok') return reading.rules;
  throw new Error(reading.defects.map(({ place, message }) => `${place}: ${message}`).join('\n'));
}
