import type { Proposal } from '#contract/control';
import { Button } from '../../ui/button.tsx';
import { Raw } from '../../ui/raw-text.tsx';
import { Moment } from '../../ui/time.tsx';
import { counted, plainWords, sentenceCase } from '../../ui/words.ts';
import type { Voting } from './vote-dialog.tsx';

const stateWords = {
  open: 'Open',
  done: 'Approved and done',
  declined: 'Declined',
  withdrawn: 'Withdrawn',
  expired: 'Expired',
} as const;

interface CardProps {
  readonly proposal: Proposal;
  readonly onVote: (voting: Voting) => void;
}

/** One proposal as it is approved: what happens, why, who asked, who agreed. */
export function ProposalCard({ proposal, onVote }: CardProps) {
  const title = sentenceCase(plainWords(proposal.deed));
  return (
    <article className="proposal" aria-labelledby={`proposal-${proposal.id}`}>
      <h3 id={`proposal-${proposal.id}`}>{title}</h3>
      <p className="proposal-sentence">
        <Raw text={proposal.sentence} />
      </p>
      <dl className="proposal-facts">
        <dt>Why</dt>
        <dd>
          <Raw text={proposal.reason} />
        </dd>
        <dt>Asked by</dt>
        <dd>
          <Raw text={proposal.askedBy.name} isWhole />, <Moment at={proposal.askedAt} />
        </dd>
        {proposal.votes.map((vote) => (
          <Vote key={vote.by.id} vote={vote} />
        ))}
        <dt>State</dt>
        <dd>
          {proposal.state === 'open'
            ? `Waits for ${counted(proposal.needed, 'more person', 'more people')}, until `
            : `${stateWords[proposal.state]} `}
          <Moment
            at={proposal.state === 'open' ? proposal.expiresAt : (proposal.endedAt ?? proposal.expiresAt)}
          />
        </dd>
        <dt>Digest</dt>
        <dd>
          <code>{proposal.digest.slice(0, 16)}…</code>
        </dd>
      </dl>
      {proposal.can.vote || proposal.can.withdraw ? (
        <div className="proposal-buttons">
          {proposal.can.vote ? (
            <>
              <Button
                look="primary"
                label={`Approve: ${title}`}
                onPress={() => onVote({ kind: 'approve', proposal })}
              >
                Approve…
              </Button>
              <Button label={`Decline: ${title}`} onPress={() => onVote({ kind: 'decline', proposal })}>
                Decline…
              </Button>
            </>
          ) : null}
          {proposal.can.withdraw ? (
            <Button label={`Withdraw: ${title}`} onPress={() => onVote({ kind: 'withdraw', proposal })}>
              Withdraw…
            </Button>
          ) : null}
        </div>
      ) : null}
    </article>
  );
}

function Vote({ vote }: { readonly vote: Proposal['votes'][number] }) {
  return (
    <>
      <dt>{vote.vote === 'approve' ? 'Approved by' : 'Declined by'}</dt>
      <dd>
        <Raw text={vote.by.name} isWhole />, <Moment at={vote.at} />
        {vote.note === undefined ? null : (
          <>
            : <Raw text={vote.note} />
          </>
        )}
      </dd>
    </>
  );
}
