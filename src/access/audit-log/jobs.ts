import type { JobDefinition } from '../job.ts';
import { sealingJob } from './keep-sealing.ts';
import { witnessJob } from './witness-log.ts';

/**
 * Sealing and witnessing go on by themselves, every few seconds, so there is nothing to do when somebody asks for it
 * again: what is still wrong comes back to the list of what needs attention.
 */
export const auditLogJobs: readonly JobDefinition[] = [sealingJob, witnessJob].map((name) => ({
  name,
  run: async () => ({ kind: 'skipped', reason: 'It goes on by itself; what is still wrong is told again.' }),
}));
