import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '#platform/config';

/** Rejects when the disk of the evidence has less room than `FIRSTLIGHT_LEAST_FREE_MB`. */
export function roomFor({ dataFolder, operation }: Config): () => Promise<void> {
  return async () => {
    // Evidence may lie on a disk of its own, or in a store that is no disk.
    const { bavail, bsize } = await statfs(join(dataFolder, 'evidence')).catch(
      async () => await statfs(dataFolder),
    );
    if (bavail * bsize < operation.leastFreeBytes) throw new Error('too little room');
  };
}
