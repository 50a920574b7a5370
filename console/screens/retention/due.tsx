import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { DueReport } from '#contract/retention';
import { controlApi } from '../../control-api.ts';
import { useMay } from '../../session.ts';
import { Button } from '../../ui/button.tsx';
import { Empty, Loading, ProblemNote } from '../../ui/states.tsx';
import { Day } from '../../ui/time.tsx';
import { counted } from '../../ui/words.ts';
import { ProposeDialog } from './propose-dialog.tsx';

const pageSize = 100;
const standingWords = {
  ready: 'Ready',
  proposed: 'Waits for approval',
  approved: 'Being destroyed',
  held: 'Legal hold',
  undecided: 'Not decided yet',
} as const;

/** Reports whose term is over, the oldest first. */
export function DueReports() {
  const may = useMay();
  const [isAsking, setAsking] = useState(false);
  const list = useInfiniteQuery({
    queryKey: ['retention', 'due'],
    queryFn: ({ pageParam }) => controlApi.due({ limit: pageSize, cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
  });
  if (list.isPending) return <Loading what="reports that are due" />;
  if (list.data === undefined) return <ProblemNote error={list.error} onRetry={() => void list.refetch()} />;
  const items = list.data.pages.flatMap((page) => page.items);
  const ready = items.filter(({ standing }) => standing === 'ready').slice(0, pageSize);
  if (items.length === 0) {
    return (
      <Empty title="Nothing is due">
        <p>Every report is within its term. What becomes due is proposed to people every night.</p>
      </Empty>
    );
  }
  return (
    <>
      {may('retention:decide') && ready.length > 0 ? (
        <p className="table-foot">
          <Button look="primary" onPress={() => setAsking(true)}>
            Propose to destroy {counted(ready.length, 'ready report')}…
          </Button>
        </p>
      ) : null}
      <DueTable items={items} />
      {list.hasNextPage ? (
        <Button isPending={list.isFetchingNextPage} onPress={() => void list.fetchNextPage()}>
          Show {pageSize} more
        </Button>
      ) : null}
      <ProposeDialog
        title="Propose destruction"
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        deed="destroy-evidence"
        input={{ ground: 'schedule', reportIds: ready.map(({ reportId }) => reportId) }}
      >
        <p>
          The content of {counted(ready.length, 'report')} and the bytes that no other report holds go for
          good once a colleague approves. Numbers, references and counts stay.
        </p>
      </ProposeDialog>
    </>
  );
}

function DueTable({ items }: { readonly items: readonly DueReport[] }) {
  const may = useMay();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="table-wrap" aria-label="Reports that are due" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Report</th>
            <th scope="col">Filed</th>
            <th scope="col">Due since</th>
            <th scope="col">Basis</th>
            <th scope="col">Stands at</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.reportId}>
              <th scope="row" className="row-name">
                {may('report:read') ? (
                  <Link to="/reports/$reportId" params={{ reportId: item.reportId }}>
                    {item.reportId}
                  </Link>
                ) : (
                  item.reportId
                )}{' '}
                <span className="quiet small">{item.reference}</span>
              </th>
              <td>
                <Day at={item.filedAt} />
              </td>
              <td>
                <Day at={item.dueAt} />
              </td>
              <td>{item.basis}</td>
              <td>{standingWords[item.standing]}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="small quiet table-foot">{counted(items.length, 'report')} in view</p>
    </section>
  );
}
