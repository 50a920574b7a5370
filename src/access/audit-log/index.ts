/**
 * The audit log: rows of the audit and of custody, sealed in order into a Merkle tree.
 * Comes in: rows that wait, with triggers, in their own commits. Goes out: signed checkpoints, exports, proofs.
 * Guarantees: writers wait for nobody; no committed row is passed over; what was signed is never signed otherwise.
 * Never does: change or remove a row; seal a database that was set back.
 * Owns: access.log_pending, log_entry, log_tile, log_checkpoint, log_cosignature, log_witness.
 */
export { type Anchor, openAnchor } from './anchor.ts';
export { openWitness, type Witness } from './ask-witness.ts';
export { auditLogRoutes } from './http.ts';
export { auditLogJobs } from './jobs.ts';
export { createSealer, type Sealer } from './keep-sealing.ts';
export { hasSigned, refuseForeignLog } from './refuse-foreign-log.ts';
export { auditSource, type LogSource } from './sources.ts';
export { verifyOwnLog } from './verify-own-log.ts';
