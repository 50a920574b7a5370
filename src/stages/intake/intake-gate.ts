import type { IncomingMessage } from 'node:http';
import type { Actor, Admission } from '#access';
import type { ReportId } from '#base/ids';

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

export type Kind = 'document' | 'upload' | 'plain';

/** Whether what came is urgent, or the report that says so. */
export type UrgencyOf = (received: never) => boolean | ReportId | undefined;
