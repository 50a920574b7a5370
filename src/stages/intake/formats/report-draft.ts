/**
 * The one report model behind both doors. A draft is what a document says, before it has ids: the report, its
 * parties, their identifiers as reported, and everything else that was sent, in order.
 */

/** What a party is said to be by the service that reports. Labels, never findings: only a person judges. */
export type PartyRole =
  | 'reporter'
  | 'contact'
  | 'officer'
  | 'reported-user'
  | 'recipient'
  | 'victim'
  | 'associated-account'
  | 'incident-detail';

/** Kinds of identifiers as reported; the list is shared with linking, so each is something two reports can have in common. */
export type IdentifierKind =
  | 'email'
  | 'phone'
  | 'ip'
  | 'device'
  | 'provider-account'
  | 'screen-name'
  | 'display-name'
  | 'profile-url'
  | 'url'
  | 'group'
  | 'name'
  | 'date-of-birth'
  | 'address'
  | 'payment';

export interface IdentifierDraft {
  readonly kind: IdentifierKind;
  /** As sent, never normalised. */
  readonly value: string;
  /** Where it stands in the document, with indexes: `report/personOrUserReported[2]/ipCaptureEvent[1]/ipAddress`. */
  readonly path: string;
  readonly line?: number;
  /** What was said beside it: event name, time, port, verified, type, as sent. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface PartyDraft {
  readonly role: PartyRole;
  /** Path of the party's element; unique within the report. */
  readonly path: string;
  /** Path of the reported user that an associated account belongs to. */
  readonly ofPath?: string;
  readonly identifiers: readonly IdentifierDraft[];
}

/** One element or field as it was sent, with its children in order. */
export interface SentNode {
  readonly name: string;
  readonly line?: number;
  readonly value?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly children?: readonly SentNode[];
}

export interface ReportDraft {
  readonly profile: 'cybertip' | 'uk';
  /** One of the literal incident types of the vocabulary. */
  readonly incidentType: string;
  /** ISO 8601 with zone, as sent. */
  readonly incidentAt: string;
  readonly platform?: string;
  /** The service's own words on why this is urgent; present only if it escalated. */
  readonly escalation?: string;
  /** Declared under SI 2026/268: 1 immediately, 2 as soon as reasonably practicable, 3 without undue delay. */
  readonly declaredPriority?: 1 | 2 | 3;
  /** Annotation element names, those of newer vocabularies included. */
  readonly annotations: readonly string[];
  /** Reason of a batched report; absent for an ordinary one. */
  readonly batchReason?: string;
  /** Carries the `synthetic:true` watermark of invented data. */
  readonly isSynthetic: boolean;
  /** Numbers or references of earlier reports that this one names. */
  readonly priorReports: readonly string[];
  readonly parties: readonly PartyDraft[];
  readonly sent: SentNode;
}

/** What `<fileDetails>` or its JSON equal says about one file. */
export interface FileDetailsDraft {
  readonly reportId: string;
  readonly fileId: string;
  /** As sent; shown escaped, never used as a path. */
  readonly originalFileName?: string;
  readonly relevance: 'Reported' | 'Supplemental Reported';
  readonly isViewedByProvider?: boolean;
  readonly isExifViewedByProvider?: boolean;
  readonly isPubliclyAvailable?: boolean;
  readonly annotations: readonly string[];
  readonly industryClassification?: 'A1' | 'A2' | 'B1' | 'B2';
  readonly uploadedAt?: string;
  readonly location?: string;
  /** Hashes that the service says the original had: type as sent, value as sent. */
  readonly originalHashes: readonly { readonly type?: string; readonly value: string }[];
  readonly identifiers: readonly IdentifierDraft[];
  /** Which of the elements forbidden in a batched report's file details were sent. */
  readonly sentElements: readonly string[];
  readonly sent: SentNode;
}
