import { Readable } from 'node:stream';
import type { Kysely } from 'kysely';
import { type Ctx, defineRoute, type Route } from '#access';
import { VerificationLine } from '#contract/administration';
import type { Clock } from '#platform/clock';
import type { DB } from '#platform/database-types';
import type { Tx } from '#platform/transaction';
import type { Vault } from './open-vault.ts';
import { upkeepRoutes } from './upkeep-http.ts';
import { type RunDeed, type VerifyProgress, verifyAll } from './verify-all.ts';

export interface VaultRouteParts {
  readonly vault: Vault;
  readonly db: Kysely<DB>;
  readonly clock: Clock;
  readonly inTransaction: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
}

export function vaultRoutes(parts: VaultRouteParts): readonly Route[] {
  const { vault, clock, inTransaction } = parts;
  return [
    defineRoute({
      method: 'POST',
      path: '/desk/verification',
      permission: 'vault:verify',
      audit: 'verify-vault',
      summary: 'Reads every seal from end to end; answers with one JSON object a line while it runs',
      reply: VerificationLine,
      handle: async ({ actor, log }: Ctx) => {
        // The run outlives this request's transaction and opens short ones of its own.
        const run: RunDeed = (work) => inTransaction((tx) => work({ tx, actor, now: clock.now(), log }));
        const lines = Readable.from(verificationLines(verifyAll(vault, run)), { objectMode: false });
        lines.on('error', (err) => log.error({ err }, 'a verification of the vault broke off'));
        return { headers: { 'content-type': 'application/x-ndjson' }, body: lines, subject: 'vault:all' };
      },
    }),
    ...upkeepRoutes(parts),
  ];
}

/** A run that breaks off ends without a line that says `done`. */
async function* verificationLines(progress: AsyncIterable<VerifyProgress>): AsyncGenerator<string> {
  let last: VerifyProgress | undefined;
  for await (const each of progress) {
    if (last !== undefined) yield lineOf(last, false);
    last = each;
  }
  if (last !== undefined) yield lineOf(last, true);
}

function lineOf(progress: VerifyProgress, isDone: boolean): string {
  const line: VerificationLine = { done: isDone, ...progress, damaged: [...progress.damaged] };
  return `${JSON.stringify(line)}\n`;
}
