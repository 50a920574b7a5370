import type { FileRecipe } from './files.ts';
import type { IncidentType } from './mix.ts';
import type { Service } from './services.ts';

/** One report of the day: everything a service would say, before it is put into a protocol's words. */
export interface DayReport {
  /** From 0 within the day. */
  readonly index: number;
  readonly day: number;
  readonly service: Service;
  readonly incidentType: IncidentType;
  readonly incidentAt: Date;
  readonly annotations: readonly string[];
  /** The service's own words for why it escalates; bland. Absent when it does not. */
  readonly escalation?: string;
  readonly isBatched: boolean;
  /** One, or many in a batched report. */
  readonly users: readonly ReportedUser[];
  readonly recipients: readonly Counterpart[];
  readonly victims: readonly Counterpart[];
  readonly note?: string;
  readonly files: readonly DayFile[];
  readonly course: Course;
  /** What is wrong with the first try, which a service with a faulty client then corrects and sends again. */
  readonly firstTry?: FirstTry;
  readonly truth: Truth;
}

/** What becomes of the report: filed, sent and filed a second time by a client that missed the answer, or taken back. */
export type Course = 'filed' | 'sent-twice' | 'retracted';
export type FirstTry = 'element-order' | 'date-in-future' | 'unknown-type';

export interface ReportedUser {
  readonly accountId?: string;
  readonly screenName?: string;
  readonly displayName?: string;
  readonly profileUrl?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly age?: number;
  readonly access?: AccessEvent;
  readonly deviceId?: string;
  readonly city?: string;
  readonly disabledAt?: Date;
  readonly linkedAccount?: string;
}

interface AccessEvent {
  readonly address: string;
  readonly at: Date;
  readonly port?: number;
}

/** The other side of a conversation, as an account; never a name. */
export interface Counterpart {
  readonly accountId: string;
  readonly screenName: string;
}

export interface DayFile {
  readonly recipe: FileRecipe;
  readonly name?: string;
  readonly uploadedAt: Date;
  readonly isViewed?: boolean;
  readonly isExifViewed?: boolean;
  readonly isPublic?: boolean;
  readonly isSupplemental: boolean;
  readonly annotations: readonly string[];
  readonly classification?: 'A1' | 'A2' | 'B1' | 'B2';
  readonly address?: string;
  readonly sendsHash: boolean;
  readonly camera?: string;
}

/** What is planted. Kept for benchmarks in the truth file and never sent. */
interface Truth {
  readonly isUrgent: boolean;
  /** 1 immediately, 2 as soon as reasonably practicable, 3 without undue delay; absent when not urgent. */
  readonly level?: 1 | 2 | 3;
  /** Key of the one person behind the reported user; absent for batched and for thin reports. */
  readonly person?: string;
}
