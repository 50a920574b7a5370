import { type Casting, castingOf, type DayFrame } from './casting.ts';
import { type FileSupply, fileKey } from './files.ts';
import {
  classifications,
  filesPerReport,
  generativeAi,
  hourWeights,
  informational,
  usersPerBatch,
  withoutFiles,
} from './mix.ts';
import { documentationAddress, hex, type Person, personOf } from './people.ts';
import { type Random, randomOf } from './random.ts';
import type { Counterpart, DayFile, DayReport, ReportedUser } from './report.ts';
import { hostOf, rateOf, type Service } from './services.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** Writes report `index` of the day that ends at `until`. Takes its files from `supply`, so call it in order of index. */
export function composeReport(frame: DayFrame, index: number, until: Date, supply: FileSupply): DayReport {
  const casting = castingOf(frame, index);
  const random = randomOf(frame.seed, frame.day, 'report', index);
  const { service, isBatched } = casting;
  const isThin = service.kind === 'thin';
  const person = personOf(frame.seed, frame.day, casting.person);
  const incidentAt = incidentTime(frame, index, until, random, isThin);
  const isTextual = casting.incidentType.startsWith('Online Enticement');
  const users = isBatched ? batchedUsers(random) : [reportedUser(casting, person, incidentAt, random)];
  const counterparts = isBatched || isThin ? [] : counterpartsOf(random, isTextual ? 0.8 : 0.12);
  const files = filesOf(casting, users[0], incidentAt, random, supply);
  const note = noteOf(casting, index, files.length, random);
  return {
    index,
    day: frame.day,
    service,
    incidentType: casting.incidentType,
    incidentAt,
    annotations: reportAnnotations(casting, isTextual, random),
    ...(casting.isEscalated ? { escalation: escalationOf(casting.level, index) } : {}),
    isBatched,
    users,
    recipients: isTextual ? [] : counterparts,
    victims: isTextual ? counterparts : [],
    ...(note === undefined ? {} : { note }),
    files,
    course: casting.course,
    ...(casting.firstTry === undefined ? {} : { firstTry: casting.firstTry }),
    truth: {
      isUrgent: casting.level !== undefined,
      ...(casting.level === undefined ? {} : { level: casting.level }),
      ...(isBatched || isThin ? {} : { person: person.key }),
    },
  };
}

/** Reports come in order through the 24 hours; what they are about happened minutes to hours before, now and then days. */
function incidentTime(frame: DayFrame, index: number, until: Date, random: Random, isThin: boolean): Date {
  const reportedAt =
    until.getTime() - dayMs + dayShare((index + random.unit()) / frame.reports, until) * dayMs;
  const isLate = isThin || random.chance(0.12);
  const lagMs = isLate
    ? random.whole(1, 20) * dayMs * random.unit()
    : -Math.log(1 - random.unit()) * 25 * minuteMs;
  return new Date(Math.floor(reportedAt - lagMs - 5000));
}

/** Turns an even share of the reports into a share of the day, so that busy hours hold more of them. */
function dayShare(share: number, until: Date): number {
  const total = hourWeights.reduce((sum, weight) => sum + weight, 0);
  let rest = share * total;
  for (let step = 0; step < 24; step++) {
    const weight = hourWeights[(until.getUTCHours() + step) % 24] ?? 1;
    if (rest <= weight) return (step + rest / weight) / 24;
    rest -= weight;
  }
  return 1;
}

function reportedUser(casting: Casting, person: Person, incidentAt: Date, random: Random): ReportedUser {
  const { service } = casting;
  const accountId = accountOf(service, person);
  if (service.kind === 'thin') return random.chance(0.5) ? { accountId: `u-${hex(random, 10)}` } : {};
  const has = (fact: Parameters<typeof rateOf>[1]): boolean => random.chance(rateOf(service, fact));
  const isNamed = has('name');
  const address = random.chance(0.75) ? person.homeAddress : documentationAddress(random);
  const at = new Date(incidentAt.getTime() - random.whole(1, 90) * 1000);
  const port = random.chance(0.25) ? random.whole(1025, 65_535) : undefined;
  return {
    accountId,
    screenName: random.chance(0.5) ? person.alias : `${person.alias}.${service.key.slice(0, 3)}`,
    ...(random.chance(0.4) ? { displayName: `${person.firstName} ${person.lastName.slice(0, 1)}.` } : {}),
    ...(service.kind === 'social' ? { profileUrl: `https://${hostOf(service)}/people/${accountId}` } : {}),
    ...(isNamed ? { firstName: person.firstName, lastName: person.lastName } : {}),
    ...(casting.sendsEmail ? { email: person.email } : {}),
    ...(has('phone') ? { phone: person.phone } : {}),
    ...(isNamed && random.chance(0.3) ? { age: person.age } : {}),
    ...(has('address') ? { access: { address, at, ...(port === undefined ? {} : { port }) } } : {}),
    ...(has('device') ? { deviceId: person.deviceId } : {}),
    ...(has('location') ? { city: person.city } : {}),
    ...(random.chance(0.6) ? { disabledAt: new Date(incidentAt.getTime() + random.whole(1, 4) * 1000) } : {}),
    ...(random.chance(0.04) ? { linkedAccount: `${person.alias}_second` } : {}),
  };
}

function accountOf(service: Service, person: Person): string {
  return `${service.key.slice(0, 2)}-${person.key.replace('person-', '')}`;
}

