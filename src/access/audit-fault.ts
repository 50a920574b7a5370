import type { Clock } from '#platform/clock';
import type { Logger } from '#platform/log';
import type { Tx } from '#platform/transaction';
import { recordAudit } from './audit.ts';
import { whyIn } from './control/in-emergency.ts';
import { readCredentials } from './credentials.ts';
import type { Actor } from './ctx.ts';
import type { Fault, RequestFacts, Route } from './route.ts';
import type { ShedNotes } from './shed-notes.ts';
import type { Doorkeeper, Settled } from './sign-in/doorkeeper.ts';

export interface AuditFaultParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly doorkeeper: Doorkeeper;
  readonly shedNotes: ShedNotes;
  readonly inTransaction: <T>(work: (tx: Tx) => Promise<T>, actor: Actor) => Promise<T>;
}

/**
 * Refusals and failures leave a row too, in a transaction of their own because the deed's was rolled back. Strangers
 * who are refused again and again share one row, see `refusal-count.ts`. Gives the fault to answer with: whoever failed
 * too often is told to wait instead.
 */
export async function auditFault(
  parts: AuditFaultParts,
  route: Route,
  actor: Actor,
  fault: Fault,
  request: RequestFacts,
): Promise<Fault> {
  const credentials = readCredentials(request);
  const isAudited = typeof route.audit === 'string';
  if (
    typeof route.audit === 'string' &&
    fault.kind === 'refusal' &&
    fault.refusal.code === 'http.overloaded'
  ) {
    parts.shedNotes.note(actor, route.audit);
    return fault;
  }
  const isStranger = actor.kind === 'anonymous' && isAudited;
  const by = { isStranger, request, credentials, now: parts.clock.now() };
  const known = parts.doorkeeper.settleKnown(fault, by);
  if (known !== undefined) return known.fault;
  // Nothing to count and no row to write.
  if (!isAudited && (fault.kind !== 'refusal' || fault.refusal.status === 404)) return fault;
  try {
    const settled = await parts.inTransaction(async (tx): Promise<Settled> => {
      const outcome = await parts.doorkeeper.settle(tx, fault, by);
      if (typeof route.audit === 'string' && outcome.hasRow) {
        await recordAudit(tx, {
          at: by.now,
          actor,
          action: route.audit,
          outcome: fault.kind === 'bug' ? 'failed' : 'refused',
          code: codeOf(fault),
          subject: subjectOf(fault),
          why: whyIn(request.emergency, undefined),
          request,
        });
      }
      return outcome;
    }, actor);
    return settled.fault;
  } catch (error) {
    // Nothing was read or changed for the caller, so the refusal itself may still be told.
    parts.log.error({ err: error, action: route.audit }, 'a refusal could not be audited');
    return fault;
  }
}

function codeOf(fault: Fault): string {
  if (fault.kind === 'refusal') return fault.refusal.code;
  return fault.kind === 'defects' ? fault.code : fault.reference;
}

function subjectOf(fault: Fault): string | undefined {
  if (fault.kind === 'bug') return undefined;
  const subject = fault.kind === 'refusal' ? fault.refusal.details.subject : fault.subject;
  return typeof subject === 'string' ? subject : undefined;
}
