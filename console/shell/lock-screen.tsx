import { useMutation, useSuspenseQuery } from '@tanstack/react-query';
import { leaveForAgency } from '../agency.ts';
import { renewByPasskey } from '../passkeys.ts';
import { useSession, waysQuery } from '../session.ts';
import { Button } from '../ui/button.tsx';
import { ProblemNote } from '../ui/states.tsx';
import { BrandMark, DemonstrationBand } from './brand.tsx';
import { useTitle } from './title.ts';
import { useUnlock } from './use-lock.ts';
import { useSignOut } from './use-sign-out.ts';
import './lock-screen.css';

/** In place of everything while the session is locked: no name of a report, no number, nothing of the page behind. */
export function LockScreen() {
  useTitle('Locked');
  const { staff, bureau, hasPasskey, isFromAgency } = useSession();
  const { data: ways } = useSuspenseQuery(waysQuery);
  const unlock = useUnlock();
  const byPasskey = useMutation({ mutationFn: renewByPasskey, onSuccess: unlock });
  const byAgency = useMutation({ mutationFn: () => leaveForAgency('renewal') });
  const hasAgency = isFromAgency && ways.agencySignIn !== undefined;
  const error = byPasskey.error ?? byAgency.error;
  return (
    <div className="frame">
      {bureau.isDemonstration ? <DemonstrationBand /> : null}
      <main className="lock-screen" id="main" tabIndex={-1}>
        <p className="lock-brand">
          <BrandMark />
          Firstlight
        </p>
        <h1>Locked</h1>
        <p>
          This is the session of <strong>{staff.name}</strong>. Nothing can be read or done in it until they
          have proved who they are.
        </p>
        {error === null ? null : <ProblemNote error={error} />}
        <div className="lock-buttons">
          {hasPasskey ? (
            <Button
              look="primary"
              size="large"
              autoFocus
              isPending={byPasskey.isPending}
              onPress={() => byPasskey.mutate()}
            >
              {byPasskey.isPending ? 'Waiting for your passkey…' : 'Unlock with a passkey'}
            </Button>
          ) : null}
          {hasAgency ? (
            <Button
              size="large"
              look={hasPasskey ? undefined : 'primary'}
              autoFocus={!hasPasskey}
              isPending={byAgency.isPending}
              onPress={() => byAgency.mutate()}
            >
              Unlock with {ways.agencySignIn}
            </Button>
          ) : null}
          <SignInAnew isOnlyWay={!hasPasskey && !hasAgency} />
        </div>
        {hasPasskey || hasAgency ? null : (
          <p className="quiet">
            You have no passkey, so a new sign-in link is the way back. An administrator makes one.
          </p>
        )}
      </main>
    </div>
  );
}

function SignInAnew({ isOnlyWay }: { readonly isOnlyWay: boolean }) {
  const leave = useSignOut();
  return (
    <Button
      size="large"
      look="plain"
      autoFocus={isOnlyWay}
      isPending={leave.isPending}
      onPress={() => leave.mutate()}
    >
      Sign out
    </Button>
  );
}
