import type { Kysely } from 'kysely';
import type { Clock } from '#platform/clock';
import type { DB } from '#platform/database-types';
import type { Tx } from '#platform/transaction';
import { noteAttention, resolveAttention } from '../attention.ts';
import type { Actor } from '../ctx.ts';
import { askWitness, type Witness, type WitnessAnswer } from './ask-witness.ts';
import * as store from './store.ts';

export interface WitnessParts {
  readonly db: Kysely<DB>;
  readonly clock: Clock;
  readonly inTransaction: <T>(work: (tx: Tx) => Promise<T>, actor?: Actor) => Promise<T>;
  readonly witnesses: readonly Witness[];
  /** Least time between two questions to the same witness. */
  readonly witnessSeconds: number;
}

export const sealingActor: Actor = {
  kind: 'system',
  id: 'job:seal-audit-log',
  name: 'sealing of the audit log',
};

/** What a person sees on the list of what needs attention, and what resolves when the witness agrees again. */
export const witnessJob = 'witness-audit-log';

/**
 * Asks every witness whose turn it is to cosign the newest checkpoint. Each question is asked by one worker; no
 * transaction is open while a witness thinks. A witness that is down changes nothing but its own line.
 */
export async function witnessLog(parts: WitnessParts): Promise<void> {
  if (parts.witnesses.length === 0) return;
  const checkpoint = await store.newestCheckpoint(parts.db);
  if (checkpoint === undefined) return;
  const now = parts.clock.now();
  const before = new Date(now.getTime() - parts.witnessSeconds * 1000);
  for (const witness of parts.witnesses) {
    const { name } = witness.key;
    const turn = await parts.inTransaction(
      async ({ db }) => await store.takeTurn(db, name, { now, before, size: checkpoint.size }),
      sealingActor,
    );
    if (turn === undefined) continue;
    const answer = await askWithRetry(parts, witness, checkpoint, Math.min(turn.size, checkpoint.size));
    await parts.inTransaction(
      async (tx) => await noteAnswer(tx, name, checkpoint, answer, parts.clock.now()),
      sealingActor,
    );
  }
}

/** A witness that stands elsewhere than was thought says where: the second question begins there. */
async function askWithRetry(
  { db }: WitnessParts,
  witness: Witness,
  checkpoint: store.CheckpointRow,
  oldSize: number,
): Promise<WitnessAnswer> {
  const readTile = store.tileReader(db);
  const answer = await askWitness(witness, checkpoint, oldSize, readTile);
  if (answer.kind !== 'elsewhere' || answer.size > checkpoint.size) return answer;
  return await askWitness(witness, checkpoint, answer.size, readTile);
}

async function noteAnswer(
  tx: Tx,
  name: string,
  checkpoint: store.CheckpointRow,
  answer: WitnessAnswer,
  now: Date,
): Promise<void> {
  const { db } = tx;
  if (answer.kind === 'cosigned') {
    const { line, at } = answer;
    await store.noteWitness(db, name, { kind: 'cosigned', size: checkpoint.size, line, at, now });
    await resolveAttention(tx, { job: witnessJob, subject: name, now });
    return;
  }
  const isSetBack = answer.kind === 'elsewhere' && answer.size > checkpoint.size;
  const trouble =
    answer.kind !== 'elsewhere'
      ? answer.reason
      : isSetBack
        ? `It cosigned ${answer.size} entries, and the database holds ${checkpoint.size}: the database was set back.`
        : 'It is being asked by another worker.';
  await store.noteWitness(db, name, { kind: 'trouble', trouble });
  // Silence is shown to the auditor; a history that does not fit is for a person to look into.
  if (isSetBack || answer.kind === 'refused') {
    const reason = `The witness ${name}: ${trouble} Run "firstlight audit verify" and keep what it says.`;
    await noteAttention(tx, { job: witnessJob, subject: name, reason, attempts: 1, now });
  }
}
