import { useState } from 'react';
import { Form } from 'react-aria-components';
import { Button } from './button.tsx';
import { TextBox } from './fields.tsx';
import { ProblemNote } from './states.tsx';

interface FormProps {
  readonly button: string;
  readonly initialName?: string;
  readonly isPending: boolean;
  readonly error: unknown;
  readonly onSubmit: (name: string) => void;
  readonly onClose?: () => void;
}

/** A name for a passkey, by which its person tells it apart from their others. */
export function PasskeyForm({ button, initialName, isPending, error, onSubmit, onClose }: FormProps) {
  const [name, setName] = useState(initialName ?? '');
  return (
    <Form
      className="dialog-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isPending) onSubmit(name.trim());
      }}
    >
      <TextBox
        label="What you call this passkey"
        hint="For example “Laptop” or “Blue key in the drawer”."
        isRequired
        autoFocus
        maxLength={60}
        value={name}
        onChange={setName}
      />
      {error === null || error === undefined ? null : <ProblemNote error={error} />}
      <div className="dialog-buttons">
        {onClose === undefined ? null : <Button onPress={onClose}>Cancel</Button>}
        <Button look="primary" type="submit" isPending={isPending}>
          {isPending ? 'One moment…' : button}
        </Button>
      </div>
    </Form>
  );
}
