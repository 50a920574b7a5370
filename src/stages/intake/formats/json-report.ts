import type { Parsed } from '#base/defects';
import type { CybertipBody, IdentifierBody, PartyBody, ReportBody } from '#contract/intake';
import { FieldCheck } from './json-fields.ts';
import type { IdentifierDraft, IdentifierKind, PartyDraft, ReportDraft } from './report-draft.ts';
import { sentOf } from './sent-json.ts';
import { hasSyntheticMark } from './synthetic-mark.ts';
import { ukParts } from './uk-profile.ts';
import type { ValueRule } from './vocabulary/model.ts';

/** Longest value and rule of each kind of identifier: the limits of the same fields in the XML protocol. */
const limitsOf: Readonly<Record<IdentifierKind, { readonly maxLength: number; readonly rule?: ValueRule }>> =
  {
    email: { maxLength: 255, rule: 'email-address' },
    phone: { maxLength: 50 },
    ip: { maxLength: 45, rule: 'ip-address' },
    device: { maxLength: 2083 },
    'provider-account': { maxLength: 255 },
    'screen-name': { maxLength: 256 },
    'display-name': { maxLength: 255 },
    'profile-url': { maxLength: 2083, rule: 'url' },
    url: { maxLength: 2083, rule: 'url' },
    group: { maxLength: 255 },
    name: { maxLength: 201 },
    'date-of-birth': { maxLength: 10, rule: 'past-date' },
    address: { maxLength: 1000 },
    payment: { maxLength: 2083 },
  };

/**
 * Makes the report model from a JSON body whose shape is already checked, after the same documented rules as the
 * XML door. Gives every defect at once; paths are those of the body, as `parties[0].identifiers[2].value`.
 */
export function draftOfBody(body: ReportBody, options: { readonly now: Date }): Parsed<ReportDraft> {
  const check = new FieldCheck(options.now);
  const { incident } = body;
  check.value('past-time', incident.occurredAt, 'incident.occurredAt');
  incident.urls?.forEach((url, index) => {
    check.value('url', url, `incident.urls[${index}]`);
  });
  if (incident.escalation !== undefined) check.value('not-blank', incident.escalation, 'incident.escalation');
  const named = (body.parties ?? []).map((party, index) => partyOf(party, index, body.parties ?? [], check));
  const own = body.profile === 'uk' ? ukParts(body, check) : { parties: reporterParties(body, check) };
  const platform = own.platform ?? incident.platform;
  const draft: ReportDraft = {
    profile: body.profile,
    incidentType: incident.type,
    incidentAt: incident.occurredAt,
    ...(platform === undefined ? {} : { platform }),
    ...(incident.escalation === undefined ? {} : { escalation: incident.escalation }),
    ...(body.profile === 'uk' ? { declaredPriority: priorityOf(body.priority) } : {}),
    annotations: [...new Set(incident.annotations)],
    isSynthetic: body.synthetic === true || isMarked(body),
    priorReports: [...(body.priorReports ?? []), ...(own.priorReports ?? [])],
    parties: [...own.parties, ...incidentParties(incident.urls ?? []), ...named],
    sent: sentOf('report', body),
  };
  return check.parsed(draft);
}

/** The watermark of the XML protocol counts here too, wherever a service writes standing remarks. */
function isMarked(body: ReportBody): boolean {
  const notes = body.profile === 'cybertip' ? body.reporter.notes : undefined;
  return hasSyntheticMark(body.narrative ?? '') || hasSyntheticMark(notes ?? '');
}

function priorityOf(priority: number): 1 | 2 | 3 {
  return priority === 1 ? 1 : priority === 2 ? 2 : 3;
}

