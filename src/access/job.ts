import type { Ctx } from './ctx.ts';

/** What became of one job. `failed` is for good: it goes to needs attention without retry. A thrown error is retried with back-off. */
export type JobResult =
  | { readonly kind: 'done' }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string };

/**
 * One kind of job. It loads by id and may run twice, out of order, or be killed half way, with the same result.
 * The runner opens the transaction; the payload is one id.
 */
export interface JobDefinition {
  /** Imperative, as `assess-report`; unique in the bureau. */
  readonly name: string;
  /** Five-field cron in UTC for jobs that run by the clock; such a job gets the subject `clock`. */
  readonly schedule?: string;
  /** What the subject is an id of; the audit row then names it as `report:1000001`. Absent for jobs by the clock. */
  readonly subjectKind?: 'report' | 'file' | 'run' | 'key' | 'emergency' | 'upload';
  /**
   * May wait a second or two for a worker to look. Waking a worker makes the commits that enqueue wait for each
   * other, so only work that somebody waits for wakes one.
   */
  readonly isPatient?: true;
  readonly run: (ctx: Ctx, subject: string) => Promise<JobResult>;
}

export const done: JobResult = { kind: 'done' };
