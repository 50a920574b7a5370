import type { IncomingMessage } from 'node:http';
import { type Actor, type Admission, accessRefusal } from '#access';
import { parseReportId, type ReportId } from '#base/ids';
import { Lanes, type Leave } from '#platform/lanes';
import type { GateState, IntakeGate, Kind, UrgencyOf } from './intake-gate.ts';
import type { IntakeFoundation } from './intake-parts.ts';
import { providerOf } from './of-provider.ts';
import { isUrgentReport } from './store.ts';

/** The most requests of services that one server works on in whatever way. Chosen: about 50 kB each are 200 MB. */
const mostRequests = 4000;
/** Documents up to this size may use the last eighth of the memory, so that large ones do not keep them out. */
const smallDocumentBytes = 256 * 1024;
/** Connections that stay free for what has no pass: looking up reports, and noting uploads. */
const spareConnections = 2;
/** When a sender that was turned away should come again. Chosen: a full queue is worked off by then. */
const retrySeconds = 5;

type GateParts = Pick<IntakeFoundation, 'inTransaction' | 'limits' | 'loopLagMs' | 'maxDocumentBytes'>;

export function createIntakeGate(parts: GateParts): IntakeGate {
  return new Gate(parts);
}

class Gate implements IntakeGate {
  readonly #parts: GateParts;
  readonly #acting: Lanes;
  readonly #streaming: Lanes;
  /** What an upload that is coming in gives back when it ends. */
  readonly #streams = new WeakMap<IncomingMessage, Leave[]>();
  #requests = 0;
  #documentBytes = 0;
  #shed = 0;

  constructor(parts: GateParts) {
    this.#parts = parts;
    const { connections, urgent, waiting, waitMs, uploads } = parts.limits;
    const ordinary = Math.max(1, connections - urgent - spareConnections);
    this.#acting = new Lanes({ ordinary, urgent, waiting, waitMs });
    this.#streaming = new Lanes({ ordinary: uploads, urgent: Math.ceil(uploads / 4), waiting, waitMs });
  }

  admit(kind: Kind, urgency?: UrgencyOf): Admission {
    return {
      enter: async ({ raw, actor, params }) => {
        if (this.#requests >= mostRequests) this.#turnAway();
        const leaves: Leave[] = [];
        if (kind === 'document') leaves.push(this.#takeMemory(raw));
        if (kind === 'upload') this.#streams.set(raw, leaves);
        this.#requests += 1;
        return {
          act: async (received) => {
            const named = parseReportId(params.reportId ?? '');
            const urgent = urgency === undefined ? named : urgency(received as never);
            leaves.push(await this.#enter(this.#acting, actor, urgent, kind === 'upload'));
          },
          leave: () => {
            this.#requests -= 1;
            for (const each of leaves) each();
          },
        };
      },
    };
  }

  async admitStream(raw: IncomingMessage, actor: Actor, reportId: ReportId): Promise<void> {
    const leaves = this.#streams.get(raw);
    if (leaves === undefined) throw new Error('an upload came in by a route without a gate');
    leaves.push(await this.#enter(this.#streaming, actor, reportId, false));
  }

  state(): GateState {
    return {
      requests: this.#requests,
      acting: this.#acting.taken,
      waiting: this.#acting.waitingIn('ordinary') + this.#acting.waitingIn('urgent'),
      uploads: this.#streaming.taken,
      documentBytes: this.#documentBytes,
      shed: this.#shed,
    };
  }

  /** Room in one of the lanes: at once where there is some, else by how urgent it is. */
  async #enter(
    lanes: Lanes,
    actor: Actor,
    urgency: boolean | ReportId | undefined,
    isPatient: boolean,
  ): Promise<Leave> {
    const free = lanes.tryEnter('ordinary');
    if (free !== undefined) return free;
    const { inTransaction, limits, loopLagMs } = this.#parts;
    const isUrgent =
      typeof urgency === 'string'
        ? await inTransaction((tx) => isUrgentReport(tx.db, providerOf(actor).id, urgency), actor)
        : urgency === true;
    if (!isUrgent && !isPatient && loopLagMs() > limits.lagMs) this.#turnAway();
    return (await lanes.enter(isUrgent ? 'urgent' : 'ordinary', isPatient)) ?? this.#turnAway();
  }

  #takeMemory(raw: IncomingMessage): Leave {
    const { limits, maxDocumentBytes } = this.#parts;
    const declared = Number(raw.headers['content-length'] ?? maxDocumentBytes);
    const bytes = Math.min(Number.isFinite(declared) ? declared : maxDocumentBytes, maxDocumentBytes);
    const most = bytes <= smallDocumentBytes ? limits.documentBytes : (limits.documentBytes / 8) * 7;
    if (this.#documentBytes + bytes > most) this.#turnAway();
    this.#documentBytes += bytes;
    return () => {
      this.#documentBytes -= bytes;
    };
  }

  #turnAway(): never {
    this.#shed += 1;
    throw accessRefusal('http.overloaded', { retryAfterSeconds: retrySeconds });
  }
}
