import type { Counterpart, DayFile, DayReport, FirstTry, ReportedUser } from '../day/report.ts';
import { type Generation, hostOf, type Service } from '../day/services.ts';
import { element, field, type Xml } from './xml.ts';

/**
 * A report as the XML that its service's client would write. The watermark stands in `companyTemplate`, which batched
 * reports may carry too.
 * @param fault makes the mistake of a first try
 */
export function reportDocument(report: DayReport, fault?: FirstTry): string {
  const reporter = reporterOf(report.service);
  const parts = [
    report.isBatched ? element('batchedReport', '', { reason: 'VIRAL_POTENTIAL_MEME' }) : undefined,
    incidentSummary(report, fault),
    report.isBatched ? undefined : internetDetails(report),
    reporter,
    ...report.users.map((user) => reportedUser(report, user)),
    ...report.recipients.map((party) => element('intendedRecipient', account(party))),
    ...report.victims.map((party) => element('victim', ['<victimPerson/>', ...account(party)])),
    field('additionalInfo', report.note),
  ];
  if (fault === 'element-order') parts.unshift(...parts.splice(parts.indexOf(reporter), 1));
  return withDeclaration(report.service.generation, element('report', parts));
}

/** Beside the file's own facts: the report's number and what the bureau answered to the upload. */
export interface FileNumbers {
  readonly reportId: string;
  readonly fileId: string;
  readonly md5: string;
}

export function fileDetailsDocument(report: DayReport, file: DayFile, numbers: FileNumbers): string {
  const { generation } = report.service;
  const access =
    file.address === undefined
      ? []
      : [
          field('ipAddress', file.address),
          field('eventName', 'Upload'),
          field('dateTime', timeText(file.uploadedAt, generation)),
        ];
  const details = element('fileDetails', [
    field('reportId', numbers.reportId),
    field('fileId', numbers.fileId),
    field('originalFileName', file.name),
    report.isBatched ? undefined : field('uploadedToEspTimestamp', timeText(file.uploadedAt, generation)),
    field('fileViewedByEsp', file.isViewed),
    field('exifViewedByEsp', file.isExifViewed),
    field('publiclyAvailable', file.isPublic),
    file.isSupplemental ? field('fileRelevance', 'Supplemental Reported') : undefined,
    file.annotations.length === 0
      ? undefined
      : element(
          'fileAnnotations',
          file.annotations.map((label) => element(label, '')),
        ),
    field('industryClassification', file.classification),
    file.sendsHash ? field('originalFileHash', numbers.md5, { hashType: 'MD5' }) : undefined,
    access.length === 0 ? undefined : element('ipCaptureEvent', access),
    file.camera === undefined ? undefined : cameraDetails(file.camera),
  ]);
  return withDeclaration(generation, details);
}

/** Times as that generation of clients writes them: with an offset, with `Z`, or with nine decimals. */
export function timeText(time: Date, generation: Generation): string {
  const text = time.toISOString();
  if (generation === 2016) return `${text.slice(0, 19)}+00:00`;
  return generation === 2021 ? `${text.slice(0, 19)}Z` : `${text.slice(0, 23)}${'000000'}Z`;
}

/** Old clients write no XML declaration. */
function withDeclaration(generation: Generation, document: Xml): string {
  return generation === 2016 ? document : `<?xml version="1.0" encoding="UTF-8"?>\n${document}`;
}

function incidentSummary(report: DayReport, fault: FirstTry | undefined): Xml {
  const twoDaysMs = 2 * 24 * 60 * 60 * 1000;
  const at = fault === 'date-in-future' ? new Date(Date.now() + twoDaysMs) : report.incidentAt;
  const labels = report.annotations.map((label) => element(label, ''));
  return element('incidentSummary', [
    field('incidentType', fault === 'unknown-type' ? 'Other' : report.incidentType),
    report.service.generation === 2016 ? undefined : field('platform', report.service.name),
    field('escalateToHighPriority', report.escalation),
    labels.length === 0 ? undefined : element('reportAnnotations', labels),
    field('incidentDateTime', timeText(at, report.service.generation)),
  ]);
}

