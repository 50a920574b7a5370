import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import type { Proposal } from '#contract/control';
import { controlApi } from '../../control-api.ts';
import { announce } from '../../ui/announce.tsx';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextBox } from '../../ui/fields.tsx';
import { Raw } from '../../ui/raw-text.tsx';
import { ProblemNote } from '../../ui/states.tsx';
import { plainWords } from '../../ui/words.ts';

export interface Voting {
  readonly kind: 'approve' | 'decline' | 'withdraw';
  readonly proposal: Proposal;
}

interface VoteProps {
  readonly voting: Voting | undefined;
  readonly onClose: () => void;
}

/** Asks once more: the last approval does it at once, and it cannot be taken back. */
export function VoteDialog({ voting, onClose }: VoteProps) {
  const client = useQueryClient();
  const done = async (said: string) => {
    onClose();
    announce(said);
    await client.invalidateQueries();
  };
  const approve = useMutation({
    mutationFn: (proposal: Proposal) => controlApi.approve(proposal),
    onSuccess: (after) =>
      done(after.state === 'done' ? 'Approved, and done.' : 'Approved. More people have to agree.'),
  });
  const withdraw = useMutation({
    mutationFn: (proposal: Proposal) => controlApi.withdraw(proposal),
    onSuccess: () => done('Withdrawn.'),
  });
  const isGrave = /^(destroy|break)/.test(voting?.proposal.deed ?? '');
  const isLast = voting?.proposal.needed === 1;
  return (
    <>
      <Confirm
        title={`Approve: ${plainWords(voting?.proposal.deed ?? '')}`}
        button="Approve"
        isOpen={voting?.kind === 'approve'}
        isPending={approve.isPending}
        error={approve.error}
        isGrave={isGrave}
        onClose={onClose}
        onConfirm={() => {
          if (voting !== undefined) approve.mutate(voting.proposal);
        }}
      >
        <p>
          <Raw text={voting?.proposal.sentence ?? ''} />
        </p>
        <p>
          {isLast
            ? 'Yours is the last approval: it happens at once, and your name stands beside it.'
            : 'Your name stands beside it. It happens when the others have agreed.'}
        </p>
      </Confirm>
      <Confirm
        title={`Withdraw: ${plainWords(voting?.proposal.deed ?? '')}`}
        button="Withdraw"
        isOpen={voting?.kind === 'withdraw'}
        isPending={withdraw.isPending}
        error={withdraw.error}
        onClose={onClose}
        onConfirm={() => {
          if (voting !== undefined) withdraw.mutate(voting.proposal);
        }}
      >
        <p>Nothing happens then. It can be asked for anew.</p>
      </Confirm>
      <Dialog title="Decline" isOpen={voting?.kind === 'decline'} onClose={onClose}>
        {voting === undefined ? null : (
          <DeclineForm proposal={voting.proposal} onClose={onClose} onDone={() => done('Declined.')} />
        )}
      </Dialog>
    </>
  );
}

interface DeclineProps {
  readonly proposal: Proposal;
  readonly onClose: () => void;
  readonly onDone: () => Promise<void>;
}

function DeclineForm({ proposal, onClose, onDone }: DeclineProps) {
  const [note, setNote] = useState('');
  const decline = useMutation({
    mutationFn: () => controlApi.decline(proposal, note.trim()),
    onSuccess: onDone,
  });
  return (
    <Form
      className="dialog-form"
      onSubmit={(event) => {
        event.preventDefault();
        decline.mutate();
      }}
    >
      <p>One no ends it, whoever else agreed.</p>
      <TextBox
        label="Why not?"
        isLong
        isRequired
        autoFocus
        minLength={3}
        maxLength={500}
        value={note}
        onChange={setNote}
      />
      {decline.error === null ? null : <ProblemNote error={decline.error} />}
      <div className="dialog-buttons">
        <Button onPress={onClose}>Cancel</Button>
        <Button look="primary" type="submit" isPending={decline.isPending}>
          Decline
        </Button>
      </div>
    </Form>
  );
}
