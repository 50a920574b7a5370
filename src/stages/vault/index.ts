/**
 * The vault: bytes sealed once, with the custody of every one of them.
 * Comes in: a stream of bytes. Goes out: a seal (encrypted, hashed, write once) with its holders, and `file.sealed`,
 * `file.damaged`, `file.restored`, `files.released`, `reseal.due`, `key.retired`, `verification.due`.
 * Guarantees: plaintext only in memory; what is sealed stands on disk; identical bytes once, each report its own
 * holding; every read verified to its last byte; every act leaves a custody entry in the same transaction.
 * Never does: look into the bytes beyond their type, read reports, decide how long a report lives.
 * Owns: vault.incoming, seal, holding, custody, part, tombstone, key, reseal_run, quarantine.
 */
export { vaultCodes } from './codes.ts';
export { discardStaged } from './discard-staged.ts';
export { bytesLeft, type LetGoFile, letGoFiles } from './erased-files.ts';
export type { EvidenceStore, StoreWriter } from './evidence-store.ts';
export { vaultRoutes } from './http.ts';
export { vaultJobs } from './jobs.ts';
export { joinParts } from './join-parts.ts';
export type { Keyring } from './keyring.ts';
export { listCustody } from './list-custody.ts';
export { openFile } from './open-file.ts';
export { openKnownVault } from './open-known-vault.ts';
export { firstReceived, openSealed } from './open-sealed.ts';
export { openVault, type Vault } from './open-vault.ts';
export { refuseStaged } from './refuse-staged.ts';
export { registerKeys } from './register-keys.ts';
export { releaseFiles } from './release-files.ts';
export { dropParts, releaseParts } from './release-parts.ts';
export type { ResealRun } from './reseal-run.ts';
export { restoreSeal, stageSealedCopy } from './restore-seal.ts';
export { retireKey } from './retire-key.ts';
export { rotateKeys } from './rotate-keys.ts';
export { sealFile } from './seal-file.ts';
export { type StagedBytes, stageBytes } from './stage-bytes.ts';
export { discardPart, keepParts, type StagedPart, stagePart } from './stage-part.ts';
export { startMove, startRotation } from './start-reseal.ts';
export type { CustodyEntry } from './store-custody.ts';
export { type KnownKeys, knownKeys } from './store-keys.ts';
export { sweepIncoming } from './sweep-incoming.ts';
export { sweepSeals } from './sweep-seals.ts';
export { findStrays, type RunDeed, type VerifyProgress, verifyAll } from './verify-all.ts';
export { verifySeal } from './verify-seal.ts';

/**
 * What happens in the vault. Subject of `file.*` is a SHA-256, of `files.released` a report, of `reseal.due` a run, of
 * `key.retired` a key.
 */
export type VaultEvent = {
  readonly name:
    | 'file.sealed'
    | 'file.damaged'
    | 'file.restored'
    | 'files.released'
    | 'reseal.due'
    | 'key.retired'
    | 'verification.due';
  readonly subject: string;
};
