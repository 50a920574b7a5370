import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import { controlApi } from '../../control-api.ts';
import { announce } from '../../ui/announce.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { RadioList, TextBox } from '../../ui/fields.tsx';
import { ProblemNote } from '../../ui/states.tsx';

interface HoldProps {
  readonly reportId: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

export function HoldDialog(props: HoldProps) {
  return (
    <Dialog title={`Legal hold on report ${props.reportId}`} isOpen={props.isOpen} onClose={props.onClose}>
      <HoldForm {...props} />
    </Dialog>
  );
}

const reviews = [
  { id: '3', label: 'In three months' },
  { id: '6', label: 'In six months' },
  { id: '12', label: 'In a year' },
] as const;
type Months = (typeof reviews)[number]['id'];

function HoldForm({ reportId, onClose }: Omit<HoldProps, 'isOpen'>) {
  const client = useQueryClient();
  const [caseReference, setCase] = useState('');
  const [reason, setReason] = useState('');
  const [months, setMonths] = useState<Months>('6');
  const place = useMutation({
    mutationFn: () => {
      const review = new Date();
      review.setMonth(review.getMonth() + Number(months));
      const body = {
        caseReference: caseReference.trim(),
        reason: reason.trim(),
        reviewAt: review.toISOString(),
      };
      return controlApi.placeHold(reportId, body);
    },
    onSuccess: () => {
      onClose();
      announce('The hold stands. Nothing of this report is destroyed.');
      return client.invalidateQueries({ queryKey: ['keeping', reportId] });
    },
  });
  return (
    <Form
      className="dialog-form"
      onSubmit={(event) => {
        event.preventDefault();
        place.mutate();
      }}
    >
      <p>
        Nothing of this report is destroyed while it stands, whatever is due. Lifting it takes two people.
      </p>
      <TextBox
        label="Case reference"
        isRequired
        autoFocus
        maxLength={100}
        value={caseReference}
        onChange={setCase}
      />
      <TextBox
        label="Why?"
        hint="Name no person."
        isRequired
        minLength={3}
        maxLength={500}
        value={reason}
        onChange={setReason}
      />
      <RadioList label="When is it looked at again?" options={reviews} value={months} onChange={setMonths} />
      {place.error === null ? null : <ProblemNote error={place.error} />}
      <div className="dialog-buttons">
        <Button onPress={onClose}>Cancel</Button>
        <Button look="primary" type="submit" isPending={place.isPending}>
          Place the hold
        </Button>
      </div>
    </Form>
  );
}
