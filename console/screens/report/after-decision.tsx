import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { Brief } from '#contract/desk';
import { type LineSearch, nextWaiting } from '../../line.ts';
import { decisionDone } from '../../report-words.ts';
import { Button } from '../../ui/button.tsx';
import { UrgencyMark } from '../../ui/marks.tsx';
import { useShortcut } from '../../ui/shortcuts.ts';
import { clockText, useNow } from '../../ui/time.tsx';

interface AfterProps {
  readonly brief: Brief;
  readonly search: LineSearch;
  readonly onUndo: () => void;
  readonly isPending: boolean;
}

/** Stands where the decision buttons were: the way back while it is open, and the way on. */
export function AfterDecision({ brief, search, onUndo, isPending }: AfterProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const standing = brief.decisions.findLast((decision) => decision.undoneAt === undefined);
  const next = nextWaiting(client, search, brief.reportId);
  const goOn = () => {
    if (next === undefined) void navigate({ to: '/', search });
    else void navigate({ to: '/reports/$reportId', params: { reportId: next.reportId }, search });
  };
  useShortcut({ keys: 'Enter', label: 'Go on to the next report', group: 'In a report', run: goOn });
  return (
    <div className="after-decision">
      <p>
        <strong>{standing === undefined ? 'Decided' : decisionDone[standing.kind]}</strong>
        {standing === undefined ? null : (
          <span className="quiet">
            {' '}
            by {standing.by.name}, {clockText(standing.at)}
          </span>
        )}
      </p>
      {brief.can.undo && brief.undoUntil !== undefined ? (
        <UndoButton until={brief.undoUntil} onUndo={onUndo} isPending={isPending} />
      ) : null}
      <span className="after-next">
        {next === undefined ? (
          <span className="quiet small">Nothing else waits in this line.</span>
        ) : (
          <span className="after-next-what">
            Next: <UrgencyMark level={next.urgency} /> <span>{next.reportId}</span>
          </span>
        )}
        <Button look="primary" keys="Enter" autoFocus onPress={goOn}>
          {next === undefined ? 'Back to the line' : 'Open next'}
        </Button>
      </span>
    </div>
  );
}

interface UndoProps {
  readonly until: string;
  readonly onUndo: () => void;
  readonly isPending: boolean;
}

function UndoButton({ until, onUndo, isPending }: UndoProps) {
  const now = useNow(1000);
  const leftSeconds = Math.ceil((Date.parse(until) - now) / 1000);
  const isOpen = leftSeconds > 0;
  useShortcut(
    { keys: 'u', label: 'Undo the decision', group: 'In a report', run: onUndo },
    isOpen && !isPending,
  );
  if (!isOpen)
    return <span className="quiet small">The time to undo is over; reopening needs a reason.</span>;
  const clock = `${Math.floor(leftSeconds / 60)}:${String(leftSeconds % 60).padStart(2, '0')}`;
  return (
    <Button
      keys="u"
      isPending={isPending}
      onPress={onUndo}
      label={`Undo, possible until ${clockText(until)}`}
    >
      Undo <span className="countdown">{clock}</span>
    </Button>
  );
}
