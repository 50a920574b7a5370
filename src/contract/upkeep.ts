/** What the commands that run on the bureau's own machine give, one JSON document each. */

/** A complete backup: what a list shows of it. */
export interface BackupFacts {
  readonly id: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly firstlight: string;
  readonly database: {
    readonly kind: 'built-in' | 'server';
    readonly postgres: string;
    readonly snapshotAt: string;
    /** Rows by table. */
    readonly tables: Readonly<Record<string, number>>;
    readonly jobs: number;
  };
  readonly evidence: {
    readonly files: number;
    readonly sizeBytes: number;
    readonly addedFiles: number;
    readonly addedBytes: number;
    /** SHA-256 of sealed files whose bytes were missing from the store already. */
    readonly missing: readonly string[];
  };
  /** Names of the key files in it. */
  readonly keys: readonly string[];
}

export interface BackupReply {
  readonly manifest: BackupFacts;
  readonly folder: string;
  readonly keyFile: string;
  readonly isNewKey: boolean;
  readonly isArchived: boolean;
}

export interface BackupListReply {
  readonly folder: string;
  readonly items: readonly {
    readonly id: string;
    readonly startedAt?: string | undefined;
    readonly state: 'complete' | 'incomplete' | 'unreadable';
    readonly reason?: string;
    readonly manifest?: BackupFacts;
    /** Moments that can be restored from it. */
    readonly reach?: { readonly from: string; readonly to: string };
  }[];
}

export interface BackupVerifyReply {
  readonly manifest: BackupFacts;
  readonly checkedFiles: number;
  readonly checkedBytes: number;
  readonly erasedFiles: number;
  readonly damaged: readonly {
    readonly file: string;
    readonly sha256?: string;
    readonly reason: string;
  }[];
}

export interface BackupPruneReply {
  readonly kept: readonly string[];
  readonly removedBackups: readonly string[];
  readonly removedFiles: number;
  readonly removedBytes: number;
  readonly removedWal: number;
}

export interface BackupExtractReply {
  readonly sha256: string;
  readonly backup: string;
  readonly file: string;
  readonly sizeBytes: number;
}

export interface RestoreReply {
  readonly backup: string;
  readonly dataFolder: string;
  /** The moment that the database is of; absent where its log was replayed to the end. */
  readonly asOf?: string;
  readonly isReplayed: boolean;
  readonly rows: number;
  readonly evidence: { readonly files: number; readonly sizeBytes: number; readonly present: number };
  readonly verifiedFiles: number;
  readonly damaged: readonly { readonly sha256: string; readonly reason: string }[];
  readonly erasedAgain: number;
  readonly audit: { readonly entries: number; readonly faults: readonly string[] };
  readonly differences: readonly string[];
  readonly jobs: number;
  readonly nextReportId: string;
}

/** What the release at hand would change on a bureau. */
export interface UpgradeReply {
  /** Whether it can be started as it is. */
  readonly isFine: boolean;
  readonly items: readonly UpgradeItem[];
}

export interface UpgradeItem {
  readonly subject: 'version' | 'migrations' | 'postgresql' | 'settings' | 'disk' | 'backup';
  /** `fine`; `note`: it changes something; `act`: do something first. */
  readonly state: 'fine' | 'note' | 'act';
  readonly sentence: string;
}

/** What `doctor` found. */
export interface DoctorReply {
  readonly items: readonly {
    readonly name: string;
    /** `ask`: only a person can tell. */
    readonly verdict: 'ok' | 'warn' | 'bad' | 'ask';
    readonly says: string;
    readonly todo?: string;
  }[];
  readonly counts: Readonly<Record<'ok' | 'warn' | 'bad' | 'ask', number>>;
}
