import type { Ctx, ProviderActor } from '#access';
import { intakeRefusal } from './codes.ts';
import { endUploads } from './end-uploads.ts';
import { lockUpload, type NamedUpload } from './find-upload.ts';

/** Gives up one upload of an open report, at its sender's word; a file that is sealed stays. */
export async function endUpload(ctx: Ctx<ProviderActor>, input: NamedUpload): Promise<void> {
  const { reportId } = input;
  const { upload } = await lockUpload(ctx, input);
  if (upload.state === 'sealed') {
    throw intakeRefusal('intake.upload-sealed', { reportId, subject: `report:${reportId}` });
  }
  await endUploads(ctx, { reportId, uploads: [upload], note: 'ended by its sender' });
}
