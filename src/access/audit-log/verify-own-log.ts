import { openCheckpoint } from '#proof/checkpoint';
import { parseVerifierKey } from '#proof/note';
import { readTar } from '#proof/tar';
import { LogVerifier, type Verification } from '#proof/verify-log';
import type { Ctx } from '../ctx.ts';
import type { SigningKey } from '../signing-key.ts';
import { exportLog } from './export-log.ts';
import type { LogSource } from './sources.ts';
import * as store from './store.ts';

type RunDeed = <T>(work: (ctx: Ctx) => Promise<T>) => Promise<T>;

/**
 * Verifies the log that a database holds, from its rows up to the newest signed checkpoint, the way anyone verifies
 * an export. Undefined where nothing was signed yet.
 */
export async function verifyOwnLog(
  run: RunDeed,
  parts: { readonly sources: readonly LogSource[]; readonly signingKey: SigningKey },
  onProgress: (checked: number, size: number) => void,
): Promise<Verification | undefined> {
  const checkpoint = await run(async (ctx) => await store.newestCheckpoint(ctx.tx.db));
  if (checkpoint === undefined) return undefined;
  const verifierKeys = parts.signingKey.published.map((key) => key.verifierKey);
  const keys = verifierKeys.flatMap((text) => {
    const key = parseVerifierKey(text);
    return key.kind === 'ok' ? [key.value] : [];
  });
  const opened = openCheckpoint(checkpoint.note, keys);
  if (opened.kind === 'bad') throw new Error(`The newest checkpoint cannot be used: ${opened.reason}`);
  const verifier = new LogVerifier(opened.value, { keys });
  const files = exportLog(run, { sources: parts.sources, verifierKeys, witnessKeys: [] }, checkpoint, 0);
  for await (const { name, bytes } of readTar(files)) {
    verifier.take(name, bytes);
    onProgress(verifier.checked, checkpoint.size);
  }
  return verifier.finish();
}
