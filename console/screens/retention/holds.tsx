import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Hold } from '#contract/retention';
import { controlApi } from '../../control-api.ts';
import { useMay } from '../../session.ts';
import { Button } from '../../ui/button.tsx';
import { Raw } from '../../ui/raw-text.tsx';
import { Empty, Loading, ProblemNote } from '../../ui/states.tsx';
import { Day } from '../../ui/time.tsx';
import { counted } from '../../ui/words.ts';
import { ProposeDialog } from './propose-dialog.tsx';

/** Legal holds that stand, those to be looked at again soonest first. */
export function Holds() {
  const [lifting, setLifting] = useState<Hold>();
  const list = useInfiniteQuery({
    queryKey: ['retention', 'holds'],
    queryFn: ({ pageParam }) => controlApi.holds({ limit: 50, cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
  });
  if (list.isPending) return <Loading what="holds" />;
  if (list.data === undefined) return <ProblemNote error={list.error} onRetry={() => void list.refetch()} />;
  const items = list.data.pages.flatMap((page) => page.items);
  if (items.length === 0) {
    return (
      <Empty title="No legal hold stands">
        <p>A hold is placed on the report itself, by one person; lifting it takes two.</p>
      </Empty>
    );
  }
  return (
    <>
      <HoldTable items={items} onLift={setLifting} />
      {list.hasNextPage ? (
        <Button isPending={list.isFetchingNextPage} onPress={() => void list.fetchNextPage()}>
          Show 50 more
        </Button>
      ) : null}
      <ProposeDialog
        title="Propose to lift the hold"
        isOpen={lifting !== undefined}
        onClose={() => setLifting(undefined)}
        deed="break-legal-hold"
        input={{ holdId: lifting?.id ?? '' }}
      >
        <p>
          The hold on report {lifting?.reportId} (case {lifting?.caseReference}) goes once a colleague
          approves. What is due can then be destroyed.
        </p>
      </ProposeDialog>
    </>
  );
}

interface TableProps {
  readonly items: readonly Hold[];
  readonly onLift: (hold: Hold) => void;
}

function HoldTable({ items, onLift }: TableProps) {
  const may = useMay();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="table-wrap" aria-label="Legal holds" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Report</th>
            <th scope="col">Case</th>
            <th scope="col">Why</th>
            <th scope="col">Placed</th>
            <th scope="col">Look again</th>
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.id}>
              <th scope="row" className="row-name">
                {item.reportId}
              </th>
              <td>
                <Raw text={item.caseReference} />
              </td>
              <td>
                <Raw text={item.reason} />
              </td>
              <td>
                <Day at={item.placedAt} /> by <Raw text={item.placedBy.name} isWhole />
              </td>
              <td>
                {item.isReviewDue ? <strong>Due since </strong> : null}
                <Day at={item.reviewAt} />
              </td>
              <td>
                {may('retention:decide') ? (
                  <Button label={`Lift the hold on report ${item.reportId}`} onPress={() => onLift(item)}>
                    Lift…
                  </Button>
                ) : null}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="small quiet table-foot">{counted(items.length, 'hold')} in view</p>
    </section>
  );
}
