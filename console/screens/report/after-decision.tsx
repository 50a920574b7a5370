import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { Brief } from '#contract/desk';
import { type LineSearch, nextWaiting } from '../../line.ts';
import { decisionDone } from '../../report-words.ts';
import { useSession } from '../../session.ts';
import { Button } from '../../ui/button.tsx';
import { UrgencyMark } from '../../ui/marks.tsx';
import { useShortcut } from '../../ui/shortcuts.ts';
import { Ago, clockText, useNow } from '../../ui/time.tsx';

interface AfterProps {
  readonly brief: Brief;
  readonly search: LineSearch;
  readonly onUndo: () => void;
  readonly onReopen: () => void;
  readonly isPending: boolean;
}

/** Stands where the decision buttons were: the way back while it is open, and the way on. */
export function AfterDecision({ brief, search, onUndo, onReopen, isPending }: AfterProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { staff } = useSession();
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
            by {standing.by.id === staff.id ? 'you' : standing.by.name}, <Ago at={standing.at} />
          </span>
        )}
      </p>
      <WayBack brief={brief} onUndo={onUndo} onReopen={onReopen} isPending={isPending} />
      <span className="after-next">
        {next === undefined ? (
          <span className="quiet small">Nothing else waits in this line.</span>
        ) : (
          <span className="after-next-what">
            <UrgencyMark level={next.urgency} /> <span>{next.reportId}</span>
          </span>
        )}
        <Button look="primary" keys="Enter" autoFocus onPress={goOn}>
          {next === undefined ? 'Back to the line' : 'Open next'}
        </Button>
      </span>
    </div>
  );
}

/** Undoing while there is time; after that, or for somebody else's decision, reopening with a reason. */
function WayBack({ brief, onUndo, onReopen, isPending }: Omit<AfterProps, 'search'>) {
  const now = useNow(1000);
  const until = brief.undoUntil ?? '';
  const leftSeconds = Math.ceil((Date.parse(until) - now) / 1000);
  const canUndo = brief.can.undo && leftSeconds > 0;
  const canReopen = brief.can.reopen && !canUndo;
  useShortcut(
    { keys: 'u', label: 'Undo the decision', group: 'In a report', run: onUndo },
    canUndo && !isPending,
  );
  useShortcut({ keys: 'o', label: 'Reopen…', group: 'In a report', run: onReopen }, canReopen && !isPending);
  if (canUndo) {
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
  return canReopen ? (
    <Button keys="o" onPress={onReopen}>
      Reopen…
    </Button>
  ) : null;
}
