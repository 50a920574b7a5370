import { Link } from '@tanstack/react-router';
import { type KeyboardEvent, useState } from 'react';
import type { LineEntry } from '#contract/desk';
import { entriesOf, type LineSearch, useLine } from '../../line.ts';
import { decisionDone, incidentWords } from '../../report-words.ts';
import { useSession } from '../../session.ts';
import { Button } from '../../ui/button.tsx';
import { CompletenessMeter, UrgencyMark } from '../../ui/marks.tsx';
import { Raw } from '../../ui/raw-text.tsx';
import { useShortcut } from '../../ui/shortcuts.ts';
import { Empty, Loading, ProblemNote } from '../../ui/states.tsx';
import { Ago } from '../../ui/time.tsx';
import { counted } from '../../ui/words.ts';
import { currentRow, moveRow, rememberRow } from './current-row.ts';

interface ListProps {
  readonly search: LineSearch;
  readonly openId: string | undefined;
}

export function LineList({ search, openId }: ListProps) {
  const line = useLine(search);
  const [row, setRow] = useState(currentRow);
  useShortcut({ keys: 'j', label: 'Next row (also ↓)', group: 'In the line', run: () => moveRow(1, openId) });
  useShortcut({
    keys: 'k',
    label: 'Row before (also ↑)',
    group: 'In the line',
    run: () => moveRow(-1, openId),
  });
  if (line.isPending) return <Loading what="the line" rows={12} />;
  if (line.isError && line.data === undefined) {
    return <ProblemNote error={line.error} onRetry={() => void line.refetch()} />;
  }
  const entries = entriesOf(line.data);
  if (entries.length === 0) return <EmptyLine search={search} />;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    moveRow(event.key === 'ArrowDown' ? 1 : -1, openId);
  };
  return (
    <div className="line-scroll">
      <ol className="line-rows" onKeyDown={onKeyDown}>
        {entries.map((entry) => (
          <Row
            key={entry.reportId}
            entry={entry}
            search={search}
            isOpen={entry.reportId === openId}
            isCurrent={entry.reportId === row}
            onFocus={() => {
              rememberRow(entry.reportId);
              setRow(entry.reportId);
            }}
          />
        ))}
      </ol>
      <div className="line-more">
        {line.isFetchNextPageError ? <ProblemNote error={line.error} /> : null}
        {line.hasNextPage ? (
          <Button isPending={line.isFetchingNextPage} onPress={() => void line.fetchNextPage()}>
            {line.isFetchingNextPage ? 'Loading…' : 'Show 50 more'}
          </Button>
        ) : (
          <span className="quiet small">End of the line · {counted(entries.length, 'report')}</span>
        )}
      </div>
    </div>
  );
}

interface RowProps {
  readonly entry: LineEntry;
  readonly search: LineSearch;
  readonly isOpen: boolean;
  readonly isCurrent: boolean;
  readonly onFocus: () => void;
}

function Row({ entry, search, isOpen, isCurrent, onFocus }: RowProps) {
  return (
    <li className={`line-row state-${entry.state}`} data-current={isCurrent || undefined}>
      <Link
        to="/reports/$reportId"
        params={{ reportId: entry.reportId }}
        search={search}
        className="line-link"
        data-row={entry.reportId}
        aria-current={isOpen ? 'true' : undefined}
        onFocus={onFocus}
      >
        <UrgencyMark level={entry.urgency} />
        <span className="line-type" title={entry.incidentType}>
          {incidentWords(entry.incidentType)}
        </span>
        <span className="line-age">
          <Ago at={entry.filedAt} isBare />
        </span>
        <span className="line-facts">
          <span className="line-service">
            <Raw text={entry.provider.name} isWhole />
          </span>
          <span className="nowrap">{entry.reportId}</span>
          <span className="nowrap">{counted(entry.files, 'file')}</span>
          {entry.incidents === 1 ? null : (
            <span className="nowrap">{counted(entry.incidents, 'incident')}</span>
          )}
          <RowChips entry={entry} />
        </span>
        <span className="line-marks">
          {entry.isSynthetic ? <span className="chip mark">Synthetic</span> : null}
          {entry.provider.environment === 'sandbox' ? <span className="chip mark">Sandbox</span> : null}
        </span>
        <CompletenessMeter share={entry.completeness} isShort />
      </Link>
    </li>
  );
}

function RowChips({ entry }: { readonly entry: LineEntry }) {
  const { staff } = useSession();
  const isMine = entry.takenBy?.id === staff.id;
  return (
    <>
      {entry.state === 'taken' ? (
        <span className={isMine ? 'chip own' : 'chip'}>
          {isMine ? 'Taken by you' : `Taken by ${entry.takenBy?.name ?? 'somebody'}`}
        </span>
      ) : null}
      {entry.state === 'decided' ? (
        <span className="chip">
          {entry.decision === undefined ? 'Decided' : decisionDone[entry.decision]}
        </span>
      ) : null}
      {entry.duplicateOf === undefined ? null : (
        <span className="chip">Duplicate of {entry.duplicateOf}</span>
      )}
    </>
  );
}

const emptyWords = {
  waiting: {
    title: 'Nothing waits',
    words: (where: string) => `Every report in ${where} was decided or is taken.`,
  },
  taken: { title: 'Nothing is taken', words: (where: string) => `Nobody has a report in ${where} now.` },
  decided: {
    title: 'Nothing is decided',
    words: (where: string) => `No report in ${where} was decided yet.`,
  },
  all: { title: 'No reports yet', words: (where: string) => `No report was filed in ${where} yet.` },
} as const;

function EmptyLine({ search }: { readonly search: LineSearch }) {
  const { environment = 'production', state = 'waiting', order: _, ...narrowing } = search;
  const { title, words } = emptyWords[state];
  return Object.keys(narrowing).length > 0 ? (
    <Empty title="No report matches these filters">
      <p>
        Take a filter away, or search for another number. Sandbox and production are never shown together.
      </p>
      <p>
        <Link to="/" search={environment === 'sandbox' ? { environment } : {}} className="button">
          Clear all filters
        </Link>
      </p>
    </Empty>
  ) : (
    <Empty title={title}>
      <p>{words(environment)} New ones are announced here as they are filed.</p>
    </Empty>
  );
}
