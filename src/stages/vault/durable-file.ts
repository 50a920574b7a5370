import { open } from 'node:fs/promises';

/** Makes names in a folder survive a power cut. Windows cannot open a folder for this and keeps names by itself. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
