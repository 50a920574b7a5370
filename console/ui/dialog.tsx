import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';

interface DialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly isWide?: boolean;
  /** For dialogs whose content cannot be got back: closed only by their own button or Escape. */
  readonly isKept?: boolean;
}

/** Focus goes in, stays in, and returns to where it was; Escape closes. */
export function Dialog({ title, isOpen, onClose, children, isWide, isKept }: DialogProps) {
  return (
    <ModalOverlay
      className="veil"
      isOpen={isOpen}
      isDismissable={isKept !== true}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Modal className={isWide === true ? 'dialog-frame wide' : 'dialog-frame'}>
        <AriaDialog className="dialog">
          <Heading slot="title" level={2}>
            {title}
          </Heading>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
