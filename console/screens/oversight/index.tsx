import { useState } from 'react';
import { useTitle } from '../../shell/title.ts';
import { Segments } from '../../ui/fields.tsx';
import { Page } from '../../ui/page.tsx';
import { zoneName } from '../../ui/time.tsx';
import { LookUps } from './look-ups.tsx';
import { Samples } from './samples.tsx';
import { UnusualNumbers } from './unusual.tsx';
import { WatchList } from './watch-list.tsx';
import './oversight.css';

type Part = 'look-ups' | 'numbers' | 'samples' | 'watch-list';

/** For the auditor: who opened what, and whether they had to. Never what was reported. */
export function OversightScreen() {
  useTitle('Oversight');
  const [part, setPart] = useState<Part>('look-ups');
  return (
    <Page
      title="Oversight"
      intro={`Who opened which report, when and why, without what was reported. Times in ${zoneName}.`}
      actions={
        <Segments
          label="What to look at"
          value={part}
          onChange={setPart}
          options={[
            { id: 'look-ups', label: 'Look-ups' },
            { id: 'numbers', label: 'Unusual numbers' },
            { id: 'samples', label: 'Samples' },
            { id: 'watch-list', label: 'Watch-list' },
          ]}
        />
      }
    >
      {part === 'look-ups' ? <LookUps /> : null}
      {part === 'numbers' ? <UnusualNumbers /> : null}
      {part === 'samples' ? <Samples /> : null}
      {part === 'watch-list' ? <WatchList /> : null}
    </Page>
  );
}
