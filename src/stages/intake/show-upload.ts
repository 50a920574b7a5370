import type { Ctx, ProviderActor } from '#access';
import type { UploadReply } from '#contract/intake';
import { type NamedUpload, requireUpload } from './find-upload.ts';
import { findFileDigests } from './store.ts';

/** How an upload of one's own stands, whatever became of its report; with the file once that is sealed. */
export async function showUpload(ctx: Ctx<ProviderActor>, input: NamedUpload): Promise<UploadReply> {
  const upload = await requireUpload(ctx.tx.db, ctx.actor.id, input);
  const { reportId, uploadId } = input;
  const { state, offsetBytes, lengthBytes, fileId } = upload;
  const file = fileId === undefined ? undefined : await findFileDigests(ctx.tx.db, reportId, fileId);
  if (state === 'ended') throw new Error('an upload that was given up is refused before it is shown');
  return {
    reportId,
    uploadId,
    state,
    offsetBytes,
    ...(lengthBytes === undefined ? {} : { lengthBytes }),
    ...(file === undefined ? {} : { file }),
  };
}
