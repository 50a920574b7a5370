import { useSession } from '../../session.ts';
import { useTitle } from '../../shell/title.ts';
import { useLock } from '../../shell/use-lock.ts';
import { Button } from '../../ui/button.tsx';
import { Page } from '../../ui/page.tsx';
import { plainWords, sentenceCase } from '../../ui/words.ts';
import { PasskeyPart } from './passkeys.tsx';
import { SessionPart } from './sessions.tsx';
import './account.css';

/** One's own ways in, and where one is signed in. */
export function AccountScreen() {
  useTitle('Your account');
  const { staff } = useSession();
  const lock = useLock();
  const roles = staff.roles.map((role) => sentenceCase(plainWords(role))).join(', ');
  return (
    <Page
      title="Your account"
      intro={`${staff.name} · ${roles}`}
      actions={
        <Button onPress={lock} label="Lock the screen">
          Lock the screen
        </Button>
      }
    >
      <PasskeyPart />
      <SessionPart />
    </Page>
  );
}