function internetDetails(report: DayReport): Xml | undefined {
  const { service, index } = report;
  const place = `https://${hostOf(service)}/p/${report.day}-${index}`;
  switch (service.kind) {
    case 'chat':
    case 'encrypted':
      return element(
        'internetDetails',
        element('chatImIncident', [
          field('chatClient', service.name),
          field('chatRoomName', `room-${index % 97}`),
        ]),
      );
    case 'games':
      return element(
        'internetDetails',
        element('onlineGamingIncident', [field('gameName', 'Otterholm Rivers'), field('console', 'PC')]),
      );
    case 'social':
    case 'storage':
    case 'hosting':
      return element(
        'internetDetails',
        element(
          'webPageIncident',
          [field('url', place)],
          service.kind === 'hosting' ? { thirdPartyHostedContent: 'true' } : {},
        ),
      );
    case 'thin':
      return undefined;
  }
  return service.kind satisfies never;
}

function reporterOf(service: Service): Xml {
  const email = `trust@${hostOf(service)}`;
  // Some minimal clients give a reporting person without an address.
  const person =
    service.kind === 'games'
      ? [field('firstName', 'Trust'), field('lastName', 'Desk')]
      : [field('firstName', 'Trust'), field('lastName', 'Desk'), field('email', email)];
  return element('reporter', [
    element('reportingPerson', person),
    field('companyTemplate', 'synthetic:true'),
  ]);
}

function reportedUser(report: DayReport, user: ReportedUser): Xml {
  const { generation } = report.service;
  if (report.isBatched) return element('personOrUserReported', [field('espIdentifier', user.accountId)]);
  const isNewest = generation === 2026 && user.age !== undefined;
  const person = [
    field('firstName', user.firstName),
    field('lastName', user.lastName),
    field('phone', user.phone, { type: user.phone?.startsWith('07') ? 'Mobile' : 'Home' }),
    field('email', user.email, { type: 'Home' }),
    field('age', user.age),
    isNewest ? field('ageAssertionDiscrepancy', report.index % 2 === 0) : undefined,
  ];
  const isKnown = person.some((part) => part !== undefined);
  return element('personOrUserReported', [
    isKnown ? element('personOrUserReportedPerson', person) : undefined,
    field('espIdentifier', user.accountId),
    user.accountId === undefined ? undefined : field('espService', report.service.name),
    field('screenName', user.screenName),
    field('displayName', user.displayName),
    field('profileUrl', user.profileUrl),
    accessEvent(user, generation),
    deviceOf(user),
    disabling(user, generation),
    locationOf(user),
    linkedAccount(user, report.service),
  ]);
}

function account(party: Counterpart): Xml[] {
  return [field('espIdentifier', party.accountId), field('screenName', party.screenName)].filter(
    (part) => part !== undefined,
  );
}

function accessEvent(user: ReportedUser, generation: Generation): Xml | undefined {
  if (user.access === undefined) return undefined;
  return element('ipCaptureEvent', [
    field('ipAddress', user.access.address),
    field('eventName', 'Login'),
    field('dateTime', timeText(user.access.at, generation)),
    field('port', user.access.port),
  ]);
}

function deviceOf(user: ReportedUser): Xml | undefined {
  return user.deviceId === undefined
    ? undefined
    : element('deviceId', [field('idType', 'Installation'), field('idValue', user.deviceId)]);
}

function disabling(user: ReportedUser, generation: Generation): Xml | undefined {
  if (user.disabledAt === undefined) return undefined;
  return field('accountPermanentlyDisabled', true, {
    disabledDate: timeText(user.disabledAt, generation),
    userNotified: 'false',
  });
}

function locationOf(user: ReportedUser): Xml | undefined {
  return user.city === undefined
    ? undefined
    : element('estimatedLocation', [field('city', user.city), field('countryCode', 'GB')], {
        verified: 'false',
      });
}

function linkedAccount(user: ReportedUser, service: Service): Xml | undefined {
  if (user.linkedAccount === undefined) return undefined;
  return element(
    'associatedAccount',
    [field('platform', service.name), field('screenName', user.linkedAccount)],
    { type: 'Linked' },
  );
}

function cameraDetails(camera: string): Xml {
  const pair = element('nameValuePair', [field('name', 'Make'), field('value', camera)]);
  return element('details', pair, { type: 'EXIF' });
}
