/**
 * Upkeep: what an administrator does to a bureau as a whole, on its own machine.
 * Comes in: a running or stopped bureau, or a folder of backups. Goes out: a complete backup, or a bureau on an empty
 * machine with everything verified.
 * Guarantees: what the database of a backup names is in the backup; nothing lies there in the clear; a backup that was
 * interrupted never counts; a restore writes over nothing.
 * Never does: decide anything about a report.
 * Owns: the backup folder.
 */
export { archivingFor, clusterPlaceOf } from './archiving.ts';
export { backUp } from './back-up.ts';
export { clusterCopier } from './backup-cluster.ts';
export { type BackupFolder, makeBackupFolder, openBackupFolder } from './backup-folder.ts';
export { type BackupKeys, openBackupKeys, openOrMakeBackupKeys } from './backup-key.ts';
export { databaseBytes, freeBytesAt, type UpgradeFacts, upgradeReport } from './check-upgrade.ts';
export { type Check, examine } from './doctor/index.ts';
export { certifiedOf, readErasures, syncErasures } from './erasures.ts';
export { extractEvidence } from './extract-evidence.ts';
export { type AuditVerdict, finishRestore, type RestoreReport } from './finish-restore.ts';
export { type ListedBackup, listBackups } from './list-backups.ts';
export type { Manifest } from './manifest.ts';
export type { Progress, Report } from './progress.ts';
export { pruneBackups } from './prune-backups.ts';
export { isHalfRestored, refuseHalfRestored, releaseFolder, restoreDatabase } from './restore.ts';
export type { BackupParts } from './upkeep-parts.ts';
export { evidenceOf } from './vault-evidence.ts';
export { type VerifiedBackup, verifyBackup } from './verify-backup.ts';
