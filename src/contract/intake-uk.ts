import { type Static, type TSchema, Type } from 'typebox';
import { common, IncidentBody, moment, strict, text } from './intake-report.ts';

/**
 * One Schedule 1 field of SI 2026/268: exactly one of `{ value }` and `{ notHeld: true, reason }`. Which of the two
 * it is, is checked by rule, so that the answer can say what is missing.
 */
function held<T extends TSchema>(value: T, description: string) {
  return Type.Object(
    {
      value: Type.Optional(value),
      notHeld: Type.Optional(Type.Literal(true)),
      reason: Type.Optional(text(500, 'Why the service does not hold it.')),
    },
    { ...strict, description: `${description} Either { value } or { notHeld: true, reason }.` },
  );
}

const IpUse = Type.Object(
  {
    address: text(45),
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
    at: moment('When the address was used.'),
  },
  strict,
);

/**
 * The content of a report under the Online Safety (CSEA Content Reporting by Regulated User-to-User Service
 * Providers) Regulations, SI 2026/268, Schedule 1, as public compliance notes list it. The law asks for what is
 * available and obliges nobody to collect more: hence "not held", with a reason, for every field.
 */
export const Schedule1 = Type.Object(
  {
    reportingPersonName: held(text(201), 'Who reports for the service.'),
    reportingPersonEmail: held(text(255), 'Where that person can be reached.'),
    reportingPersonPhone: held(text(50), 'Where that person can be called.'),
    detectedContent: held(text(100_000), 'What was detected, in neutral words.'),
    detectionMethod: held(text(3000), 'How it was detected.'),
    platform: held(text(256), 'The part of the service where it was detected.'),
    reportedBefore: held(
      Type.Boolean(),
      'Whether this was reported before; the reference goes into previousReference.',
    ),
    uploadedAt: held(moment('When the content was uploaded.'), 'Time of the upload.'),
    uploadIp: held(IpUse, 'Address, port and time of the upload.'),
    exif: held(text(100_000), 'Metadata of the file as the service holds it.'),
    contentUrl: held(text(2083), 'Where the content was.'),
    originalHash: held(
      Type.Object({ type: text(64), value: text(256) }, strict),
      'Hash of the original file, with its type.',
    ),
    accountUsername: held(text(255), 'User name of the account.'),
    billingDetails: held(text(3000), 'Billing details of the account.'),
    accountEmail: held(text(255), 'E-mail address of the account.'),
    recoveryEmail: held(text(255), 'Recovery e-mail address of the account.'),
    telephone: held(
      Type.Object(
        { number: text(50), verifiedAt: Type.Optional(moment('When the number was verified.')) },
        strict,
      ),
      'Telephone number of the account.',
    ),
    profileUrl: held(text(2083), 'Address of the profile.'),
    loginIps: held(
      Type.Array(IpUse, { minItems: 1, maxItems: 10_000 }),
      'Addresses of the logins of the three months before.',
    ),
    identityDocuments: held(
      Type.Array(text(3000), { minItems: 1, maxItems: 100 }),
      'Identity documents held.',
    ),
    connectedAccounts: held(
      Type.Array(text(2083), { minItems: 1, maxItems: 1000 }),
      'Other accounts that this one is connected with.',
    ),
  },
  strict,
);
export type Schedule1 = Static<typeof Schedule1>;

const DeclarationBody = Type.Object(
  {
    by: text(201, 'The authorised person who declares.'),
    role: text(255, 'That person’s position at the service.'),
    at: moment('When the declaration was made.'),
    accepted: Type.Literal(true, {
      description: 'The person declares that the information is accurate to the best of their knowledge.',
    }),
  },
  strict,
);

export const UkBody = Type.Object(
  {
    profile: Type.Literal('uk'),
    priority: Type.Integer({
      minimum: 1,
      maximum: 3,
      description:
        '1: immediate threat to a child’s life or of serious harm, send immediately. 2: risk of serious harm in ' +
        'the near future, as soon as reasonably practicable. 3: everything else, without undue delay.',
    }),
    incident: IncidentBody,
    schedule1: Schedule1,
    declaration: DeclarationBody,
    previousReference: Type.Optional(
      text(64, 'The unique reference of an earlier report on the same matter.'),
    ),
    ...common,
  },
  strict,
);
export type UkBody = Static<typeof UkBody>;
