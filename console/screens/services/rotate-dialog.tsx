import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import type { CredentialReply, ProviderItem } from '#contract/administration';
import { api } from '../../api.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { RadioList } from '../../ui/fields.tsx';
import { ProblemNote } from '../../ui/states.tsx';

interface RotateProps {
  readonly service: ProviderItem | undefined;
  readonly onClose: () => void;
  readonly onIssued: (reply: CredentialReply) => void;
}

export function RotateDialog({ service, onClose, onIssued }: RotateProps) {
  return (
    <Dialog
      title={`New password for ${service?.name ?? ''}`}
      isOpen={service !== undefined}
      onClose={onClose}
    >
      {service === undefined ? null : <RotateForm service={service} onClose={onClose} onIssued={onIssued} />}
    </Dialog>
  );
}

/** Hours for which the old password goes on working. */
const graces = [
  { id: '0', label: 'At once', hint: 'the old password leaked' },
  { id: '24', label: 'After one day' },
  { id: '168', label: 'After one week', hint: 'a calm change; the longest there is' },
] as const;

function RotateForm({ service, onClose, onIssued }: RotateProps & { readonly service: ProviderItem }) {
  const [grace, setGrace] = useState<(typeof graces)[number]['id']>('24');
  const rotate = useMutation({
    mutationFn: () => api.rotateProvider(service.id, { graceHours: Number(grace) }),
    onSuccess: onIssued,
  });
  return (
    <Form
      className="dialog-form"
      onSubmit={(event) => {
        event.preventDefault();
        rotate.mutate();
      }}
    >
      <RadioList
        label="When does the old password stop working?"
        value={grace}
        onChange={setGrace}
        options={graces}
        autoFocus
      />
      {rotate.error === null ? null : <ProblemNote error={rotate.error} />}
      <div className="dialog-buttons">
        <Button onPress={onClose}>Cancel</Button>
        <Button look="primary" type="submit" isPending={rotate.isPending}>
          Make and show it
        </Button>
      </div>
    </Form>
  );
}
