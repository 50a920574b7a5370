import type { UrgencyFacts } from '#assess';
import { composeReport } from '../demo/day/compose.ts';
import { FileSupply } from '../demo/day/files.ts';
import type { DayReport } from '../demo/day/report.ts';

/** One report of the invented day as the rules see it, with what is planted. */
export interface DayFacts {
  readonly facts: UrgencyFacts;
  readonly isUrgent: boolean;
}

/** The invented day as facts, without sending it: what the doors and the database would make of each report. */
export function dayOfFacts(
  reports: number,
  seed: number,
): { readonly reports: DayFacts[]; readonly until: Date } {
  const frame = { seed, day: 1, reports };
  const until = new Date('2026-11-24T12:00:00Z');
  const supply = new FileSupply(seed, 1);
  const seenPeople = new Map<string, string>();
  const seenFiles = new Set<string>();
  const facts: DayFacts[] = [];
  for (let index = 0; index < reports; index += 1) {
    const report = composeReport(frame, index, until, supply);
    facts.push({ facts: factsOf(report, seenPeople, seenFiles), isUrgent: report.truth.isUrgent });
  }
  return { reports: facts, until };
}

function factsOf(report: DayReport, people: Map<string, string>, files: Set<string>): UrgencyFacts {
  const emails = report.users.flatMap(({ email }) => (email === undefined ? [] : [email]));
  const before = emails.flatMap((email) => people.get(email) ?? []);
  for (const email of emails) people.set(email, report.service.key);
  const recipes = report.files.map(({ recipe }) => JSON.stringify(recipe));
  const newFiles = recipes.filter((recipe) => !files.has(recipe)).length;
  for (const recipe of recipes) files.add(recipe);
  const uses = report.users.flatMap(({ access }) => (access === undefined ? [] : [access.at.getTime()]));
  return {
    isEscalated: report.escalation !== undefined,
    isBatched: report.isBatched,
    incidentType: report.incidentType,
    annotations: report.annotations,
    fileAnnotations: report.files.flatMap(({ annotations }) => annotations),
    classifications: report.files.flatMap(({ classification }) => classification ?? []),
    childAges: [],
    hasCounterpart: report.recipients.length + report.victims.length > 0,
    repeats: {
      reports: before.length,
      isByOtherService: before.some((service) => service !== report.service.key),
    },
    newFiles,
    ...(uses.length > 0 && { newestAddressUse: Math.max(...uses) }),
    texts: [
      ...(report.escalation === undefined
        ? []
        : [{ where: 'escalateToHighPriority', text: report.escalation }]),
      ...(report.note === undefined ? [] : [{ where: 'additionalInfo', text: report.note }]),
    ],
    isTextCut: false,
  };
}
