import type { IdentifierFacts, ReportFacts } from './report-facts.ts';
import type { RuleReason } from './urgency.ts';

/** Changes with every change of the list below. */
export const completenessVersion = 'completeness-1';

export interface CompletenessResult {
  /** Useful facts sent, as a share of those that apply to this report: 0 to 1, three decimals. Never an urgency. */
  readonly share: number;
  readonly present: readonly RuleReason[];
  readonly missing: readonly RuleReason[];
}

interface UsefulFact {
  readonly code: string;
  /** Follows "Sent: " or "Not sent: ". */
  readonly name: string;
  /** Why it helps whoever has to find the people concerned. Follows "Why it helps: ". */
  readonly help: string;
  readonly isPresent: (facts: ReportFacts) => boolean;
  /** Absent: applies to every report. */
  readonly appliesTo?: (facts: ReportFacts) => boolean;
}

/** Who is said to have done something; what the service says of its own staff never counts. */
const reportedRoles: ReadonlySet<string> = new Set(['reported-user', 'associated-account']);
const affectedRoles: ReadonlySet<string> = new Set(['victim', 'recipient']);
const ownRoles: ReadonlySet<string> = new Set(['reporter', 'contact', 'officer']);

function hasReported(facts: ReportFacts, kinds: readonly string[]): boolean {
  return facts.identifiers.some((one) => reportedRoles.has(one.role) && kinds.includes(one.kind));
}

function hasAddress(facts: ReportFacts, also: (one: IdentifierFacts) => boolean): boolean {
  return facts.identifiers.some((one) => one.kind === 'ip' && !ownRoles.has(one.role) && also(one));
}

const isOrdinary = (facts: ReportFacts) => !facts.isBatched;
const hasFiles = (facts: ReportFacts) => facts.files.count > 0;

/**
 * The facts whose absence makes reports hard to act on: identifiers, location, the file itself and whether it was
 * viewed (Stanford Internet Observatory, "How to Fix the Online Child Exploitation Reporting System", 22 April
 * 2024), and those that SI 2026/268 Schedule 1 asks for where available. A batched report may by the protocol
 * carry an account and a file only, so the rest does not apply to it. The list is changed by a decision record.
 */
const usefulFacts: readonly UsefulFact[] = [
  {
    code: 'account',
    name: "the reported account's identifier at the service",
    help: 'the service can then be asked about exactly this account',
    isPresent: (facts) => hasReported(facts, ['provider-account']),
  },
  {
    code: 'screen-name',
    name: 'a screen name, display name or profile address',
    help: 'people often use the same one elsewhere, so it connects reports of different services',
    isPresent: (facts) => hasReported(facts, ['screen-name', 'display-name', 'profile-url']),
    appliesTo: isOrdinary,
  },
  {
    code: 'email',
    name: 'an e-mail address of the reported user',
    help: 'it can be followed up with the mail provider and found in other reports',
    isPresent: (facts) => hasReported(facts, ['email']),
    appliesTo: isOrdinary,
  },
  {
    code: 'phone',
    name: 'a telephone number of the reported user',
    help: 'a network can often name its subscriber, and it gives a first idea of the country',
    isPresent: (facts) => hasReported(facts, ['phone']),
    appliesTo: isOrdinary,
  },
  {
    code: 'ip',
    name: 'an IP address',
    help: 'it leads to the network that was used and to a first location',
    isPresent: (facts) => hasAddress(facts, () => true),
    appliesTo: isOrdinary,
  },
  {
    code: 'ip-time',
    name: 'the time at which the IP address was used',
    help: 'addresses change hands, so a network can name a subscriber only for a given moment',
    isPresent: (facts) => hasAddress(facts, (one) => one.hasTime),
    appliesTo: isOrdinary,
  },
  {
    code: 'ip-port',
    name: 'the source port beside the IP address',
    help: 'many subscribers may share one address at once, and only the port and time tell them apart',
    isPresent: (facts) => hasAddress(facts, (one) => one.hasPort),
    appliesTo: isOrdinary,
  },
  {
    code: 'device',
    name: 'a device identifier',
    help: 'it connects accounts that were used on one device',
    isPresent: (facts) => facts.identifiers.some((one) => one.kind === 'device' && !ownRoles.has(one.role)),
    appliesTo: isOrdinary,
  },
  {
    code: 'location',
    name: 'an address or an estimated location',
    help: 'it tells which police force this is for',
    isPresent: (facts) => hasReported(facts, ['address']) || facts.says.location,
    appliesTo: isOrdinary,
  },
  {
    code: 'affected-person',
    name: 'anything that identifies a victim or an intended recipient',
    help: 'a child can be found and protected sooner',
    isPresent: (facts) => facts.identifiers.some((one) => affectedRoles.has(one.role)),
    appliesTo: isOrdinary,
  },
  {
    code: 'when-described',
    name: 'what the date and time of the incident stand for',
    help: 'it tells an upload from a discovery by the service',
    isPresent: (facts) => facts.says.whenDescribed,
    appliesTo: isOrdinary,
  },
  {
    code: 'context',
    name: 'an account in words of what happened, or the messages',
    help: 'reports that look alike can hide very different risk, and words tell them apart',
    isPresent: (facts) => facts.says.context,
    appliesTo: isOrdinary,
  },
  {
    code: 'file',
    name: 'the file itself',
    help: 'it can be recognised, graded and compared with what is known already',
    isPresent: hasFiles,
  },
  {
    code: 'file-viewed',
    name: 'for every file, whether a person at the service had viewed it',
    help: 'in some countries it decides whether police need a warrant before they may look',
    isPresent: (facts) => facts.files.viewedStated >= facts.files.count,
    appliesTo: hasFiles,
  },
  {
    code: 'file-labelled',
    name: "the service's own label of a file (annotation or industry classification)",
    help: 'it tells, for example, viral material from new material',
    isPresent: (facts) => facts.files.labelled > 0,
    appliesTo: hasFiles,
  },
];

/** Which of the facts that help were sent. Says nothing about how urgent the report is, nor whether it is true. */
export function completenessOf(facts: ReportFacts): CompletenessResult {
  const applicable = usefulFacts.filter((fact) => fact.appliesTo?.(facts) ?? true);
  const present = applicable.filter((fact) => fact.isPresent(facts));
  const missing = applicable.filter((fact) => !fact.isPresent(facts));
  return {
    share: Math.round((present.length / applicable.length) * 1000) / 1000,
    present: present.map((fact) => reasonOf(fact, 'Sent')),
    missing: missing.map((fact) => reasonOf(fact, 'Not sent')),
  };
}

function reasonOf(fact: UsefulFact, said: 'Sent' | 'Not sent'): RuleReason {
  return { code: fact.code, sentence: `${said}: ${fact.name}. Why it helps: ${fact.help}.` };
}
