import { useQuery } from '@tanstack/react-query';
import type { UnusualNumber } from '#contract/oversight';
import { controlApi } from '../../control-api.ts';
import { Raw } from '../../ui/raw-text.tsx';
import { Empty, Loading, ProblemNote } from '../../ui/states.tsx';
import { Moment } from '../../ui/time.tsx';
import { counted } from '../../ui/words.ts';

const againstWords = {
  own: 'far above their own usual',
  others: 'far above what others open',
  floor: 'very many, and nothing to compare with yet',
} as const;

/** Hours and days in which somebody opened unusually many reports. */
export function UnusualNumbers() {
  const unusual = useQuery({ queryKey: ['unusual'], queryFn: controlApi.unusual });
  if (unusual.isPending) return <Loading what="unusual numbers" />;
  if (unusual.isError) return <ProblemNote error={unusual.error} onRetry={() => void unusual.refetch()} />;
  const { items } = unusual.data;
  if (items.length === 0) {
    return (
      <Empty title="No unusual number in four weeks">
        <p>
          An hour or a day shows here when somebody opened far more reports than they or the others usually
          do.
        </p>
      </Empty>
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="table-wrap" aria-label="Unusual numbers" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Who</th>
            <th scope="col">From</th>
            <th scope="col">Within</th>
            <th scope="col" className="number">
              Reports
            </th>
            <th scope="col" className="number">
              Own usual
            </th>
            <th scope="col" className="number">
              Others’ usual
            </th>
            <th scope="col">Why it shows</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <Row key={`${item.by.id} ${item.per} ${item.from}`} item={item} />
          ))}
        </tbody>
      </table>
      <p className="small quiet table-foot">{counted(items.length, 'hour or day', 'hours and days')}</p>
    </section>
  );
}

function Row({ item }: { readonly item: UnusualNumber }) {
  return (
    <tr>
      <th scope="row" className="row-name">
        <Raw text={item.by.name} isWhole />
      </th>
      <td className="nowrap">
        <Moment at={item.from} />
      </td>
      <td>one {item.per}</td>
      <td className="number">{item.reports}</td>
      <td className="number">{item.ownMedian ?? '–'}</td>
      <td className="number">{item.othersMedian ?? '–'}</td>
      <td>{item.against.map((one) => againstWords[one]).join(', ')}</td>
    </tr>
  );
}
