import type { ResponseCode } from '../formats/response-codes.ts';

/**
 * A report is **open** from its submission. While it is open every call is allowed: *upload* and *fileinfo* keep it
 * open and move its expiry, *finish* makes it **filed**, *retract* makes it **retracted**, and when its time is over
 * it becomes **expired**, also if nobody has swept it yet.
 *
 * **filed**, **retracted** and **expired** are final. Every call on a filed report is answered 5102 and every call on
 * a retracted one 5101, so that a client that repeats a call learns that it is done. An expired report was deleted
 * unfiled: it is answered 5001 like one that never existed, so that no client takes it for filed.
 */

export type ReportState = 'open' | 'filed' | 'retracted' | 'expired';

export type ReportCall = 'upload' | 'fileinfo' | 'finish' | 'retract';

export const reportCalls: readonly ReportCall[] = ['upload', 'fileinfo', 'finish', 'retract'];

/** What a call on a report in this state is answered: `allowed`, or the protocol's code. */
export function answerTo(state: ReportState, _call: ReportCall): 'allowed' | ResponseCode {
  switch (state) {
    case 'open':
      return 'allowed';
    case 'filed':
      return 5102;
    case 'retracted':
      return 5101;
    case 'expired':
      return 5001;
    default:
      return state satisfies never;
  }
}

/** The state that counts now: an open report whose time is over is expired before anybody sweeps it. */
export function stateAt(state: ReportState, expiresAt: Date | null, now: Date): ReportState {
  return state === 'open' && expiresAt !== null && now.getTime() >= expiresAt.getTime() ? 'expired' : state;
}

/** What an allowed call makes of the report. */
export function stateAfter(call: ReportCall): ReportState {
  if (call === 'finish') return 'filed';
  return call === 'retract' ? 'retracted' : 'open';
}
