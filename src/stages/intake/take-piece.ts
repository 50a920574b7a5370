import type { Ctx, ProviderActor } from '#access';
import { dropParts, type Vault } from '#vault';
import { addFile } from './add-file.ts';
import { continueUpload, holdTurn } from './continue-upload.ts';
import type { ReceivedPiece } from './read-upload-body.ts';
import { markUploadSealed } from './store-uploads.ts';

/** Takes over what a request of an upload brought: as the whole file, sealed at once, or as parts of one. */
export async function takePiece(
  ctx: Ctx<ProviderActor>,
  vault: Vault,
  { turn, parts, whole }: ReceivedPiece,
): Promise<{ readonly offsetBytes: number; readonly expiresAt: Date }> {
  if (whole === undefined) {
    const { turn: next, expiresAt } = await continueUpload(ctx, { turn, parts });
    return { offsetBytes: next.offsetBytes, expiresAt };
  }
  const { reportId, uploadId, uploadName } = turn;
  const { sizeBytes: lengthBytes } = whole;
  await holdTurn(ctx, turn);
  const { fileId, expiresAt } = await addFile(ctx, vault, { reportId, staged: whole, uploadName });
  await markUploadSealed(ctx.tx.db, { id: uploadId, fileId, lengthBytes, at: ctx.now });
  await dropParts(ctx, { uploadId, loose: parts });
  return { offsetBytes: lengthBytes, expiresAt };
}
