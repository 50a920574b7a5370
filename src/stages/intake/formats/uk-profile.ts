import type { Schedule1, UkBody } from '#contract/intake';
import type { FieldCheck } from './json-fields.ts';
import type { IdentifierDraft, IdentifierKind, PartyDraft } from './report-draft.ts';

/**
 * The profile of SI 2026/268 (made 9 March 2026, in force 7 April 2026): every Schedule 1 field is a value or "not
 * held" with a reason, and a named person declares that the content is accurate.
 */

export interface UkParts {
  readonly parties: readonly PartyDraft[];
  readonly platform?: string;
  readonly priorReports?: readonly string[];
}

type FieldName = keyof Schedule1;
type ValueOf<Name extends FieldName> = NonNullable<Schedule1[Name]['value']>;

const ruledFields = [
  ['reportingPersonEmail', 'email-address'],
  ['accountEmail', 'email-address'],
  ['recoveryEmail', 'email-address'],
  ['contentUrl', 'url'],
  ['profileUrl', 'url'],
  ['uploadedAt', 'past-time'],
] as const;

/** The rules of the profile, and the parties and identifiers that Schedule 1 names. */
export function ukParts(body: UkBody, check: FieldCheck): UkParts {
  for (const name of Object.keys(body.schedule1) as FieldName[]) checkHeld(body.schedule1[name], name, check);
  check.value('past-time', body.declaration.at, 'declaration.at');
  if (heldValue(body, 'reportedBefore') === true && body.previousReference === undefined) {
    check.warn(
      'previousReference',
      'previous-reference',
      'It was reported before, but no earlier reference was sent.',
    );
  }
  for (const [name, rule] of ruledFields) {
    const value = heldValue(body, name);
    if (value !== undefined) check.value(rule, value, pathOf(name));
  }
  const verifiedAt = heldValue(body, 'telephone')?.verifiedAt;
  if (verifiedAt !== undefined) check.value('past-time', verifiedAt, `${pathOf('telephone')}.verifiedAt`);
  const account = accountIdentifiers(body, check);
  const contentUrl = heldValue(body, 'contentUrl');
  const platform = heldValue(body, 'platform');
  return {
    parties: [
      { role: 'reporter', path: 'schedule1.reportingPerson', identifiers: reporterIdentifiers(body) },
      ...(account.length === 0 ? [] : [party('reported-user', 'schedule1.account', account)]),
      ...(contentUrl === undefined
        ? []
        : [
            party('incident-detail', pathOf('contentUrl'), [
              identifier('url', contentUrl, pathOf('contentUrl')),
            ]),
          ]),
    ],
    ...(platform === undefined ? {} : { platform }),
    priorReports: body.previousReference === undefined ? [] : [body.previousReference],
  };
}

function checkHeld(field: Schedule1[FieldName], name: string, check: FieldCheck): void {
  const path = `schedule1.${name}`;
  if (field.value !== undefined) {
    if (field.notHeld === undefined && field.reason === undefined) return;
    check.defect(path, 'value-or-not-held', 'Send either value, or notHeld with a reason; not both.');
  } else if (field.notHeld === undefined) {
    check.defect(
      path,
      'value-or-not-held',
      'Send value, or { "notHeld": true, "reason": "…" } if it is not held.',
    );
  } else if (field.reason === undefined) {
    check.defect(`${path}.reason`, 'reason-needed', 'Say in one sentence why the service does not hold it.');
  } else check.value('not-blank', field.reason, `${path}.reason`);
}

function pathOf(name: FieldName): string {
  return `schedule1.${name}.value`;
}

function heldValue<Name extends FieldName>(body: UkBody, name: Name): ValueOf<Name> | undefined {
  return body.schedule1[name].value as ValueOf<Name> | undefined;
}

function reporterIdentifiers(body: UkBody): readonly IdentifierDraft[] {
  return textIdentifiers(body, [
    ['reportingPersonName', 'name'],
    ['reportingPersonEmail', 'email'],
    ['reportingPersonPhone', 'phone'],
  ]);
}

/** What Schedule 1 says about the account that is reported: the one reported user of the profile. */
function accountIdentifiers(body: UkBody, check: FieldCheck): readonly IdentifierDraft[] {
  const telephone = heldValue(body, 'telephone');
  const uploadIp = heldValue(body, 'uploadIp');
  return [
    ...textIdentifiers(body, [
      ['accountUsername', 'screen-name'],
      ['accountEmail', 'email'],
      ['recoveryEmail', 'email', { type: 'Recovery' }],
      ['billingDetails', 'payment'],
      ['profileUrl', 'profile-url'],
    ]),
    ...(telephone === undefined
      ? []
      : [
          identifier('phone', telephone.number, `${pathOf('telephone')}.number`, {
            ...(telephone.verifiedAt === undefined
              ? {}
              : { verified: 'true', verificationDate: telephone.verifiedAt }),
          }),
        ]),
    ...(uploadIp === undefined ? [] : [ipIdentifier(uploadIp, pathOf('uploadIp'), 'Upload', check)]),
    ...(heldValue(body, 'loginIps') ?? []).map((use, index) =>
      ipIdentifier(use, `${pathOf('loginIps')}[${index}]`, 'Login', check),
    ),
  ];
}

type TextField =
  | 'reportingPersonName'
  | 'reportingPersonEmail'
  | 'reportingPersonPhone'
  | 'accountUsername'
  | 'accountEmail'
  | 'recoveryEmail'
  | 'billingDetails'
  | 'profileUrl';

function textIdentifiers(
  body: UkBody,
  fields: readonly (readonly [TextField, IdentifierKind, Readonly<Record<string, string>>?])[],
): readonly IdentifierDraft[] {
  return fields.flatMap(([name, kind, attributes]) => {
    const value = heldValue(body, name);
    return value === undefined ? [] : [identifier(kind, value, pathOf(name), attributes)];
  });
}

function ipIdentifier(
  use: ValueOf<'uploadIp'>,
  path: string,
  eventName: 'Upload' | 'Login',
  check: FieldCheck,
): IdentifierDraft {
  check.value('ip-address', use.address, `${path}.address`);
  check.value('past-time', use.at, `${path}.at`);
  const port = use.port === undefined ? {} : { port: String(use.port) };
  return identifier('ip', use.address, `${path}.address`, { eventName, dateTime: use.at, ...port });
}

function identifier(
  kind: IdentifierKind,
  value: string,
  path: string,
  attributes: Readonly<Record<string, string>> = {},
): IdentifierDraft {
  return { kind, value, path, attributes };
}

function party(role: PartyDraft['role'], path: string, identifiers: readonly IdentifierDraft[]): PartyDraft {
  return { role, path, identifiers };
}