/** The person who reports for the service. Without an e-mail address the report is taken and the sender is told. */
function reporterParties(body: CybertipBody, check: FieldCheck): readonly PartyDraft[] {
  const { reporter } = body;
  if (reporter.email === undefined) {
    check.warn(
      'reporter.email',
      'reporter-email',
      'No e-mail address of the reporting person was sent; please add one.',
    );
  } else check.value('email-address', reporter.email, 'reporter.email');
  if (reporter.legalUrl !== undefined) check.value('url', reporter.legalUrl, 'reporter.legalUrl');
  const identifiers: IdentifierDraft[] = [];
  for (const kind of ['name', 'email', 'phone'] as const) {
    const value = reporter[kind];
    if (value !== undefined) identifiers.push({ kind, value, path: `reporter.${kind}`, attributes: {} });
  }
  return [{ role: 'reporter', path: 'reporter', identifiers }];
}

function incidentParties(urls: readonly string[]): readonly PartyDraft[] {
  if (urls.length === 0) return [];
  const identifiers = urls.map((value, index): IdentifierDraft => {
    return { kind: 'url', value, path: `incident.urls[${index}]`, attributes: {} };
  });
  return [{ role: 'incident-detail', path: 'incident', identifiers }];
}

function partyOf(party: PartyBody, index: number, all: readonly PartyBody[], check: FieldCheck): PartyDraft {
  const path = `parties[${index}]`;
  const isAssociated = party.role === 'associated-account';
  if (isAssociated && party.of === undefined) {
    check.defect(
      `${path}.of`,
      'owner-needed',
      'An associated account belongs to a party: send its index in parties.',
    );
  } else if (!isAssociated && party.of !== undefined) {
    check.defect(
      `${path}.of`,
      'owner-not-expected',
      'Only an associated account belongs to another party. Leave it out.',
    );
  }
  const owner = party.of === undefined ? undefined : all[party.of];
  if (party.of !== undefined && (owner === undefined || owner.role === 'associated-account')) {
    check.defect(
      `${path}.of`,
      'owner-unknown',
      'Send the index, from 0, of a party that is not an associated account.',
    );
  }
  const ageRules = party.age !== undefined && party.identifiers.some((each) => each.kind === 'date-of-birth');
  if (ageRules)
    check.defect(`${path}.age`, 'age-or-birth-date', 'Send the age or the date of birth, not both.');
  return {
    role: party.role,
    path,
    ...(party.of === undefined ? {} : { ofPath: `parties[${party.of}]` }),
    identifiers: party.identifiers.map((each, at) => identifierOf(each, `${path}.identifiers[${at}]`, check)),
  };
}

/** One identifier after the rules of its kind; attributes carry the names that they have in the XML protocol. */
export function identifierOf(body: IdentifierBody, path: string, check: FieldCheck): IdentifierDraft {
  const limits = limitsOf[body.kind];
  check.length(limits.maxLength, body.value, `${path}.value`);
  check.value(limits.rule ?? 'not-blank', body.value, `${path}.value`);
  if (body.at !== undefined) check.value('past-time', body.at, `${path}.at`);
  if (body.verifiedAt !== undefined) check.value('past-time', body.verifiedAt, `${path}.verifiedAt`);
  if (body.verifiedAt !== undefined && body.verified !== true) {
    check.defect(`${path}.verified`, 'verification-needs-verified', 'With verifiedAt, send verified: true.');
  }
  for (const name of ['port', 'possibleProxy'] as const) {
    if (body.kind === 'ip' || body[name] === undefined) continue;
    check.defect(
      `${path}.${name}`,
      'only-for-ip',
      'Only an identifier of kind ip has this field. Leave it out.',
    );
  }
  return { kind: body.kind, value: body.value, path: `${path}.value`, attributes: attributesOf(body) };
}

function attributesOf(body: IdentifierBody): Readonly<Record<string, string>> {
  const named = {
    eventName: body.event,
    dateTime: body.at,
    port: body.port,
    possibleProxy: body.possibleProxy,
    verified: body.verified,
    verificationDate: body.verifiedAt,
    type: body.label,
  };
  return Object.fromEntries(
    Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}
