import type { DeskState } from '#contract/desk';

/**
 * One report on the desk, and who may move it how. Server and screens read the same table.
 *
 *   waiting --take--> taken --decide--> decided
 *   waiting --decide--> decided          deciding takes the report first
 *   taken --release--> waiting           by whoever took it, or a supervisor
 *   taken --undo--> waiting              by whoever took it: undoing a take is releasing
 *   decided --undo--> taken              by whoever decided, within fifteen minutes
 *   decided --reopen--> waiting          by anybody who may decide, with a reason
 *
 * A decision is never overwritten: undoing and reopening put a mark on it, and the next one is a new row.
 */

/** How long a decision can be undone by whoever made it. Our own choice, changed by a decision record. */
const undoWindowMinutes = 15;

export interface DeskFacts {
  readonly state: DeskState;
  /** Staff id of whoever took the report; absent while it waits. */
  readonly takenBy?: string | undefined;
  /** The decision that stands; absent unless decided. */
  readonly decidedBy?: string | undefined;
  readonly decidedAt?: Date | undefined;
}

/** Somebody in front of the report. `staffId` is absent for a machine, which may look but never move anything. */
export interface DeskReader {
  readonly staffId?: string | undefined;
  readonly mayDecide: boolean;
  readonly isSupervisor: boolean;
}

export interface DeskMoves {
  readonly take: boolean;
  readonly release: boolean;
  readonly decide: boolean;
  readonly undo: boolean;
  readonly reopen: boolean;
}

const none: DeskMoves = { take: false, release: false, decide: false, undo: false, reopen: false };

/** The last moment at which a decision of `decidedAt` can be undone. */
export function undoUntil(decidedAt: Date): Date {
  return new Date(decidedAt.getTime() + undoWindowMinutes * 60_000);
}

/** What the reader may do with the report at `now`. */
export function movesFor(facts: DeskFacts, reader: DeskReader, now: Date): DeskMoves {
  if (reader.staffId === undefined || !reader.mayDecide) return none;
  switch (facts.state) {
    case 'waiting':
      return { ...none, take: true, decide: true };
    case 'taken': {
      const isTaker = facts.takenBy === reader.staffId;
      return { ...none, release: isTaker || reader.isSupervisor, decide: isTaker, undo: isTaker };
    }
    case 'decided': {
      const isOwn = facts.decidedBy === reader.staffId;
      const isInTime = facts.decidedAt !== undefined && now.getTime() <= undoUntil(facts.decidedAt).getTime();
      return { ...none, undo: isOwn && isInTime, reopen: true };
    }
    default:
      return facts.state satisfies never;
  }
}
