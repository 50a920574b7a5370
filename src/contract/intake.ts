import { type Static, type TSchema, Type } from 'typebox';
import { PageOf, Time } from '#contract/shapes';

/**
 * The service side of the JSON API: `/v1/reports`. Every body refuses unknown fields, so that a misspelt field is
 * an answer and not a loss. Lengths are those of the XML door (CyberTipline Reporting API documentation, 2025-06-11).
 */

const strict = { additionalProperties: false } as const;

function text(maxLength: number, description?: string) {
  return Type.String({ minLength: 1, maxLength, ...(description === undefined ? {} : { description }) });
}

/** ISO 8601 with a zone, as `2026-03-01T10:00:00Z`; checked by rule, not by pattern, so that the answer can say why. */
function moment(description: string) {
  return Type.String({ maxLength: 64, description: `${description} ISO 8601 with zone, not in the future.` });
}

export const partyRoles = ['reported-user', 'recipient', 'victim', 'associated-account'] as const;
export const identifierKinds = [
  'email',
  'phone',
  'ip',
  'device',
  'provider-account',
  'screen-name',
  'display-name',
  'profile-url',
  'url',
  'group',
  'name',
  'date-of-birth',
  'address',
  'payment',
] as const;
export const eventNames = ['Login', 'Registration', 'Purchase', 'Upload', 'Other', 'Unknown'] as const;

export const incidentTypes = [
  'Child Pornography (possession, manufacture, and distribution)',
  'Child Sex Trafficking',
  'Child Sex Tourism',
  'Child Sexual Molestation',
  'Misleading Domain Name',
  'Misleading Words or Digital Images on the Internet',
  'Online Enticement of Children for Sexual Acts',
  'Unsolicited Obscene Material Sent to a Child',
] as const;

export const reportAnnotations = [
  'sextortion',
  'csamSolicitation',
  'minorToMinorInteraction',
  'spam',
  'sadisticOnlineExploitation',
  'informational',
] as const;

export const IdentifierBody = Type.Object(
  {
    kind: Type.Enum([...identifierKinds]),
    value: text(2083, 'As the service holds it; never normalised.'),
    event: Type.Optional(Type.Enum([...eventNames], { description: 'What the account did at that moment.' })),
    at: Type.Optional(moment('When it was used.')),
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535, description: 'Source port of an ip.' })),
    possibleProxy: Type.Optional(Type.Boolean()),
    verified: Type.Optional(
      Type.Boolean({ description: 'The service checked that it belongs to the account.' }),
    ),
    verifiedAt: Type.Optional(moment('When the service checked it.')),
    label: Type.Optional(text(255, 'The kind of thing in the service’s own words, as `recovery` or `IDFA`.')),
  },
  strict,
);
export type IdentifierBody = Static<typeof IdentifierBody>;

export const PartyBody = Type.Object(
  {
    role: Type.Enum([...partyRoles], {
      description: 'What the service says this party is. Never a finding.',
    }),
    of: Type.Optional(
      Type.Integer({
        minimum: 0,
        description:
          'For an associated account: index in `parties`, from 0, of the party that it belongs to.',
      }),
    ),
    identifiers: Type.Array(IdentifierBody, { maxItems: 10_000 }),
    age: Type.Optional(Type.Integer({ minimum: 0, maximum: 150 })),
    notes: Type.Optional(text(100_000)),
  },
  strict,
);
export type PartyBody = Static<typeof PartyBody>;

export const IncidentBody = Type.Object(
  {
    type: Type.Enum([...incidentTypes]),
    occurredAt: moment('When it happened, or was found.'),
    occurredAtDescription: Type.Optional(text(3000, 'What the time stands for.')),
    platform: Type.Optional(text(256, 'The product or part of the service where it happened.')),
    escalation: Type.Optional(
      text(3000, 'Why this is urgent. Any text here puts the report in front of those without.'),
    ),
    annotations: Type.Optional(Type.Array(Type.Enum([...reportAnnotations]), { maxItems: 20 })),
    urls: Type.Optional(Type.Array(text(2083), { maxItems: 10_000 })),
  },
  strict,
);
export type IncidentBody = Static<typeof IncidentBody>;

export const ReporterBody = Type.Object(
  {
    name: Type.Optional(text(201, 'The person who reports for the service.')),
    email: Type.Optional(text(255)),
    phone: Type.Optional(text(50)),
    legalUrl: Type.Optional(text(2083, 'Where the service publishes its address for legal process.')),
    notes: Type.Optional(text(3000, 'Terms of service, or a standing remark of the service.')),
  },
  strict,
);
export type ReporterBody = Static<typeof ReporterBody>;

const common = {
  synthetic: Type.Optional(
    Type.Boolean({ description: 'Invented data. Taken by sandbox credentials and demonstrations only.' }),
  ),
  parties: Type.Optional(Type.Array(PartyBody, { maxItems: 10_000 })),
  priorReports: Type.Optional(
    Type.Array(text(64), { maxItems: 1000, description: 'Numbers or references of earlier reports.' }),
  ),
  narrative: Type.Optional(
    text(1_000_000, 'Everything else, in words: what happened, the conversation, context.'),
  ),
};

export const CybertipBody = Type.Object(
  { profile: Type.Literal('cybertip'), incident: IncidentBody, reporter: ReporterBody, ...common },
  strict,
);
export type CybertipBody = Static<typeof CybertipBody>;

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

