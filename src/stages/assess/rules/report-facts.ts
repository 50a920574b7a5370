/**
 * What the rules of this stage look at: which facts a filed report carries, never their values. A value that is not
 * here cannot sway a rule.
 */
export interface ReportFacts {
  /** The service asked for immediate attention; any text in `escalateToHighPriority` does, whatever it says. */
  readonly isEscalated: boolean;
  /** Priority that the service declared under SI 2026/268. */
  readonly declaredPriority?: 1 | 2 | 3;
  /** One viral item sent once for many accounts; such a report may carry little else. */
  readonly isBatched: boolean;
  readonly incidentType: string;
  /** Report annotations by element name. */
  readonly annotations: readonly string[];
  readonly identifiers: readonly IdentifierFacts[];
  readonly files: FileFacts;
  readonly says: SaidFacts;
}

/** All identifiers of one kind under one role. */
export interface IdentifierFacts {
  /** Role of the party, or `file` for what was said of a file. */
  readonly role: string;
  readonly kind: string;
  readonly hasTime: boolean;
  readonly hasPort: boolean;
}

interface FileFacts {
  readonly count: number;
  /** For how many the service said whether a person there had viewed them. */
  readonly viewedStated: number;
  /** How many carry an annotation or an industry classification. */
  readonly labelled: number;
}

/** What else was said, somewhere in the document. */
interface SaidFacts {
  /** Where the service thinks that the people concerned are. */
  readonly location: boolean;
  /** What the date and time of the incident stand for. */
  readonly whenDescribed: boolean;
  /** What happened, in words, or the messages themselves. */
  readonly context: boolean;
}
