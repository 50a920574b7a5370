import type { Ctx, ProviderActor } from '#access';
import type { Vault } from '#vault';
import { addFile } from './add-file.ts';
import { continueUpload, holdTurn } from './continue-upload.ts';
import type { ReceivedPiece } from './read-upload-body.ts';
import { markUploadSealed } from './store-uploads.ts';

/** Takes over what a request of an upload brought: as the whole file, sealed at once, or as parts of one. */
export async function takePiece(
  ctx: Ctx<ProviderActor>,
  vault: Vault,
  piece: ReceivedPiece,
): Promise<{ readonly offsetBytes: number; readonly expiresAt: Date }> {
  const { turn } = piece;
  if (piece.kind === 'parts') {
    const { turn: next, expiresAt } = await continueUpload(ctx, { turn, parts: piece.parts });
    return { offsetBytes: next.offsetBytes, expiresAt };
  }
  const { staged } = piece;
  await holdTurn(ctx, turn);
  const added = await addFile(ctx, vault, { reportId: turn.reportId, staged, uploadName: turn.uploadName });
  const { sizeBytes: lengthBytes } = staged;
  await markUploadSealed(ctx.tx.db, { id: turn.uploadId, fileId: added.fileId, lengthBytes, at: ctx.now });
  return { offsetBytes: lengthBytes, expiresAt: added.expiresAt };
}
