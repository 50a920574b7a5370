import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Form } from 'react-aria-components';
import { controlApi } from '../../control-api.ts';
import { announce } from '../../ui/announce.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextBox } from '../../ui/fields.tsx';
import { ProblemNote } from '../../ui/states.tsx';

interface ProposeProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly deed: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly children: ReactNode;
}

/** Asks for a deed that nobody does alone. */
export function ProposeDialog(props: ProposeProps) {
  return (
    <Dialog title={props.title} isOpen={props.isOpen} onClose={props.onClose}>
      <ProposeForm {...props} />
    </Dialog>
  );
}

function ProposeForm({ deed, input, onClose, children }: ProposeProps) {
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const propose = useMutation({
    mutationFn: () => controlApi.propose({ deed, input: { ...input }, reason: reason.trim() }),
    onSuccess: () => {
      onClose();
      announce('Proposed. A colleague approves it under Approvals.');
      return client.invalidateQueries();
    },
  });
  return (
    <Form
      className="dialog-form"
      onSubmit={(event) => {
        event.preventDefault();
        propose.mutate();
      }}
    >
      {children}
      <TextBox
        label="Why?"
        hint="Whoever approves reads this. Name no person."
        isLong
        isRequired
        autoFocus
        minLength={3}
        maxLength={500}
        value={reason}
        onChange={setReason}
      />
      {propose.error === null ? null : <ProblemNote error={propose.error} />}
      <div className="dialog-buttons">
        <Button onPress={onClose}>Cancel</Button>
        <Button look="primary" type="submit" isPending={propose.isPending}>
          Propose
        </Button>
      </div>
    </Form>
  );
}
