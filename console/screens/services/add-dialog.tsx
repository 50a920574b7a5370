import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import type { CredentialReply } from '#contract/administration';
import type { Environment } from '#contract/shapes';
import { api } from '../../api.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { RadioList, TextBox } from '../../ui/fields.tsx';
import { ProblemNote } from '../../ui/states.tsx';

interface AddProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onIssued: (reply: CredentialReply) => void;
}

export function AddServiceDialog({ isOpen, onClose, onIssued }: AddProps) {
  return (
    <Dialog title="Add a service" isOpen={isOpen} onClose={onClose}>
      <AddForm onClose={onClose} onIssued={onIssued} />
    </Dialog>
  );
}

function AddForm({ onClose, onIssued }: Omit<AddProps, 'isOpen'>) {
  const [name, setName] = useState('');
  const [environment, setEnvironment] = useState<Environment>('sandbox');
  const add = useMutation({ mutationFn: api.addProvider, onSuccess: onIssued });
  return (
    <Form
      className="dialog-form"
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate({ name: name.trim(), environment });
      }}
    >
      <TextBox
        label="Name of the service"
        isRequired
        autoFocus
        maxLength={100}
        value={name}
        onChange={setName}
      />
      <RadioList<Environment>
        label="Environment"
        isRequired
        value={environment}
        onChange={setEnvironment}
        options={[
          { id: 'sandbox', label: 'Sandbox', hint: 'for trying out; takes invented reports' },
          {
            id: 'production',
            label: 'Production',
            hint: 'real reports, which reach the line of the officers',
          },
        ]}
      />
      {add.error === null ? null : <ProblemNote error={add.error} />}
      <div className="dialog-buttons">
        <Button onPress={onClose}>Cancel</Button>
        <Button look="primary" type="submit" isPending={add.isPending}>
          Add and show the password
        </Button>
      </div>
    </Form>
  );
}
