/**
 * What the urgency rules look at. Names, languages, nationalities, places and devices are not here, so they cannot
 * sway a rule; text is here only to be searched for the phrases of the phrase list.
 */
export interface UrgencyFacts {
  /** The service asked for immediate attention; any text in `escalateToHighPriority` does, whatever it says. */
  readonly isEscalated: boolean;
  /** Priority that the service declared under SI 2026/268. */
  readonly declaredPriority?: 1 | 2 | 3;
  readonly isBatched: boolean;
  readonly incidentType: string;
  /** Annotations by element name. */
  readonly annotations: readonly string[];
  readonly fileAnnotations: readonly string[];
  /** Industry classifications of the files: A1, A2, B1, B2. */
  readonly classifications: readonly string[];
  /** Ages in years of victims and recipients, as stated or from a stated date of birth at the time of the incident. */
  readonly childAges: readonly number[];
  /** A victim or a recipient stands in the report with an identifier: the other side of a contact. */
  readonly hasCounterpart: boolean;
  readonly repeats: {
    /** Earlier reports with the same identifier of a reported user, counted up to a bound. */
    readonly reports: number;
    readonly isByOtherService: boolean;
  };
  /** Files whose bytes no earlier report holds. */
  readonly newFiles: number;
  /** Milliseconds since 1970 of the newest use of an address that was reported with its time. */
  readonly newestAddressUse?: number;
  readonly texts: readonly SaidText[];
  /** There was more text than is given here. */
  readonly isTextCut: boolean;
}

/** One text as it was sent. */
export interface SaidText {
  /** Name of the element or field. */
  readonly where: string;
  readonly line?: number;
  readonly text: string;
}

/** Every fact that a rule may ask for; a rule file that names another one is refused. */
export const factCodes = [
  'escalated',
  'declared-1',
  'declared-2',
  'declared-3',
  'sextortion',
  'sadistic-exploitation',
  'solicitation',
  'type-enticement',
  'type-molestation',
  'type-trafficking',
  'contact',
  'child-under-13',
  'child-13-to-17',
  'infant-label',
  'live-stream-label',
  'physical-harm-label',
  'self-production-label',
  'generated-label',
  'seen-often-label',
  'class-a1',
  'class-a2',
  'first-seen-file',
  'repeat-subject',
  'repeat-subject-other-service',
  'data-expires-14-days',
  'data-expires-3-days',
  'said-imminent-harm',
  'said-self-harm',
  'said-meeting',
  'said-live-now',
  'said-extortion',
  'said-access-to-child',
  'said-position-of-trust',
  'said-in-past',
  'said-as-fiction',
  'text-cut',
] as const;
export type FactCode = (typeof factCodes)[number];

/** Where a fact was seen. */
export type Evidence =
  | { readonly kind: 'field'; readonly where: string }
  | { readonly kind: 'annotation'; readonly where: string }
  | {
      readonly kind: 'text';
      readonly where: string;
      readonly line?: number;
      readonly quote: string;
      /** It stands between quotation marks: somebody's words. */
      readonly isQuoted?: true;
    }
  | { readonly kind: 'reports'; readonly count: number }
  | { readonly kind: 'deadline'; readonly at: string };
