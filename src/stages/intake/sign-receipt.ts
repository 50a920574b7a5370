import type { Ctx, ProviderActor } from '#access';
import { makeReceipt, type ReceiptSigner } from '#proof/receipt';
import type { FileRow, Marked, ReportRow } from './store.ts';
import { insertReceipt } from './store-receipts.ts';

/** With what receipts are signed, and in whose name. */
export interface Signing {
  readonly bureau: { readonly name: string };
  readonly signingKey: ReceiptSigner & { readonly name: string };
}

export interface FiledFacts extends Marked {
  readonly report: ReportRow;
  readonly files: readonly FileRow[];
  readonly reference: string;
}

/** Makes and keeps the receipt of a report that this transaction files. */
export async function signReceipt(
  ctx: Ctx<ProviderActor>,
  { bureau, signingKey }: Signing,
  { report, files, reference, profile, warnings }: FiledFacts,
): Promise<string> {
  const { actor, now } = ctx;
  const receipt = makeReceipt(
    {
      version: 1,
      bureau: { name: bureau.name, keyName: signingKey.name },
      reportId: report.id,
      reference,
      service: { id: actor.id, name: actor.name },
      environment: actor.environment,
      profile,
      openedAt: report.openedAt.toISOString(),
      filedAt: now.toISOString(),
      document: { sha256: report.documentSha256 },
      files: files.map(({ id, sizeBytes, md5, sha1, sha256 }) => ({
        fileId: id,
        sizeBytes: Number(sizeBytes),
        md5,
        ...(sha1 === null ? {} : { sha1 }),
        sha256,
      })),
      warnings: warnings.map(({ element, rule, message }) => ({ element, rule, message })),
    },
    signingKey,
  );
  await insertReceipt(ctx.tx.db, {
    reportId: report.id,
    providerId: actor.id,
    madeAt: now,
    keyId: signingKey.keyId,
    receipt,
  });
  return receipt;
}
