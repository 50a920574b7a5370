import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { controlApi } from '../../control-api.ts';
import { Button } from '../../ui/button.tsx';
import { Segments } from '../../ui/fields.tsx';
import { Empty, Loading, ProblemNote } from '../../ui/states.tsx';
import { LookUpTable } from './look-up-table.tsx';

const pageSize = 50;

/** Look-ups without a task, in an emergency or of somebody watched; or all of them. */
export function LookUps() {
  const [show, setShow] = useState<'marked' | 'all'>('marked');
  const list = useInfiniteQuery({
    queryKey: ['look-ups', show],
    queryFn: ({ pageParam }) => controlApi.lookUps({ show, limit: pageSize, cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    gcTime: 0,
  });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <h2 className="visually-hidden">Look-ups</h2>
      <p className="table-foot">
        <Segments
          label="Which look-ups"
          value={show}
          onChange={setShow}
          options={[
            { id: 'marked', label: 'Without a task, emergencies, watched' },
            { id: 'all', label: 'All' },
          ]}
        />
      </p>
      {list.isPending ? (
        <Loading what="look-ups" />
      ) : list.data === undefined ? (
        <ProblemNote error={list.error} onRetry={() => void list.refetch()} />
      ) : items.length === 0 ? (
        <Empty title="Nothing to look at">
          <p>Every report that was opened belonged to an open task, and named nobody who is watched.</p>
        </Empty>
      ) : (
        <LookUpTable items={items} />
      )}
      {list.hasNextPage ? (
        <Button isPending={list.isFetchingNextPage} onPress={() => void list.fetchNextPage()}>
          Show {pageSize} more
        </Button>
      ) : null}
    </>
  );
}
