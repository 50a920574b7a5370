import { getRouteApi, Outlet, useNavigate, useParams } from '@tanstack/react-router';
import { useEffect } from 'react';
import { entriesOf, useLine } from '../../line.ts';
import { useMay } from '../../session.ts';
import { useTitle } from '../../shell/title.ts';
import { Button, Key } from '../../ui/button.tsx';
import { useShortcut } from '../../ui/shortcuts.ts';
import { elapsedText, useNow, zoneName } from '../../ui/time.tsx';
import { counted } from '../../ui/words.ts';
import { currentRow, focusRow } from './current-row.ts';
import { LineFilters } from './filters.tsx';
import { LineList } from './list.tsx';
import { LiveBar } from './live-bar.tsx';
import { NextBar } from './next-bar.tsx';
import './line.css';

const desk = getRouteApi('/shell/desk');

/** The reading desk: the line on the left, one report on the right; one of them on a narrow screen. */
export function DeskScreen() {
  const search = desk.useSearch();
  const { reportId } = useParams({ strict: false });
  const may = useMay();
  if (!may('line:read')) {
    return (
      <main className="desk only-report" id="main" tabIndex={-1}>
        <Outlet />
      </main>
    );
  }
  return (
    <main className={reportId === undefined ? 'desk' : 'desk has-report'} id="main" tabIndex={-1}>
      <section className="desk-line" aria-label="Line of reports">
        <div className="line-head">
          {reportId === undefined ? (
            <h1 className="line-title">The line</h1>
          ) : (
            <h2 className="line-title">The line</h2>
          )}
          <span className="quiet small">Times in {zoneName}</span>
          {reportId === undefined ? null : (
            <a className="skip-inline" href="#report">
              Skip to the report
            </a>
          )}
        </div>
        <NextBar search={search} />
        <LineFilters search={search} />
        <LiveBar search={search} />
        <LineList search={search} openId={reportId} />
      </section>
      <section className="desk-report" id="report" aria-label="Report" tabIndex={-1}>
        <Outlet />
      </section>
    </main>
  );
}

/** The right half while no report is open: what waits, and how to begin. */
export function NothingOpen() {
  useTitle('The line');
  const search = desk.useSearch();
  const navigate = useNavigate();
  const line = useLine(search);
  const now = useNow(30_000);
  const entries = entriesOf(line.data);
  const first = entries.find((entry) => entry.state === 'waiting');
  const oldest = entries.reduce<string | undefined>(
    (found, entry) => (found === undefined || entry.filedAt < found ? entry.filedAt : found),
    undefined,
  );
  const open = () => {
    if (first !== undefined)
      void navigate({ to: '/reports/$reportId', params: { reportId: first.reportId }, search });
  };
  useShortcut({
    keys: 'Enter',
    label: 'Open the report (from anywhere: the first)',
    group: 'In the line',
    run: open,
  });
  useEffect(() => {
    const row = currentRow();
    if (row !== undefined) focusRow(row);
  }, []);
  const waiting = line.data?.pages[0]?.counts.waiting;
  if (waiting === undefined || first === undefined) return null;
  return (
    <div className="nothing-open">
      <p className="read">
        {counted(waiting, 'report waits', 'reports wait')} in this line
        {oldest === undefined ? '.' : `, the oldest in view for ${elapsedText(now - Date.parse(oldest))}.`}
      </p>
      <p className="quiet">Nothing is opened until you open it; every report that is opened is recorded.</p>
      <Button look="primary" keys="Enter" onPress={open}>
        Open the first report
      </Button>
      <p className="key-hints">
        <span>
          <Key keys="j" /> <Key keys="k" /> move
        </span>
        <span>
          <Key keys="n" /> next by the order
        </span>
        <span>
          <Key keys="/" /> search
        </span>
        <span>
          <Key keys="?" /> all shortcuts
        </span>
      </p>
    </div>
  );
}
