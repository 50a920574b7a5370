import type { IncomingMessage } from 'node:http';
import { type Actor, type Admission, accessRefusal, type Pass } from '#access';
import { parseReportId, type ReportId } from '#base/ids';
import { type Lane, Lanes, type Leave } from '#platform/lanes';
import type { IntakeFoundation } from './intake-parts.ts';
import { providerOf } from './of-provider.ts';
import { isUrgentReport } from './store.ts';

/**
 * The gate of intake. What is free is taken without asking; only when nothing is free does it matter how urgent a
 * request is: that is a new report which its service marks as urgent, or any call on an open report that was so
 * marked. Those have room of their own; others wait a little, and are then asked to come again (`http.overloaded`).
 *
 * A request is turned away before it costs much: a document when its bytes would not fit beside those being worked
 * on, an upload before its first byte. What was taken in whole is not turned away any more.
 */
export interface IntakeGate {
  /** @param kind what of the request costs: a document's memory, a file's stream, or only its transaction */
  readonly admit: (kind: Kind, urgency?: UrgencyOf) => Admission;
  /** Takes room for an upload's stream, once its report is known and before its first byte; given back with the pass. */
  readonly admitStream: (raw: IncomingMessage, actor: Actor, reportId: ReportId) => Promise<void>;
  /** For whoever watches over the server. */
  readonly state: () => GateState;
}

export interface GateState {
  readonly requests: number;
  readonly acting: number;
  readonly waiting: number;
  readonly uploads: number;
  readonly documentBytes: number;
  /** How many were asked to come again since the start. */
  readonly shed: number;
}

type Kind = 'document' | 'upload' | 'plain';

/** Whether what came is urgent, or the report that says so. */
type UrgencyOf = (received: never) => boolean | ReportId | undefined;

/** The most requests of services that one server works on in whatever way. Chosen: about 50 kB each are 200 MB. */
const mostRequests = 4000;
/** Documents up to this size may use the last eighth of the memory, so that large ones do not keep them out. */
const smallDocumentBytes = 256 * 1024;

type GateParts = Pick<IntakeFoundation, 'inTransaction' | 'limits' | 'loopLagMs' | 'maxDocumentBytes'>;

/** Two connections stay free for what has no pass: looking up reports, and noting uploads. */
const spareConnections = 2;

export function createIntakeGate({
  inTransaction,
  limits,
  loopLagMs,
  maxDocumentBytes,
}: GateParts): IntakeGate {
  const { connections, urgent, waiting, waitMs, uploads } = limits;
  const ordinary = Math.max(1, connections - urgent - spareConnections);
  const acting = new Lanes({ ordinary, urgent, waiting, waitMs });
  const streaming = new Lanes({ ordinary: uploads, urgent: Math.ceil(uploads / 4), waiting, waitMs });
  const streams = new WeakMap<IncomingMessage, Leave[]>();
  let requests = 0;
  let documentBytes = 0;
  let shed = 0;

  const turnAway = (): never => {
    shed += 1;
    throw accessRefusal('http.overloaded', { retryAfterSeconds: retrySeconds });
  };

  /** Room in one of the lanes: at once where there is some, else by how urgent it is. */
  const enter = async (
    lanes: Lanes,
    actor: Actor,
    urgency: boolean | ReportId | undefined,
    isPatient: boolean,
  ): Promise<Leave> => {
    const free = lanes.tryEnter('ordinary');
    if (free !== undefined) return free;
    const isUrgent =
      typeof urgency === 'string'
        ? await inTransaction((tx) => isUrgentReport(tx.db, providerOf(actor).id, urgency), actor)
        : urgency === true;
    const lane: Lane = isUrgent ? 'urgent' : 'ordinary';
    const isTooBusy = !isUrgent && !isPatient && loopLagMs() > limits.lagMs;
    const leave = isTooBusy ? undefined : await lanes.enter(lane, isPatient);
    return leave ?? turnAway();
  };

  const takeMemory = (raw: IncomingMessage, leaves: Leave[]): void => {
    const declared = Number(raw.headers['content-length'] ?? maxDocumentBytes);
    const bytes = Math.min(Number.isFinite(declared) ? declared : maxDocumentBytes, maxDocumentBytes);
    const most = bytes <= smallDocumentBytes ? limits.documentBytes : (limits.documentBytes / 8) * 7;
    if (documentBytes + bytes > most) turnAway();
    documentBytes += bytes;
    leaves.push(() => {
      documentBytes -= bytes;
    });
  };

  return {
    admit: (kind, urgency) => ({
      enter: async ({ raw, actor, params }): Promise<Pass> => {
        if (requests >= mostRequests) turnAway();
        const leaves: Leave[] = [];
        if (kind === 'document') takeMemory(raw, leaves);
        if (kind === 'upload') streams.set(raw, leaves);
        requests += 1;
        return {
          act: async (received) => {
            const named = parseReportId(params.reportId ?? '');
            const urgent = urgency === undefined ? named : urgency(received as never);
            leaves.push(await enter(acting, actor, urgent, kind === 'upload'));
          },
          leave: () => {
            requests -= 1;
            for (const each of leaves) each();
          },
        };
      },
    }),
    admitStream: async (raw, actor, reportId) => {
      const leaves = streams.get(raw);
      if (leaves === undefined) throw new Error('an upload came in by a route without a gate');
      leaves.push(await enter(streaming, actor, reportId, false));
    },
    state: () => ({
      requests,
      acting: acting.taken,
      waiting: acting.waitingIn('ordinary') + acting.waitingIn('urgent'),
      uploads: streaming.taken,
      documentBytes,
      shed,
    }),
  };
}

/** When a sender that was turned away should come again. Chosen: a full queue is worked off by then. */
const retrySeconds = 5;
