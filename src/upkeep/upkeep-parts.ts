import type { Clock } from '#platform/clock';
import type { Database } from '#platform/postgres';
import type { BackupKeys } from './backup-key.ts';
import type { EvidenceSource } from './copy-evidence.ts';
import type { Report } from './progress.ts';

/** What a backup is made of and with; built by the command that runs it. */
export interface BackupParts {
  readonly db: Database;
  readonly databaseKind: 'built-in' | 'server';
  readonly evidence: EvidenceSource;
  readonly keys: BackupKeys;
  readonly clock: Clock;
  readonly report: Report;
  readonly version: string;
  readonly bureau: { readonly name: string; readonly isDemonstration: boolean };
  /** Small secret files by name, for example `evidence.key`; empty where they are left out. */
  readonly keyFiles: Readonly<Record<string, string>>;
  /** Leaves an audit row of its own transaction; when it cannot, nothing is read. */
  readonly audit: (
    action: string,
    subject: string,
    details: Readonly<Record<string, string | number | boolean>>,
  ) => Promise<void>;
}
