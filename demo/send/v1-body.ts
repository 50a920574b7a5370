import type {
  CybertipBody,
  FileDetailsBody,
  IdentifierBody,
  PartyBody,
  Schedule1,
  UkBody,
} from '#contract/intake';
import type { Counterpart, DayFile, DayReport, FirstTry, ReportedUser } from '../day/report.ts';
import { hostOf } from '../day/services.ts';

/** A report as JSON, with the profile that its service uses. */
export function reportBody(report: DayReport, fault?: FirstTry): CybertipBody | UkBody {
  const { service } = report;
  const others = [
    ...report.recipients.map(otherParty('recipient')),
    ...report.victims.map(otherParty('victim')),
  ];
  const common = {
    incident: incidentOf(report, fault),
    synthetic: true,
    ...(report.note === undefined ? {} : { narrative: report.note }),
  };
  if (service.door !== 'v1-uk') {
    const host = hostOf(service);
    const reporter = { name: 'Trust Desk', email: `trust@${host}`, legalUrl: `https://${host}/legal` };
    return {
      profile: 'cybertip',
      reporter,
      parties: [...report.users.map(reportedParty), ...others],
      ...common,
    };
  }
  return {
    profile: 'uk',
    priority: report.truth.level ?? 3,
    schedule1: schedule1Of(report),
    declaration: {
      by: 'Trust Desk',
      role: 'authorised person',
      at: report.incidentAt.toISOString(),
      accepted: true,
    },
    // The reported user stands in Schedule 1; among the parties it would be a second one, and a second incident.
    parties: others,
    ...common,
  };
}

export function fileDetailsBody(report: DayReport, file: DayFile, md5: string): FileDetailsBody {
  const { address, uploadedAt } = file;
  return {
    ...(file.name === undefined ? {} : { originalFileName: file.name }),
    uploadedAt: uploadedAt.toISOString(),
    location: `https://${hostOf(report.service)}/f/${md5.slice(0, 12)}`,
    ...(file.isViewed === undefined ? {} : { viewedByProvider: file.isViewed }),
    ...(file.isExifViewed === undefined ? {} : { exifViewedByProvider: file.isExifViewed }),
    ...(file.isPublic === undefined ? {} : { publiclyAvailable: file.isPublic }),
    ...(file.isSupplemental ? { relevance: 'Supplemental Reported' as const } : {}),
    ...(file.annotations.length === 0
      ? {}
      : { annotations: [...file.annotations] as NonNullable<FileDetailsBody['annotations']> }),
    ...(file.classification === undefined ? {} : { industryClassification: file.classification }),
    ...(file.sendsHash ? { originalHashes: [{ type: 'MD5', value: md5 }] } : {}),
    ...(address === undefined
      ? {}
      : {
          identifiers: [
            { kind: 'ip' as const, value: address, event: 'Upload' as const, at: uploadedAt.toISOString() },
          ],
        }),
    ...(file.camera === undefined ? {} : { metadata: [{ name: 'Make', value: file.camera }] }),
  };
}

function incidentOf(report: DayReport, fault: FirstTry | undefined): CybertipBody['incident'] {
  const twoDaysMs = 2 * 24 * 60 * 60 * 1000;
  const at = fault === 'date-in-future' ? new Date(Date.now() + twoDaysMs) : report.incidentAt;
  return {
    type: report.incidentType,
    occurredAt: at.toISOString(),
    platform: report.service.name,
    ...(report.escalation === undefined ? {} : { escalation: report.escalation }),
    ...(report.annotations.length === 0
      ? {}
      : { annotations: [...report.annotations] as NonNullable<CybertipBody['incident']['annotations']> }),
    ...(report.service.kind === 'thin' ? {} : { urls: [placeOf(report)] }),
  };
}

function placeOf(report: DayReport): string {
  return `https://${hostOf(report.service)}/p/${report.day}-${report.index}`;
}

function reportedParty(user: ReportedUser): PartyBody {
  const name = [user.firstName, user.lastName].filter((part) => part !== undefined).join(' ');
  const said: (IdentifierBody | undefined)[] = [
    identifier('provider-account', user.accountId),
    identifier('screen-name', user.screenName),
    identifier('display-name', user.displayName),
    identifier('profile-url', user.profileUrl),
    identifier('name', name === '' ? undefined : name),
    identifier('email', user.email),
    identifier('phone', user.phone),
    identifier('device', user.deviceId),
    identifier('address', user.city),
    user.access === undefined
      ? undefined
      : {
          kind: 'ip',
          value: user.access.address,
          event: 'Login',
          at: user.access.at.toISOString(),
          ...(user.access.port === undefined ? {} : { port: user.access.port }),
        },
  ];
  const identifiers = said.filter((one) => one !== undefined);
  return { role: 'reported-user', identifiers, ...(user.age === undefined ? {} : { age: user.age }) };
}

function otherParty(role: 'recipient' | 'victim'): (party: Counterpart) => PartyBody {
  return (party) => ({
    role,
    identifiers: [
      { kind: 'provider-account', value: party.accountId },
      { kind: 'screen-name', value: party.screenName },
    ],
  });
}

function identifier(kind: IdentifierBody['kind'], value: string | undefined): IdentifierBody | undefined {
  return value === undefined ? undefined : { kind, value };
}

/** Every field of Schedule 1 is a value, or said not to be held. */
function schedule1Of(report: DayReport): Schedule1 {
  const [user] = report.users;
  const [file] = report.files;
  const access = user?.access;
  const use = access && {
    address: access.address,
    at: access.at.toISOString(),
    ...(access.port === undefined ? {} : { port: access.port }),
  };
  const unknown = 'The service does not collect this.';
  return {
    reportingPersonName: { value: 'Trust Desk' },
    reportingPersonEmail: { value: `trust@${hostOf(report.service)}` },
    reportingPersonPhone: { value: '0117 496 0123' },
    detectedContent: { value: `Synthetic content: ${report.files.length} files` },
    detectionMethod: {
      value: report.files.length === 0 ? 'Reported by a member.' : 'Matched with a list of known files.',
    },
    platform: { value: report.service.name },
    reportedBefore: { value: false },
    uploadedAt: heldOr(file?.uploadedAt.toISOString(), 'No file was uploaded.'),
    uploadIp: heldOr(use, unknown),
    exif: heldOr(
      file?.camera === undefined ? undefined : `Make: ${file.camera}`,
      'The file has no metadata.',
    ),
    contentUrl: { value: placeOf(report) },
    originalHash: { notHeld: true, reason: 'The original is sent itself.' },
    accountUsername: heldOr(user?.screenName, unknown),
    billingDetails: { notHeld: true, reason: 'The service is free of charge.' },
    accountEmail: heldOr(user?.email, unknown),
    recoveryEmail: { notHeld: true, reason: unknown },
    telephone: heldOr(user?.phone === undefined ? undefined : { number: user.phone }, unknown),
    profileUrl: heldOr(user?.profileUrl, 'Accounts have no public profile.'),
    loginIps: heldOr(use === undefined ? undefined : [use], 'Logins are not kept.'),
    identityDocuments: { notHeld: true, reason: unknown },
    connectedAccounts: heldOr(
      user?.linkedAccount === undefined ? undefined : [user.linkedAccount],
      'None are known.',
    ),
  };
}

function heldOr<T>(value: T | undefined, reason: string): { value: T } | { notHeld: true; reason: string } {
  return value === undefined ? { notHeld: true, reason } : { value };
}
