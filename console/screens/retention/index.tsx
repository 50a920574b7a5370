import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { RetentionReply } from '#contract/retention';
import { controlApi } from '../../control-api.ts';
import { useTitle } from '../../shell/title.ts';
import { Segments } from '../../ui/fields.tsx';
import { Page } from '../../ui/page.tsx';
import { Raw } from '../../ui/raw-text.tsx';
import { Loading, ProblemNote } from '../../ui/states.tsx';
import { Day } from '../../ui/time.tsx';
import { counted } from '../../ui/words.ts';
import { DueReports } from './due.tsx';
import { Erasures } from './erasures.tsx';
import { Holds } from './holds.tsx';

type Part = 'due' | 'holds' | 'erasures' | 'schedules';

/** How long reports are kept, what is held, what is due, and what was destroyed. */
export function RetentionScreen() {
  useTitle('Retention');
  const [part, setPart] = useState<Part>('due');
  const overview = useQuery({ queryKey: ['retention'], queryFn: controlApi.retention });
  return (
    <Page
      title="Retention"
      intro="Content goes when its term is over; number, reference and counts stay. Two people decide, and a hold beats every term."
      actions={
        <Segments
          label="What to look at"
          value={part}
          onChange={setPart}
          options={[
            { id: 'due', label: 'Due' },
            { id: 'holds', label: 'Holds' },
            { id: 'erasures', label: 'Destroyed' },
            { id: 'schedules', label: 'Schedules' },
          ]}
        />
      }
    >
      {overview.isPending ? (
        <Loading what="retention" />
      ) : overview.isError ? (
        <ProblemNote error={overview.error} onRetry={() => void overview.refetch()} />
      ) : (
        <>
          <p className="table-foot">{dueSentence(overview.data)}</p>
          {part === 'due' ? <DueReports /> : null}
          {part === 'holds' ? <Holds /> : null}
          {part === 'erasures' ? <Erasures /> : null}
          {part === 'schedules' ? <Schedules schedules={overview.data.schedules} /> : null}
        </>
      )}
    </Page>
  );
}

function dueSentence({ due, erasures }: RetentionReply): string {
  const more = due.due >= due.mostCounted ? 'More than ' : '';
  return (
    `${more}${counted(due.due, 'report is', 'reports are')} past the term: ${due.ready} ready, ${due.held} held, ` +
    `${due.undecided} undecided. ${erasures.certified} destroyed with a certificate, ${erasures.approved + erasures.erased} under way.`
  );
}

function Schedules({ schedules }: { readonly schedules: RetentionReply['schedules'] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="table-wrap" aria-label="Schedules" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Profile</th>
            <th scope="col">Basis</th>
            <th scope="col" className="number">
              Content
            </th>
            <th scope="col" className="number">
              Reference
            </th>
            <th scope="col">When due</th>
            <th scope="col">Since</th>
          </tr>
        </thead>
        <tbody>
          {schedules.map((row) => (
            <tr key={`${row.profile} ${row.version}`} className={row.isCurrent ? '' : 'quiet'}>
              <th scope="row" className="row-name">
                {row.profile} {row.version}
                {row.isCurrent ? '' : ' (replaced)'}
              </th>
              <td>
                <strong>
                  <Raw text={row.basis} />
                </strong>
                <br />
                <span className="small quiet">
                  <Raw text={row.source} />
                </span>
              </td>
              <td className="number">{row.contentMonths} months</td>
              <td className="number">{row.referenceMonths} months</td>
              <td>{row.isStanding ? 'Destroyed without asking again' : 'Proposed to two people'}</td>
              <td>
                <Day at={row.since} />, <Raw text={row.setBy} isWhole />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="small quiet table-foot">
        A schedule is changed by two people: firstlight proposal propose change-retention.
      </p>
    </section>
  );
}
