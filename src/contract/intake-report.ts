import { type Static, Type } from 'typebox';
import { incidentTypes } from '#base/incident-types';

/**
 * What a service says in a report, in JSON. Lengths are those of the XML door (CyberTipline Reporting API
 * documentation, 2025-06-11).
 */

/** Unknown fields are refused. */
export const strict = { additionalProperties: false } as const;

export function text(maxLength: number, description?: string) {
  return Type.String({ minLength: 1, maxLength, ...(description === undefined ? {} : { description }) });
}

/** ISO 8601 with a zone, as `2026-03-01T10:00:00Z`; checked by rule, not by pattern, so that the answer can say why. */
export function moment(description: string) {
  return Type.String({ maxLength: 64, description: `${description} ISO 8601 with zone, not in the future.` });
}

const partyRoles = ['reported-user', 'recipient', 'victim', 'associated-account'] as const;
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

const ReporterBody = Type.Object(
  {
    name: Type.Optional(text(201, 'The person who reports for the service.')),
    email: Type.Optional(text(255)),
    phone: Type.Optional(text(50)),
    legalUrl: Type.Optional(text(2083, 'Where the service publishes its address for legal process.')),
    notes: Type.Optional(text(3000, 'Terms of service, or a standing remark of the service.')),
  },
  strict,
);

/** What both profiles have. */
export const common = {
  synthetic: Type.Optional(
    Type.Boolean({ description: 'Invented data. Taken by sandbox credentials and demonstrations only.' }),
  ),
  parties: Type.Optional(
    Type.Array(PartyBody, {
      maxItems: 10_000,
      description:
        'Everybody the report is about. Under the UK profile the account of Schedule 1 is the reported user already: do not name it here again, or it counts as a second incident.',
    }),
  ),
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
