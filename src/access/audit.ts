import type { Tx } from '#platform/transaction';
import type { Actor } from './ctx.ts';
import type { RequestFacts } from './route.ts';

/** One row of the trail: who did what to what, when, for which task, and how it ended. Never content. */
export interface AuditEntry {
  readonly at: Date;
  readonly actor: Actor;
  readonly action: string;
  readonly outcome: 'done' | 'refused' | 'failed';
  readonly code?: string | undefined;
  readonly subject?: string | undefined;
  readonly why?: string | undefined;
  readonly request?: RequestFacts | undefined;
  /** Where no request tells it. */
  readonly remoteAddress?: string | undefined;
  readonly details?: Readonly<Record<string, string | number | boolean>> | undefined;
}

/** Writes the row inside the caller's transaction: when it cannot be written, what it describes does not happen. */
export async function recordAudit(tx: Tx, entry: AuditEntry): Promise<void> {
  await tx.db
    .insertInto('access.audit')
    .values({
      at: entry.at,
      actor_kind: entry.actor.kind,
      actor_id: entry.actor.id,
      actor_name: entry.actor.name,
      action: entry.action,
      outcome: entry.outcome,
      code: entry.code ?? null,
      subject: entry.subject ?? null,
      why: entry.why ?? null,
      request_id: entry.request?.requestId ?? null,
      remote_address: entry.request?.remoteAddress ?? entry.remoteAddress ?? null,
      details: JSON.stringify(entry.details ?? {}),
    })
    .execute();
}
