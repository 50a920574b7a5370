import type { CredentialReply } from '#contract/administration';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy.tsx';
import { Dialog } from '../../ui/dialog.tsx';

interface CredentialProps {
  readonly credential: CredentialReply | undefined;
  readonly onClose: () => void;
}

/** The only moment at which the password is seen; it leaves the page with this dialog. */
export function CredentialDialog({ credential, onClose }: CredentialProps) {
  return (
    <Dialog title="Password, shown once" isOpen={credential !== undefined} onClose={onClose} isKept>
      {credential === undefined ? null : (
        <>
          <p>
            Give both to the engineer of {credential.name} ({credential.environment}) through a safe channel.
            The bureau keeps only a hash: a lost password is replaced, not found again.
          </p>
          <div className="secret">
            <p className="secret-line">
              <span>
                User name <code>{credential.username}</code>
              </span>
              <CopyButton text={credential.username} what="user name" />
            </p>
            <p className="secret-line">
              <span>
                Password <code>{credential.password}</code>
              </span>
              <CopyButton text={credential.password} what="password" />
            </p>
          </div>
          <div className="dialog-buttons">
            <Button look="primary" onPress={onClose}>
              I have kept it
            </Button>
          </div>
        </>
      )}
    </Dialog>
  );
}
