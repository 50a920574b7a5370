import type { LineSearch } from '../../line.ts';
import { useNextReport } from '../../next-report.ts';
import { useMay } from '../../session.ts';
import { Button } from '../../ui/button.tsx';
import { useShortcut } from '../../ui/shortcuts.ts';
import { ProblemNote } from '../../ui/states.tsx';

/** One key to the next report of the order, wherever on the desk one is. */
export function NextBar({ search }: { readonly search: LineSearch }) {
  const may = useMay();
  const next = useNextReport(search);
  const isAllowed = may('report:decide');
  useShortcut(
    { keys: 'n', label: 'Take the next report', group: 'In the line', run: () => next.mutate() },
    isAllowed && !next.isPending,
  );
  if (!isAllowed) return null;
  return (
    <div className="next-bar">
      <Button look="primary" keys="n" isPending={next.isPending} onPress={() => next.mutate()}>
        Take the next report
      </Button>
      {next.data !== undefined && next.data.report === undefined ? (
        <span className="quiet small">Nothing waits.</span>
      ) : null}
      {next.error === null ? null : <ProblemNote error={next.error} />}
    </div>
  );
}
