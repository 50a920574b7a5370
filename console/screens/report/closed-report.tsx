import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import { controlApi } from '../../control-api.ts';
import { announce } from '../../ui/announce.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextBox } from '../../ui/fields.tsx';
import { Empty, ProblemNote } from '../../ui/states.tsx';

/** For whose role does not open reports: what to do, and what to do when a child cannot wait. */
export function ClosedReport({ reportId }: { readonly reportId: string }) {
  const [isAsking, setAsking] = useState(false);
  return (
    <div className="report">
      <Empty title="Your role sees the line, not what was reported">
        <p>Ask a supervisor if your work needs this report.</p>
        <p>
          Where it cannot wait, you may open it for an hour. Supervisors are told at once, everything you do
          is recorded, and one of them reviews it within a day.
        </p>
        <p>
          <Button look="grave" onPress={() => setAsking(true)}>
            Emergency access…
          </Button>
        </p>
      </Empty>
      <Dialog
        title={`Emergency access to report ${reportId}`}
        isOpen={isAsking}
        onClose={() => setAsking(false)}
      >
        <EmergencyForm reportId={reportId} onClose={() => setAsking(false)} />
      </Dialog>
    </div>
  );
}

function EmergencyForm({ reportId, onClose }: { readonly reportId: string; readonly onClose: () => void }) {
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const take = useMutation({
    mutationFn: () => controlApi.takeEmergency({ reportId, reason: reason.trim() }),
    onSuccess: async () => {
      onClose();
      announce('The report is open to you. Supervisors have been told.');
      await client.invalidateQueries({ queryKey: ['notices'] });
    },
  });
  return (
    <Form
      className="dialog-form"
      onSubmit={(event) => {
        event.preventDefault();
        take.mutate();
      }}
    >
      <p>Opens this one report to you, for reading. It works without any other service.</p>
      <TextBox
        label="What is the emergency?"
        hint="At least ten letters. Name no person."
        isLong
        isRequired
        autoFocus
        minLength={10}
        maxLength={500}
        value={reason}
        onChange={setReason}
      />
      {take.error === null ? null : <ProblemNote error={take.error} />}
      <div className="dialog-buttons">
        <Button onPress={onClose}>Cancel</Button>
        <Button look="grave" type="submit" isPending={take.isPending}>
          Open it in an emergency
        </Button>
      </div>
    </Form>
  );
}
