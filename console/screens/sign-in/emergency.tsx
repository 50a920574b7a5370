import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import type { SessionReply } from '#contract/administration';
import { controlApi } from '../../control-api.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { TextBox } from '../../ui/fields.tsx';
import { ProblemNote } from '../../ui/states.tsx';

interface EmergencyProps {
  readonly onSignedIn: (session: SessionReply) => void;
}

/** The way in when every other one is away: a code from the sealed sheet. */
export function EmergencySignIn({ onSignedIn }: EmergencyProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <p>
      <Button look="plain" onPress={() => setOpen(true)}>
        Nothing else works? Use a printed emergency code
      </Button>
      <Dialog title="Sign in with an emergency code" isOpen={isOpen} onClose={() => setOpen(false)}>
        <CodeForm onSignedIn={onSignedIn} onClose={() => setOpen(false)} />
      </Dialog>
    </p>
  );
}

function CodeForm({ onSignedIn, onClose }: EmergencyProps & { readonly onClose: () => void }) {
  const [code, setCode] = useState('');
  const [reason, setReason] = useState('');
  const signIn = useMutation({
    mutationFn: () => controlApi.signInByCode({ code: code.trim(), reason: reason.trim() }),
    onSuccess: onSignedIn,
  });
  return (
    <Form
      className="dialog-form"
      onSubmit={(event) => {
        event.preventDefault();
        signIn.mutate();
      }}
    >
      <p>
        Each code works once. Supervisors are told at once, and everything you do is recorded and reviewed.
      </p>
      <TextBox
        label="Code"
        hint="The next unused one of the newest sheet; dashes and case do not matter."
        isRequired
        autoFocus
        minLength={20}
        maxLength={60}
        value={code}
        onChange={setCode}
      />
      <TextBox
        label="Why is it needed?"
        hint="At least ten letters."
        isRequired
        minLength={10}
        maxLength={500}
        value={reason}
        onChange={setReason}
      />
      {signIn.error === null ? null : <ProblemNote error={signIn.error} />}
      <div className="dialog-buttons">
        <Button onPress={onClose}>Cancel</Button>
        <Button look="grave" type="submit" isPending={signIn.isPending}>
          Sign in
        </Button>
      </div>
    </Form>
  );
}
