import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { ProblemNote } from './states.tsx';

interface ConfirmProps {
  readonly title: string;
  readonly button: string;
  readonly isOpen: boolean;
  readonly isPending: boolean;
  readonly error: unknown;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly isGrave?: boolean;
}

/** Asks before something that others will notice. Focus starts on Cancel. */
export function Confirm(props: ConfirmProps) {
  return (
    <Dialog title={props.title} isOpen={props.isOpen} onClose={props.onClose}>
      <div>{props.children}</div>
      {props.error === null || props.error === undefined ? null : <ProblemNote error={props.error} />}
      <div className="dialog-buttons">
        <Button onPress={props.onClose} autoFocus>
          Cancel
        </Button>
        <Button
          look={props.isGrave === true ? 'grave' : 'primary'}
          isPending={props.isPending}
          onPress={props.onConfirm}
        >
          {props.button}
        </Button>
      </div>
    </Dialog>
  );
}
