/**
 * Retention: how long reports are kept, what is held, and how they end.
 * Comes in: schedules by legal basis, holds, approved lists. Goes out: erased reports, each with a signed certificate.
 * Guarantees: a hold beats every schedule; nothing undecided is destroyed by schedule; two people decide, or have
 * decided the schedule; a certificate is signed only after reading everything again found nothing, and repeats none of it.
 * Never does: destroy bytes that another report holds; change what was sent.
 * Events: erasure.approved, erasure.certified.
 * Owns: retain.schedule, hold, erasure.
 */
export { retainCodes } from './codes.ts';
export { retainControlled } from './controlled-deeds.ts';
export { type ErasureLine, readErasures } from './erasures-file.ts';
export type { RetainEvent } from './events.ts';
export { retainRoutes } from './http.ts';
export { retainJobs } from './jobs.ts';
export { repeatErasure, repeatErasures } from './repeat-erasures.ts';
export type { RetainParts } from './retain-parts.ts';
