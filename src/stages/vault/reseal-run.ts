import type { Actor } from '#access';

/** What a run seals again: everything that is not under this key, or everything that is not in this store. */
export interface ResealTarget {
  readonly kind: 'rotate' | 'move';
  /** Id of the key, or of the store. */
  readonly target: string;
}

export interface NewRun extends ResealTarget {
  readonly id: string;
  readonly askedAt: Date;
  readonly askedBy: Pick<Actor, 'kind' | 'id'>;
  readonly totalFiles: number;
  readonly totalBytes: number;
}

/**
 * One run that seals again what stands, and how far it has come. It visits seals by rising SHA-256 and begins again
 * from the lowest until nothing is left, because uploads go on meanwhile.
 */
export interface ResealRun extends ResealTarget {
  readonly id: string;
  readonly askedAt: Date;
  readonly afterSha256: string;
  readonly files: number;
  readonly sizeBytes: number;
  readonly totalFiles: number;
  readonly totalBytes: number;
  /** Damaged files, which stay where they are until they are restored. */
  readonly leftFiles: number;
  readonly stepAt?: Date;
  /** Why it cannot go on for now, or why it was given up. */
  readonly problem?: string;
  readonly doneAt?: Date;
}
