import type { SignInLinkReply } from '#contract/administration';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Moment } from '../../ui/time.tsx';

interface LinkProps {
  readonly link: SignInLinkReply | undefined;
  readonly onClose: () => void;
}

export function LinkDialog({ link, onClose }: LinkProps) {
  return (
    <Dialog title="Sign-in link, shown once" isOpen={link !== undefined} onClose={onClose} isKept>
      {link === undefined ? null : (
        <>
          <p>
            Give it to the person through a safe channel. It works once, until <Moment at={link.expiresAt} />.
          </p>
          <div className="secret">
            <code>{link.signInLink}</code>
            <div>
              <CopyButton text={link.signInLink} what="sign-in link" />
            </div>
          </div>
          <div className="dialog-buttons">
            <Button look="primary" onPress={onClose}>
              Done
            </Button>
          </div>
        </>
      )}
    </Dialog>
  );
}