function batchedUsers(random: Random): ReportedUser[] {
  const count = Math.min(
    usersPerBatch.most,
    Math.floor(usersPerBatch.least * (1 - random.unit()) ** (-1 / usersPerBatch.tail)),
  );
  return Array.from({ length: count }, () => ({ accountId: `u-${hex(random, 12)}` }));
}

function counterpartsOf(random: Random, share: number): Counterpart[] {
  if (!random.chance(share)) return [];
  const number = hex(random, 8);
  return [{ accountId: `m-${number}`, screenName: `member_${number}` }];
}

function filesOf(
  casting: Casting,
  user: ReportedUser | undefined,
  incidentAt: Date,
  random: Random,
  supply: FileSupply,
): DayFile[] {
  const { service } = casting;
  if (casting.isBatched) {
    const label = random.pick([['viral'], ['potentialMeme'], ['viral', 'potentialMeme']]);
    return [
      {
        ...bareFile,
        recipe: supply.nextViral(random),
        uploadedAt: incidentAt,
        isViewed: true,
        annotations: label,
      },
    ];
  }
  const taken = new Set<string>();
  const count = fileCount(casting, random);
  return Array.from({ length: count }, (_, position) => {
    const recipe = supply.next(random, taken);
    if (service.kind === 'thin')
      return { ...bareFile, recipe, uploadedAt: incidentAt, annotations: ['generativeAi'] };
    const isSupplemental = position > 0 && random.chance(0.1);
    const isViewed = random.chance(rateOf(service, 'viewed')) ? random.chance(0.7) : undefined;
    const classification = isSupplemental ? undefined : random.weighted(classifications);
    const address = user?.access === undefined || !random.chance(0.7) ? undefined : user.access.address;
    return {
      recipe,
      name: fileName(recipe.series, fileKey(recipe), random),
      uploadedAt: new Date(incidentAt.getTime() - random.whole(0, 240) * 1000),
      ...(isViewed === undefined ? {} : { isViewed }),
      ...(isViewed === true && random.chance(0.3) ? { isExifViewed: true } : {}),
      ...(random.chance(0.6) ? { isPublic: service.kind === 'social' && random.chance(0.7) } : {}),
      isSupplemental,
      annotations: fileAnnotations(service, isSupplemental, random),
      ...(classification === undefined ? {} : { classification }),
      ...(address === undefined ? {} : { address }),
      sendsHash: random.chance(0.25),
      ...(random.chance(0.12) ? { camera: 'SyntheticCam' } : {}),
    };
  });
}

const bareFile = { isSupplemental: false, sendsHash: false, annotations: [] as readonly string[] };

function fileCount(casting: Casting, random: Random): number {
  const { kind } = casting.service;
  // An encrypted service cannot see content; now and then a member sends one picture along.
  if (kind === 'encrypted') return random.chance(0.15) ? 1 : 0;
  const none = casting.incidentType.startsWith('Online Enticement')
    ? withoutFiles.enticement
    : withoutFiles.others;
  if (random.chance(none)) return 0;
  return Math.min(filesPerReport.most, Math.floor((1 - random.unit()) ** (-1 / filesPerReport.tail)));
}

function fileName(series: string, key: string, random: Random): string {
  const ending = series === 'video' ? 'mov' : series === 'other' ? 'txt' : 'jpg';
  const stem = random.pick(['IMG', 'DSC', 'synthetic', 'Bild', 'fig', 'naïve été', '写真']);
  return `${stem}_${key}.${ending}`;
}

function fileAnnotations(service: Service, isSupplemental: boolean, random: Random): string[] {
  if (random.chance(generativeAi)) return ['generativeAi'];
  if (!random.chance(rateOf(service, 'annotated'))) return [];
  const label = random.weighted([
    ['viral', 4],
    ['potentialMeme', 3],
    ['possibleSelfProduction', 3],
    ['animeDrawingVirtualHentai', 2],
  ] as const);
  return label === 'potentialMeme' && isSupplemental ? [] : [label];
}

function reportAnnotations(casting: Casting, isTextual: boolean, random: Random): string[] {
  const { service } = casting;
  if (casting.isBatched || service.generation === 2016) return [];
  if (casting.level !== undefined) return casting.isEscalated && random.chance(0.5) ? [] : ['sextortion'];
  if (isTextual) return random.chance(0.12) ? ['minorToMinorInteraction'] : [];
  return service.generation === 2026 && random.chance(informational) ? ['informational'] : [];
}

function escalationOf(level: 1 | 2 | 3 | undefined, index: number): string {
  const words = {
    1: 'the service states an immediate risk to a child',
    2: 'the service states a risk to a child in the near future',
    3: 'the service asks that this is read before others',
  };
  return `Synthetic escalation ${index + 1}: ${words[level ?? 3]}.`;
}

function noteOf(casting: Casting, index: number, files: number, random: Random): string | undefined {
  const { service } = casting;
  if (casting.isBatched) return undefined;
  const opening = `Synthetic report ${index + 1}`;
  if (service.kind === 'thin') return `${opening}: flagged by an automatic rule.`;
  if (service.kind === 'encrypted')
    return `${opening}: messages are end-to-end encrypted; an account was reported by a member.`;
  if (files === 0)
    return `${opening}: account reported by a member; conversation held by the service, no files.`;
  if (!random.chance(0.5)) return undefined;
  return random.pick([
    `${opening}: account reported by a member.`,
    `${opening}: found by a list of known files <& reviewed>.`,
    `${opening}: the account was opened ${random.whole(1, 400)} days ago.`,
  ]);
}
