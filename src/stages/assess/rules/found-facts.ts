import type { PhraseList } from './phrase-list.ts';
import { saidIn } from './said-facts.ts';
import type { Evidence, FactCode, UrgencyFacts } from './urgency-facts.ts';

/** A fact and where it was seen. */
export interface FoundFact {
  readonly fact: FactCode;
  readonly evidence: Evidence;
}

/** Until when what others keep for us is there, in milliseconds since 1970. */
export interface Clocks {
  /** Networks delete who used the newest reported address; absent where no address came with its time. */
  readonly addressRecordsUntil?: number;
}

const dayMs = 24 * 60 * 60 * 1000;

export function clocksOf(
  facts: Pick<UrgencyFacts, 'newestAddressUse'>,
  rules: { readonly addressLogDays: number },
): Clocks {
  const used = facts.newestAddressUse;
  return used === undefined ? {} : { addressRecordsUntil: used + rules.addressLogDays * dayMs };
}

/** How long before the deadline a fact begins to hold. */
const expiryFacts = [
  { fact: 'data-expires-14-days', leadMs: 14 * dayMs },
  { fact: 'data-expires-3-days', leadMs: 3 * dayMs },
] as const;

/** When the same facts next look different because time has passed; undefined if they never do. */
export function nextLookAt(clocks: Clocks, asOf: number): number | undefined {
  const until = clocks.addressRecordsUntil;
  if (until === undefined) return undefined;
  const times = [...expiryFacts.map(({ leadMs }) => until - leadMs), until];
  return times.filter((time) => time > asOf).sort((a, b) => a - b)[0];
}

/** Everything that the rules may ask for, in a fixed order. */
export function foundIn(facts: UrgencyFacts, clocks: Clocks, asOf: number, list: PhraseList): FoundFact[] {
  return [
    ...declared(facts),
    ...ofIncident(facts),
    ...ofFiles(facts),
    ...ofSubjects(facts),
    ...expiring(clocks, asOf),
    ...said(facts, list),
  ];
}

const field = (fact: FactCode, where: string): FoundFact => ({ fact, evidence: { kind: 'field', where } });
const mark = (fact: FactCode, where: string): FoundFact => ({
  fact,
  evidence: { kind: 'annotation', where },
});

function declared({ isEscalated, declaredPriority }: UrgencyFacts): FoundFact[] {
  return [
    ...(isEscalated ? [field('escalated', 'escalateToHighPriority')] : []),
    ...(declaredPriority === undefined ? [] : [field(`declared-${declaredPriority}`, 'priority')]),
  ];
}

/** Incident types of the protocol by their first words. */
const incidentFacts: readonly (readonly [string, FactCode])[] = [
  ['Online Enticement of Children', 'type-enticement'],
  ['Child Sexual Molestation', 'type-molestation'],
  ['Child Sex Trafficking', 'type-trafficking'],
  ['Child Sex Tourism', 'type-trafficking'],
];

const reportMarks: Readonly<Record<string, FactCode>> = {
  sextortion: 'sextortion',
  sadisticOnlineExploitation: 'sadistic-exploitation',
  csamSolicitation: 'solicitation',
};

function ofIncident(facts: UrgencyFacts): FoundFact[] {
  const youngest = Math.min(...facts.childAges);
  return [
    ...incidentFacts.flatMap(([start, fact]) =>
      facts.incidentType.startsWith(start) ? [field(fact, 'incidentType')] : [],
    ),
    ...marksOf(facts.annotations, reportMarks),
    ...(facts.hasCounterpart ? [field('contact', 'victim or intendedRecipient')] : []),
    ...(youngest < 13 ? [field('child-under-13', 'age')] : []),
    ...(facts.childAges.some((age) => age >= 13 && age < 18) ? [field('child-13-to-17', 'age')] : []),
  ];
}

const fileMarks: Readonly<Record<string, FactCode>> = {
  liveStreaming: 'live-stream-label',
  infant: 'infant-label',
  physicalHarm: 'physical-harm-label',
  possibleSelfProduction: 'self-production-label',
  generativeAi: 'generated-label',
  viral: 'seen-often-label',
  potentialMeme: 'seen-often-label',
};

const classes: Readonly<Record<string, FactCode>> = { A1: 'class-a1', A2: 'class-a2' };

function ofFiles(facts: UrgencyFacts): FoundFact[] {
  return [
    ...marksOf(facts.fileAnnotations, fileMarks),
    ...(facts.isBatched ? [field('seen-often-label', 'batchedReport')] : []),
    ...facts.classifications.flatMap((name) => {
      const fact = classes[name];
      return fact === undefined ? [] : [field(fact, 'industryClassification')];
    }),
    ...(facts.newFiles > 0 ? [field('first-seen-file', 'SHA-256 of the files')] : []),
  ];
}

function marksOf(names: readonly string[], known: Readonly<Record<string, FactCode>>): FoundFact[] {
  return names.flatMap((name) => {
    const fact = Object.hasOwn(known, name) ? known[name] : undefined;
    return fact === undefined ? [] : [mark(fact, name)];
  });
}

function ofSubjects({ repeats }: UrgencyFacts): FoundFact[] {
  if (repeats.reports < 1) return [];
  const evidence: Evidence = { kind: 'reports', count: repeats.reports };
  return [
    { fact: 'repeat-subject', evidence },
    ...(repeats.isByOtherService ? [{ fact: 'repeat-subject-other-service' as const, evidence }] : []),
  ];
}

function expiring({ addressRecordsUntil: until }: Clocks, asOf: number): FoundFact[] {
  if (until === undefined || asOf >= until) return [];
  return expiryFacts.flatMap(({ fact, leadMs }) =>
    asOf >= until - leadMs
      ? [{ fact, evidence: { kind: 'deadline' as const, at: new Date(until).toISOString() } }]
      : [],
  );
}

function said(facts: UrgencyFacts, list: PhraseList): FoundFact[] {
  const hits = saidIn(facts.texts, list).map(({ fact, standing, evidence }): FoundFact => {
    if (standing === 'present') return { fact, evidence };
    return { fact: standing === 'past' ? 'said-in-past' : 'said-as-fiction', evidence };
  });
  return facts.isTextCut ? [...hits, field('text-cut', 'all text fields together')] : hits;
}
