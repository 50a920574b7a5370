import type { Ctx } from '#access';
import type { Sha256 } from '#base/ids';
import { deleteFacts } from './store.ts';

/**
 * Takes away what files said of themselves, for bytes that are being erased. Their hashes stay: they say nothing of
 * anybody, and without them the same picture would be looked at again.
 */
export async function dropFacts(ctx: Ctx, input: { readonly sha256s: readonly Sha256[] }): Promise<number> {
  return await deleteFacts(ctx.tx.db, input.sha256s);
}
