import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import type { Brief, DecisionKind } from '#contract/desk';
import { Button } from '../../ui/button.tsx';
import { useShortcut } from '../../ui/shortcuts.ts';
import { ProblemNote } from '../../ui/states.tsx';
import { AfterDecision } from './after-decision.tsx';
import { DecideDialog } from './decide-dialog.tsx';
import { decisionButtons } from './decision-kinds.ts';
import { ReopenDialog } from './reopen-dialog.tsx';
import { useDeed } from './use-deed.ts';

/** What the reader may do now; the server decides that, this shows it. */
export function Actions({ brief }: { readonly brief: Brief }) {
  const deed = useDeed(brief.reportId);
  const [kind, setKind] = useState<DecisionKind>();
  const [isReopening, setReopening] = useState(false);
  const { can } = brief;
  const search = getRouteApi('/shell/desk/reports/$reportId').useSearch();
  const isIdle = !deed.isPending;
  useShortcut(
    { keys: 't', label: 'Take', group: 'In a report', run: () => deed.mutate({ name: 'take' }) },
    can.take && isIdle,
  );
  useShortcut(
    { keys: 'e', label: 'Release', group: 'In a report', run: () => deed.mutate({ name: 'release' }) },
    can.release && isIdle,
  );
  return (
    <>
      <div className="report-actions">
        {can.take ? (
          <Button
            look="primary"
            keys="t"
            isPending={deed.isPending}
            onPress={() => deed.mutate({ name: 'take' })}
          >
            Take
          </Button>
        ) : null}
        {can.decide ? <DecisionButtons onChoose={setKind} hasTake={can.take} /> : null}
        {can.release ? (
          <Button keys="e" isPending={deed.isPending} onPress={() => deed.mutate({ name: 'release' })}>
            Release
          </Button>
        ) : null}
        <Explanation brief={brief} />
      </div>
      {brief.state === 'decided' ? (
        <AfterDecision
          brief={brief}
          search={search}
          onUndo={() => deed.mutate({ name: 'undo' })}
          onReopen={() => setReopening(true)}
          isPending={deed.isPending}
        />
      ) : null}
      {deed.error === null || kind !== undefined || isReopening ? null : <ProblemNote error={deed.error} />}
      <DecideDialog kind={kind} reportId={brief.reportId} onClose={() => setKind(undefined)} />
      <ReopenDialog isOpen={isReopening} reportId={brief.reportId} onClose={() => setReopening(false)} />
    </>
  );
}

interface DecisionButtonsProps {
  readonly onChoose: (kind: DecisionKind) => void;
  /** The first button is the one that is filled: Take where it is offered. */
  readonly hasTake: boolean;
}

function DecisionButtons({ onChoose, hasTake }: DecisionButtonsProps) {
  return decisionButtons.map((button) => (
    <DecisionButton
      key={button.kind}
      {...button}
      isFirst={!hasTake && button.kind === 'refer'}
      onChoose={() => onChoose(button.kind)}
    />
  ));
}

interface DecisionButtonProps {
  readonly label: string;
  readonly keys: string;
  readonly isFirst: boolean;
  readonly onChoose: () => void;
}

function DecisionButton({ label, keys, isFirst, onChoose }: DecisionButtonProps) {
  useShortcut({ keys, label: `${label}…`, group: 'In a report', run: onChoose });
  return (
    <Button keys={keys} look={isFirst ? 'primary' : undefined} onPress={onChoose}>
      {label}…
    </Button>
  );
}

function Explanation({ brief }: { readonly brief: Brief }) {
  const { can } = brief;
  if (can.decide || can.undo || can.reopen) return null;
  if (can.take) return <span className="quiet small">Take it to decide; nobody else can then.</span>;
  if (brief.state === undefined) {
    return <span className="quiet small">Only a filed report can be taken.</span>;
  }
  if (brief.state === 'taken') {
    return (
      <span className="quiet small">
        {brief.takenBy?.name ?? 'Somebody'} has it. You can read, not decide.
      </span>
    );
  }
  return <span className="quiet small">Your role reads reports; it does not decide them.</span>;
}
