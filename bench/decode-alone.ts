import { readFile } from 'node:fs/promises';
import sharp from 'sharp';

/**
 * One of the processes that merely decode, for `bench fingerprint`: reads its files, says that it is ready, and when it
 * is told decodes each of them once to raw pixels in memory, the way the decoder does.
 */
sharp.concurrency(1);
sharp.cache(false);

const files: readonly Buffer[] = await Promise.all(
  process.argv.slice(2).map(async (path) => await readFile(path)),
);
process.on('message', async () => {
  const before = process.cpuUsage();
  for (const bytes of files) {
    await sharp(bytes, { ignoreIcc: true, failOn: 'truncated', limitInputPixels: false })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer();
  }
  const { user, system } = process.cpuUsage(before);
  process.send?.({ cpuSeconds: (user + system) / 1e6 });
});
process.send?.('ready');
