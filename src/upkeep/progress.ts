/** How far long work is. `total` is absent where nobody can know it yet. */
export interface Progress {
  readonly phase:
    | 'evidence'
    | 'tables'
    | 'cluster'
    | 'database'
    | 'replay'
    | 'erasures'
    | 'verify'
    | 'audit'
    | 'prune';
  readonly done: number;
  readonly total?: number;
  readonly unit: 'files' | 'bytes' | 'rows' | 'backups';
}

export type Report = (progress: Progress) => void;
