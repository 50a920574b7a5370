import { useState } from 'react';
import { Form } from 'react-aria-components';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextBox } from '../../ui/fields.tsx';
import { ProblemNote } from '../../ui/states.tsx';
import { useDeed } from './use-deed.ts';

interface ReopenProps {
  readonly isOpen: boolean;
  readonly reportId: string;
  readonly onClose: () => void;
}

export function ReopenDialog({ isOpen, reportId, onClose }: ReopenProps) {
  return (
    <Dialog title="Reopen this report" isOpen={isOpen} onClose={onClose}>
      <ReopenForm reportId={reportId} onClose={onClose} />
    </Dialog>
  );
}

function ReopenForm({ reportId, onClose }: Omit<ReopenProps, 'isOpen'>) {
  const deed = useDeed(reportId);
  const [reason, setReason] = useState('');
  return (
    <Form
      className="dialog-form"
      onSubmit={(event) => {
        event.preventDefault();
        deed.mutate({ name: 'reopen', reason: reason.trim() }, { onSuccess: onClose });
      }}
    >
      <p>It goes back into the line with its decision kept in the history.</p>
      <TextBox
        label="Why is it reopened?"
        isLong
        isRequired
        autoFocus
        minLength={3}
        maxLength={2000}
        value={reason}
        onChange={setReason}
      />
      {deed.error === null ? null : <ProblemNote error={deed.error} />}
      <div className="dialog-buttons">
        <Button onPress={onClose}>Cancel</Button>
        <Button look="primary" type="submit" isPending={deed.isPending}>
          Reopen
        </Button>
      </div>
    </Form>
  );
}
