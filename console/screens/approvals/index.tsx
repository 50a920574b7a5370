import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Proposal } from '#contract/control';
import { controlApi } from '../../control-api.ts';
import { useMay } from '../../session.ts';
import { useTitle } from '../../shell/title.ts';
import { Button } from '../../ui/button.tsx';
import { Segments } from '../../ui/fields.tsx';
import { Page } from '../../ui/page.tsx';
import { Empty, Loading, ProblemNote } from '../../ui/states.tsx';
import { EmergencyReviews } from './emergencies.tsx';
import { ProposalCard } from './proposal-card.tsx';
import { VoteDialog, type Voting } from './vote-dialog.tsx';
import './approvals.css';

const pageSize = 25;

/** What nobody does alone: proposals to approve, decline or withdraw, and emergency access to review. */
export function ApprovalsScreen() {
  useTitle('Approvals');
  const may = useMay();
  const [state, setState] = useState<'open' | 'ended'>('open');
  const [voting, setVoting] = useState<Voting>();
  return (
    <Page
      title="Approvals"
      intro="What takes more than one person. You approve exactly what is written; whoever asks never approves."
      actions={
        <Segments
          label="Which proposals"
          value={state}
          onChange={setState}
          options={[
            { id: 'open', label: 'Open' },
            { id: 'ended', label: 'Ended' },
          ]}
        />
      }
    >
      <section className="approvals-part" aria-labelledby="proposals-title">
        <h2 id="proposals-title">Proposals</h2>
        <Proposals state={state} onVote={setVoting} />
      </section>
      {may('emergency:read') ? <EmergencyReviews /> : null}
      <VoteDialog voting={voting} onClose={() => setVoting(undefined)} />
    </Page>
  );
}

interface ProposalsProps {
  readonly state: 'open' | 'ended';
  readonly onVote: (voting: Voting) => void;
}

function Proposals({ state, onVote }: ProposalsProps) {
  const list = useInfiniteQuery({
    queryKey: ['proposals', state],
    queryFn: ({ pageParam }) => controlApi.proposals({ state, limit: pageSize, cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    refetchInterval: 10_000,
  });
  if (list.isPending) return <Loading what="proposals" />;
  if (list.data === undefined) return <ProblemNote error={list.error} onRetry={() => void list.refetch()} />;
  const proposals: readonly Proposal[] = list.data.pages.flatMap((page) => page.items);
  if (proposals.length === 0) {
    return (
      <Empty title={state === 'open' ? 'Nothing waits for approval' : 'Nothing has ended yet'}>
        <p>
          {state === 'open'
            ? 'Proposals are made where the work is: under Retention, on a report, or with “firstlight proposal propose”.'
            : 'Approved, declined, withdrawn and expired proposals stay here.'}
        </p>
      </Empty>
    );
  }
  return (
    <>
      <ul className="proposals">
        {proposals.map((proposal) => (
          <li key={proposal.id}>
            <ProposalCard proposal={proposal} onVote={onVote} />
          </li>
        ))}
      </ul>
      {list.hasNextPage ? (
        <p className="table-foot">
          <Button isPending={list.isFetchingNextPage} onPress={() => void list.fetchNextPage()}>
            Show {pageSize} more
          </Button>
        </p>
      ) : null}
    </>
  );
}
