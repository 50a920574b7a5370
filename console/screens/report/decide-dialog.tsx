import { useState } from 'react';
import { Form } from 'react-aria-components';
import { type DecisionKind, informationalReasons } from '#contract/desk';
import { informationalReasonWords } from '../../report-words.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { RadioList, TextBox } from '../../ui/fields.tsx';
import { ProblemNote } from '../../ui/states.tsx';
import { decisionGuides } from './decision-kinds.ts';
import { useDeed } from './use-deed.ts';

interface DecideProps {
  readonly kind: DecisionKind | undefined;
  readonly reportId: string;
  readonly onClose: () => void;
}

/** One decision: what it means, the reason where one is due, and the button that makes it. */
export function DecideDialog({ kind, reportId, onClose }: DecideProps) {
  return (
    <Dialog
      title={kind === undefined ? '' : decisionGuides[kind].title}
      isOpen={kind !== undefined}
      onClose={onClose}
    >
      {kind === undefined ? null : <DecideForm kind={kind} reportId={reportId} onClose={onClose} />}
    </Dialog>
  );
}

function DecideForm({ kind, reportId, onClose }: DecideProps & { readonly kind: DecisionKind }) {
  const deed = useDeed(reportId);
  const guide = decisionGuides[kind];
  const [reason, setReason] = useState('');
  const decide = () => {
    const words = reason.trim();
    deed.mutate(
      { name: 'decide', body: { kind, ...(words === '' ? {} : { reason: words }) } },
      { onSuccess: onClose },
    );
  };
  return (
    <Form
      className="dialog-form"
      onSubmit={(event) => {
        event.preventDefault();
        decide();
      }}
    >
      <p>{guide.meaning}</p>
      {kind === 'informational' ? (
        <RadioList
          label={guide.reason}
          isRequired
          autoFocus
          value={reason === '' ? undefined : reason}
          onChange={setReason}
          options={informationalReasons.map((id) => ({ id, label: informationalReasonWords[id] }))}
        />
      ) : (
        <TextBox
          label={guide.isReasonRequired ? guide.reason : `${guide.reason} (optional)`}
          isLong
          autoFocus={guide.isReasonRequired}
          isRequired={guide.isReasonRequired}
          minLength={3}
          maxLength={2000}
          value={reason}
          onChange={setReason}
          hint="Kept with the report. Do not describe what files show."
        />
      )}
      {deed.error === null ? null : <ProblemNote error={deed.error} />}
      <div className="dialog-buttons">
        <Button onPress={onClose}>Cancel</Button>
        <Button look="primary" type="submit" isPending={deed.isPending} autoFocus={!guide.isReasonRequired}>
          {guide.button}
        </Button>
      </div>
    </Form>
  );
}