export const DeclarationBody = Type.Object(
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

/** `POST /v1/reports`. */
export const ReportBody = Type.Union([CybertipBody, UkBody]);
export type ReportBody = Static<typeof ReportBody>;

const Notice = Type.Object({ element: Type.String(), rule: Type.String(), message: Type.String() });
export type Notice = Static<typeof Notice>;

export const OpenedReply = Type.Object({
  reportId: Type.String(),
  state: Type.Literal('open'),
  expiresAt: Time,
  documentSha256: Type.String({ description: 'SHA-256 of the body exactly as it arrived' }),
  warnings: Type.Array(Notice),
});
export type OpenedReply = Static<typeof OpenedReply>;

/** `POST /v1/reports/:reportId/files`. */
export const FileReply = Type.Object({
  reportId: Type.String(),
  fileId: Type.String(),
  md5: Type.String(),
  sha1: Type.String(),
  sha256: Type.String(),
  sizeBytes: Type.Number(),
  expiresAt: Time,
});
export type FileReply = Static<typeof FileReply>;

export const fileAnnotations = [
  'animeDrawingVirtualHentai',
  'potentialMeme',
  'viral',
  'possibleSelfProduction',
  'physicalHarm',
  'violenceGore',
  'bestiality',
  'liveStreaming',
  'infant',
  'generativeAi',
] as const;

/** `PUT /v1/reports/:reportId/files/:fileId/details`: once per file. */
export const FileDetailsBody = Type.Object(
  {
    originalFileName: Type.Optional(text(2056)),
    uploadedAt: Type.Optional(moment('When the file was uploaded to the service.')),
    location: Type.Optional(text(2083, 'Where the file was, as a URL.')),
    viewedByProvider: Type.Optional(
      Type.Boolean({ description: 'A person at the service looked at the file.' }),
    ),
    exifViewedByProvider: Type.Optional(
      Type.Boolean({ description: 'Only together with viewedByProvider.' }),
    ),
    publiclyAvailable: Type.Optional(Type.Boolean()),
    relevance: Type.Optional(Type.Enum(['Reported', 'Supplemental Reported'])),
    annotations: Type.Optional(Type.Array(Type.Enum([...fileAnnotations]), { maxItems: 20 })),
    industryClassification: Type.Optional(Type.Enum(['A1', 'A2', 'B1', 'B2'])),
    originalHashes: Type.Optional(
      Type.Array(Type.Object({ type: Type.Optional(text(64)), value: text(256) }, strict), { maxItems: 100 }),
    ),
    identifiers: Type.Optional(
      Type.Array(IdentifierBody, { maxItems: 1000, description: 'Addresses and devices of the upload.' }),
    ),
    metadata: Type.Optional(
      Type.Array(Type.Object({ name: text(64), value: text(10_000) }, strict), { maxItems: 1000 }),
    ),
    notes: Type.Optional(Type.Array(text(100_000), { maxItems: 100 })),
  },
  strict,
);
export type FileDetailsBody = Static<typeof FileDetailsBody>;

export const DescribedReply = Type.Object({
  reportId: Type.String(),
  fileId: Type.String(),
  expiresAt: Time,
  warnings: Type.Array(Notice),
});
export type DescribedReply = Static<typeof DescribedReply>;

/** `POST /v1/reports/:reportId/filing`: the receipt. */
export const FiledReply = Type.Object({
  reportId: Type.String(),
  state: Type.Literal('filed'),
  reference: Type.String({ description: 'the unique reference (URN) to keep' }),
  filedAt: Time,
  duplicateOf: Type.Optional(
    Type.String({ description: 'your earlier report with the same document and files' }),
  ),
  documentSha256: Type.String(),
  files: Type.Array(
    Type.Object({
      fileId: Type.String(),
      sha256: Type.String(),
      md5: Type.String(),
      sizeBytes: Type.Number(),
    }),
  ),
});
export type FiledReply = Static<typeof FiledReply>;

/** `POST /v1/reports/:reportId/retraction`. */
export const RetractedReply = Type.Object({
  reportId: Type.String(),
  state: Type.Literal('retracted'),
  retractedAt: Time,
});
export type RetractedReply = Static<typeof RetractedReply>;

export const reportStates = ['open', 'filed', 'retracted', 'expired'] as const;
export const SentReport = Type.Object({
  reportId: Type.String(),
  state: Type.Enum([...reportStates]),
  profile: Type.Enum(['cybertip', 'uk']),
  reference: Type.Optional(Type.String()),
  openedAt: Time,
  expiresAt: Type.Optional(Time),
  filedAt: Type.Optional(Time),
  endedAt: Type.Optional(Time),
  files: Type.Integer(),
  incidents: Type.Integer(),
  duplicateOf: Type.Optional(Type.String()),
  isSynthetic: Type.Boolean(),
});
export type SentReport = Static<typeof SentReport>;

/** `GET /v1/reports/:reportId`. */
export const SentReportReply = Type.Object({
  ...SentReport.properties,
  documentSha256: Type.String(),
  warnings: Type.Array(Notice),
  fileList: Type.Array(
    Type.Object({
      fileId: Type.String(),
      position: Type.Integer(),
      md5: Type.String(),
      sha256: Type.String(),
      sizeBytes: Type.Number(),
      receivedAt: Time,
      isDescribed: Type.Boolean(),
    }),
    { description: 'Every file in the order of arrival; empty after retraction or expiry.' },
  ),
});
export type SentReportReply = Static<typeof SentReportReply>;

/** `GET /v1/reports?limit=&cursor=`: own reports, newest first. */
export const SentListReply = PageOf(SentReport);
export type SentListReply = Static<typeof SentListReply>;
