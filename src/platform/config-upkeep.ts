import { join, resolve } from 'node:path';
import { type ConfigReader, isPath } from './config-reader.ts';

/** Where backups go and the key that they are encrypted under. */
export interface UpkeepConfig {
  /** Absolute. Where it is set, the built-in database also keeps its log there, so that a point in time can be restored. */
  readonly backupFolder: string | undefined;
  readonly backupKeyFile: string;
}

export function readUpkeepConfig(reader: ConfigReader, dataFolder: string): UpkeepConfig {
  const folder = reader.optionalText('FIRSTLIGHT_BACKUP_FOLDER', isPath, 'Set the path of a folder.');
  const keyFile = reader.optionalText('FIRSTLIGHT_BACKUP_KEY_FILE', isPath, 'Set the path of a file.');
  return {
    backupFolder: folder === undefined ? undefined : resolve(folder),
    backupKeyFile: keyFile === undefined ? join(dataFolder, 'keys', 'backup.key') : resolve(keyFile),
  };
}
