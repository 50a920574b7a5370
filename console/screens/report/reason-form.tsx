import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import { ApiProblem, api } from '../../api.ts';
import { Button } from '../../ui/button.tsx';
import { TextBox } from '../../ui/fields.tsx';
import { ProblemNote } from '../../ui/states.tsx';

/** Whether the bureau asks what the report is opened for: there is no open task that would say it. */
export function needsReason(error: unknown): boolean {
  return error instanceof ApiProblem && error.problem.code === 'screens.reason-needed';
}

/** Asked once an hour for a report that somebody else has or has decided. */
export function ReasonForm({ reportId }: { readonly reportId: string }) {
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const open = useMutation({
    mutationFn: () => api.brief(reportId, reason.trim()),
    onSuccess: (brief) => client.setQueryData(['brief', reportId], brief),
  });
  return (
    <div className="state">
      <h1>Why do you open report {reportId}?</h1>
      <p>Somebody else works on it or has decided it. Your reason is kept for the auditor.</p>
      <Form
        className="dialog-form"
        onSubmit={(event) => {
          event.preventDefault();
          open.mutate();
        }}
      >
        <TextBox
          label="In a few words"
          hint="Name no person."
          isRequired
          autoFocus
          minLength={3}
          maxLength={300}
          value={reason}
          onChange={setReason}
        />
        {open.error === null ? null : <ProblemNote error={open.error} />}
        <div className="dialog-buttons">
          <Button look="primary" type="submit" isPending={open.isPending}>
            Open the report
          </Button>
        </div>
      </Form>
    </div>
  );
}
