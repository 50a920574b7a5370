import { useInfiniteQuery } from '@tanstack/react-query';
import { certificateAddress, controlApi } from '../../control-api.ts';
import { Button } from '../../ui/button.tsx';
import { Empty, Loading, ProblemNote } from '../../ui/states.tsx';
import { Day, Moment } from '../../ui/time.tsx';
import { counted } from '../../ui/words.ts';

const stateWords = {
  approved: 'Approved, being destroyed',
  erased: 'Erased, being checked',
  certified: 'Destroyed',
  stopped: 'Stopped by a hold',
} as const;

/** The register of erasures, with the certificate of each. */
export function Erasures() {
  const list = useInfiniteQuery({
    queryKey: ['retention', 'erasures'],
    queryFn: ({ pageParam }) => controlApi.erasures({ limit: 50, cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
  });
  if (list.isPending) return <Loading what="the register of erasures" />;
  if (list.data === undefined) return <ProblemNote error={list.error} onRetry={() => void list.refetch()} />;
  const items = list.data.pages.flatMap((page) => page.items);
  if (items.length === 0) {
    return (
      <Empty title="Nothing was destroyed yet">
        <p>Every destruction leaves a signed certificate here.</p>
      </Empty>
    );
  }
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className="table-wrap" aria-label="Erasures" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Report</th>
              <th scope="col">Stands at</th>
              <th scope="col">Under</th>
              <th scope="col">Decided by</th>
              <th scope="col">Certificate</th>
            </tr>
          </thead>
          <tbody>
            {items.map((item) => (
              <tr key={item.id}>
                <th scope="row" className="row-name">
                  {item.reportId}
                </th>
                <td>
                  {stateWords[item.state]}{' '}
                  {item.erasedAt === undefined ? null : <Moment at={item.erasedAt} />}
                </td>
                <td>
                  {item.basis}
                  {item.ground === 'order' ? ', by order' : ''}, due <Day at={item.dueAt} />
                </td>
                <td>{item.approvedBy.map(({ name }) => name).join(', ')}</td>
                <td>
                  {item.state === 'certified' ? (
                    <a href={certificateAddress(item.reportId)} download>
                      Certificate of report {item.reportId}
                    </a>
                  ) : (
                    <span className="quiet">–</span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        <p className="small quiet table-foot">{counted(items.length, 'entry', 'entries')} in view</p>
      </section>
      {list.hasNextPage ? (
        <Button isPending={list.isFetchingNextPage} onPress={() => void list.fetchNextPage()}>
          Show 50 more
        </Button>
      ) : null}
    </>
  );
}
