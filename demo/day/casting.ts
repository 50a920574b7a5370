import { courses, type IncidentType, incidentTypes, personReported, urgent } from './mix.ts';
import { randomOf } from './random.ts';
import type { Course, FirstTry } from './report.ts';
import { rateOf, type Service, services } from './services.ts';

/** Who and what report `index` is about. A pure function of the day, so that any earlier report can be looked up again. */
export interface Casting {
  readonly service: Service;
  readonly incidentType: IncidentType;
  readonly isBatched: boolean;
  readonly level?: 1 | 2 | 3;
  readonly isEscalated: boolean;
  readonly course: Course;
  readonly firstTry?: FirstTry;
  /** Index of the report that first names this person; the report's own index for a new one. */
  readonly person: number;
  readonly sendsEmail: boolean;
}

/** A day is known by its seed, its number (from 1) and how many reports it has. */
export interface DayFrame {
  readonly seed: number;
  readonly day: number;
  readonly reports: number;
}

export function castingOf(frame: DayFrame, index: number): Casting {
  const random = randomOf(frame.seed, frame.day, 'casting', index);
  const service = random.weighted(services.map((item) => [item, item.share] as const));
  const incidentType = random.weighted(incidentTypes);
  const sendsOwnEmail = random.chance(rateOf(service, 'email'));
  // The first urgent report of a day is always an escalated one, so that the smallest day has one to look at.
  const isEscalated =
    random.chance(urgent.escalatedByService) || stretchOf(frame, index, urgent.share).number === 0;
  const level = random.weighted(urgent.levels);
  const firstTry = random.pick(['element-order', 'date-in-future', 'unknown-type'] as const);

  const isThin = service.kind === 'thin';
  const isUrgent = !isThin && isPlanted(frame, 'urgent', index, urgent.share);
  const canBatch = !isThin && !isUrgent && service.door === 'ispws' && service.kind !== 'encrypted';
  const isBatched = canBatch && isPlanted(frame, 'batched', index, courses.batched);
  const earlier = isThin || isBatched ? undefined : earlierReportOf(frame, index);
  return {
    service,
    incidentType: isUrgent
      ? 'Online Enticement of Children for Sexual Acts'
      : isBatched || isThin
        ? incidentTypes[0][0]
        : incidentType,
    isBatched,
    ...(isUrgent ? { level } : {}),
    isEscalated: isUrgent && isEscalated,
    course: courseOf(frame, index, isUrgent),
    ...(isPlanted(frame, 'refused-first', index, courses.refusedFirst)
      ? { firstTry: service.door === 'ispws' ? firstTry : 'date-in-future' }
      : {}),
    person: earlier ?? index,
    sendsEmail: earlier !== undefined || (!isThin && !isBatched && sendsOwnEmail),
  };
}

/** Spreads `share` of the day's reports evenly: exactly one in each stretch, at least one in the whole day. */
function isPlanted(frame: DayFrame, label: string, index: number, share: number): boolean {
  const stretch = stretchOf(frame, index, share);
  return index === randomOf(frame.seed, frame.day, label, stretch.number).whole(stretch.from, stretch.to);
}

function stretchOf(
  frame: DayFrame,
  index: number,
  share: number,
): { number: number; from: number; to: number } {
  const stretches = Math.max(1, Math.round(frame.reports * share));
  const number = Math.floor((index * stretches) / frame.reports);
  const from = Math.ceil((number * frame.reports) / stretches);
  return { number, from, to: Math.ceil(((number + 1) * frame.reports) / stretches) - 1 };
}

function courseOf(frame: DayFrame, index: number, isUrgent: boolean): Course {
  if (isUrgent) return 'filed';
  if (isPlanted(frame, 'retracted', index, courses.retracted)) return 'retracted';
  // The last report cannot be sent twice: the day would end one over its number.
  return index < frame.reports - 1 && isPlanted(frame, 'sent-twice', index, courses.sentTwice)
    ? 'sent-twice'
    : 'filed';
}

/** For one report in ten: an earlier one whose person is reported again, with the same e-mail address. */
function earlierReportOf(frame: DayFrame, index: number): number | undefined {
  const random = randomOf(frame.seed, frame.day, 'reported-again', index);
  if (index === 0 || !random.chance(personReported)) return undefined;
  for (let attempt = 0; attempt < 12; attempt++) {
    const candidate = castingOf(frame, random.whole(0, index - 1));
    if (candidate.sendsEmail && candidate.course !== 'retracted') return candidate.person;
  }
  return undefined;
}
