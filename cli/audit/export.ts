import { resolve } from 'node:path';
import { parseCheckpoint } from '#proof/checkpoint';
import { readTar } from '#proof/tar';
import { parseTilePath } from '#proof/tiles';
import type { Call, Outcome } from '../command.ts';
import { CannotDo } from '../failures.ts';
import { bundlesIn, finishExport, writeExportFile } from './export-folder.ts';

/** Streams the log into a folder; what is there already is not fetched again. */
export async function exportLog(call: Call): Promise<Outcome> {
  const folder = resolve(call.option('out') ?? 'audit-export');
  const fromBundle = bundlesIn(folder);
  const proposal = call.option('proposal');
  const body = { fromBundle, ...(proposal === undefined ? {} : { proposal }) };
  let checkpoint: string | undefined;
  let size = 0;
  let files = 0;
  let hasEnd = false;
  try {
    for await (const file of readTar(call.bureau.postForBytes('/v1/desk/audit-log/export', body))) {
      if (file.name === 'checkpoint') {
        checkpoint = file.bytes.toString('utf8');
        size = sizeOf(checkpoint);
        continue;
      }
      if (!(await writeExportFile(folder, file)))
        throw new CannotDo(
          `The bureau sent a file that no export has: ${file.name}. Nothing was written for it.`,
        );
      files += 1;
      hasEnd = file.name === 'strays.json';
      showProgress(call, file.name, size);
    }
  } catch (error) {
    if (error instanceof CannotDo) throw error;
    const reason = error instanceof Error ? error.message : 'no reason';
    throw new CannotDo(
      `The export broke off (${reason}): run the same command again, and it goes on from there.`,
      {
        cause: error,
      },
    );
  }
  if (checkpoint === undefined || !hasEnd)
    throw new CannotDo('The bureau ended before the export was whole: run the same command again.');
  await finishExport(folder, checkpoint);
  return {
    document: { folder, size, files, fromBundle },
    present: (page) => {
      page.line(`${size} rows of the audit log are in ${folder}; ${files} files were written.`);
      page.line(`Check them anywhere, without the bureau: firstlight audit verify ${folder} --key VKEY`);
    },
  };
}

function sizeOf(checkpoint: string): number {
  const parsed = parseCheckpoint(checkpoint);
  if (parsed.kind === 'bad') throw new CannotDo(`The bureau sent no checkpoint: ${parsed.reason}`);
  return parsed.value.size;
}

function showProgress(call: Call, name: string, size: number): void {
  const tile = parseTilePath(name);
  if (tile?.kind !== 0) return;
  const rows = tile.index * 256 + tile.width;
  call.progress(`${rows} of ${size} rows exported (${Math.floor((rows / Math.max(size, 1)) * 100)} %)`);
}
