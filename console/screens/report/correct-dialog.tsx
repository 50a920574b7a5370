import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import type { Brief } from '#contract/desk';
import { urgencyLabels } from '#contract/desk';
import { api } from '../../api.ts';
import { announce } from '../../ui/announce.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { RadioList, TextBox } from '../../ui/fields.tsx';
import { useShortcut } from '../../ui/shortcuts.ts';
import { ProblemNote } from '../../ui/states.tsx';

/** Sets the urgency that a person sees; the rules keep what they say beside it. */
export function CorrectUrgency({ brief }: { readonly brief: Brief }) {
  const [isOpen, setOpen] = useState(false);
  const isOffered = brief.can.correct && brief.urgency !== undefined;
  const open = () => setOpen(true);
  useShortcut({ keys: 'c', label: 'Correct the urgency…', group: 'In a report', run: open }, isOffered);
  if (!isOffered) return null;
  const close = () => setOpen(false);
  return (
    <>
      <Button look="plain" keys="c" onPress={open}>
        Correct…
      </Button>
      <Dialog title="Correct the urgency" isOpen={isOpen} onClose={close}>
        <CorrectForm brief={brief} onClose={close} />
      </Dialog>
    </>
  );
}

const levels = urgencyLabels.map((label, index) => ({ id: String(index + 1), label }));

function CorrectForm({ brief, onClose }: { readonly brief: Brief; readonly onClose: () => void }) {
  const client = useQueryClient();
  const [level, setLevel] = useState(String(brief.urgency ?? 4));
  const [reason, setReason] = useState('');
  const correct = useMutation({
    mutationFn: () => api.correctUrgency(brief.reportId, { urgency: Number(level), reason: reason.trim() }),
    onSuccess: async () => {
      announce('The urgency is corrected.');
      onClose();
      await client.invalidateQueries({ queryKey: ['brief', brief.reportId] });
      await client.invalidateQueries({ queryKey: ['line'] });
    },
  });
  return (
    <Form
      className="dialog-form"
      onSubmit={(event) => {
        event.preventDefault();
        correct.mutate();
      }}
    >
      <p>The report stays where you put it. What the rules say, and your reason, are kept beside it.</p>
      <RadioList label="How urgent is it?" options={levels} value={level} onChange={setLevel} />
      <TextBox
        label="Why?"
        isLong
        isRequired
        minLength={3}
        maxLength={2000}
        value={reason}
        onChange={setReason}
      />
      {correct.error === null ? null : <ProblemNote error={correct.error} />}
      <div className="dialog-buttons">
        <Button onPress={onClose}>Cancel</Button>
        <Button look="primary" type="submit" isPending={correct.isPending}>
          Correct
        </Button>
      </div>
    </Form>
  );
}
