import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { defineRoute, type Route } from '#access';
import { FingerprintLine, FingerprintRunBody } from '#contract/fingerprint';
import type { DB } from '#platform/database-types';
import { startRun } from './start-run.ts';
import { type FingerprintRun, runById } from './store-run.ts';

const pauseMs = 300;

/** @param db for following a run after the request's own transaction is over */
export function fingerprintRoutes({ db }: { readonly db: Kysely<DB> }): readonly Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/desk/fingerprints',
      permission: 'fingerprint:run',
      audit: 'fingerprint-files',
      summary:
        'Has files fingerprinted again; answers with one JSON object a line while the workers are at it',
      body: FingerprintRunBody,
      reply: FingerprintLine,
      handle: async (ctx, { body }) => {
        const run = await startRun(ctx, body);
        const lines = Readable.from(follow(db, run), { objectMode: false });
        lines.on('error', (err) => ctx.log.error({ err }, 'following a run of fingerprints broke off'));
        return {
          headers: { 'content-type': 'application/x-ndjson' },
          body: lines,
          subject: `run:${run.id}`,
        };
      },
    }),
  ];
}

/** Whoever follows may go away; the run goes on, and asking again follows the same one. */
async function* follow(db: Kysely<DB>, started: FingerprintRun): AsyncGenerator<string> {
  let run: FingerprintRun | undefined = started;
  while (run !== undefined) {
    yield lineOf(run);
    if (run.doneAt !== null) return;
    await sleep(pauseMs);
    run = await runById(db, started.id);
  }
}

function lineOf(run: FingerprintRun): string {
  const line: FingerprintLine = {
    done: run.doneAt !== null,
    scope: run.scope,
    files: run.files,
    total: Math.max(run.total, run.files),
    sizeBytes: run.sizeBytes,
    hashed: run.hashed,
    unreadable: run.unreadable,
    leftOut: run.leftOut,
    isWaiting: run.stepAt === null,
  };
  return `${JSON.stringify(line)}\n`;
}
