import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import { type Role, roles, type SignInLinkReply } from '#contract/administration';
import { api } from '../../api.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { CheckList, TextBox } from '../../ui/fields.tsx';
import { ProblemNote } from '../../ui/states.tsx';
import { plainWords, sentenceCase } from '../../ui/words.ts';

interface AddProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onLinked: (reply: SignInLinkReply) => void;
}

const roleHints: Readonly<Record<Role, string>> = {
  'triage-officer': 'reads the line and reports, decides',
  grader: 'reads the line and reports',
  supervisor: 'decides, sees services, faults and the audit trail',
  'liaison-officer': 'reads the line and reports',
  analyst: 'reads the line, not the reports',
  auditor: 'sees who did what, never what was reported',
  administrator: 'manages services and staff, sees no report',
};

export function AddStaffDialog({ isOpen, onClose, onLinked }: AddProps) {
  return (
    <Dialog title="Add a person" isOpen={isOpen} onClose={onClose}>
      <AddForm onClose={onClose} onLinked={onLinked} />
    </Dialog>
  );
}

function AddForm({ onClose, onLinked }: Omit<AddProps, 'isOpen'>) {
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<Role[]>(['triage-officer']);
  const add = useMutation({ mutationFn: api.addStaff, onSuccess: onLinked });
  return (
    <Form
      className="dialog-form"
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate({ name: name.trim(), roles: chosen });
      }}
    >
      <TextBox
        label="Name, as it appears in the audit trail"
        isRequired
        autoFocus
        maxLength={100}
        value={name}
        onChange={setName}
      />
      <CheckList<Role>
        label="Roles"
        values={chosen}
        onChange={setChosen}
        options={roles.map((id) => ({ id, label: sentenceCase(plainWords(id)), hint: roleHints[id] }))}
      />
      {add.error === null ? null : <ProblemNote error={add.error} />}
      <div className="dialog-buttons">
        <Button onPress={onClose}>Cancel</Button>
        <Button look="primary" type="submit" isPending={add.isPending}>
          Add and show the link
        </Button>
      </div>
    </Form>
  );
}
