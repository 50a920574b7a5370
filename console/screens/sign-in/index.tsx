import { useMutation, useSuspenseQuery } from '@tanstack/react-query';
import { useLocation, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { SessionReply } from '#contract/administration';
import { leaveForAgency } from '../../agency.ts';
import { ApiProblem, api } from '../../api.ts';
import { signInByPasskey } from '../../passkeys.ts';
import { useTakeSession, waysQuery } from '../../session.ts';
import { useTitle } from '../../shell/title.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy.tsx';
import { ProblemNote } from '../../ui/states.tsx';
import { EmergencySignIn } from './emergency.tsx';
import { SignInFrame } from './frame.tsx';

/** How long a token may be, as the contract's `SignInBody` says. */
const tokenForm = /^[A-Za-z0-9._~-]{20,200}$/;

/** A one-time link is spent only by the press of the one button, never by opening the page. */
export function SignInScreen() {
  useTitle('Sign in');
  const token = useLocation({ select: (location) => location.hash });
  return (
    <SignInFrame>
      {tokenForm.test(token) ? (
        <WithToken key={token} token={token} />
      ) : (
        <WithoutToken isCut={token !== ''} />
      )}
    </SignInFrame>
  );
}

/** Goes in with a new session: to the line, or to registering a passkey where that is all it is good for. */
function useArrival(): (session: SessionReply) => void {
  const take = useTakeSession();
  const navigate = useNavigate();
  return (session) => {
    take(session);
    void navigate({ to: session.state === 'enrolling' ? '/enrol' : '/', replace: true });
  };
}

function WithToken({ token }: { readonly token: string }) {
  const { data: ways } = useSuspenseQuery(waysQuery);
  const signIn = useMutation({ mutationFn: () => api.signIn({ token }), onSuccess: useArrival() });
  // Passkeys belong to a name: the link is carried there before it is spent.
  const elsewhere = ways.linksSignIn ? undefined : otherOrigin(ways.passkeyOrigin);
  useEffect(() => {
    if (elsewhere !== undefined) location.replace(`${elsewhere}/sign-in#${token}`);
  }, [elsewhere, token]);
  if (elsewhere !== undefined) return <p role="status">One moment…</p>;
  if (isSpent(signIn.error)) return <SpentLink />;
  return (
    <>
      <h1>{ways.linksSignIn ? 'Sign in to the bureau' : 'Welcome to the bureau'}</h1>
      <p>
        {ways.linksSignIn
          ? 'This link signs in the person it was made for, once. What you read and do from here on is recorded under that person’s name. If that is not you, close this page.'
          : 'This link lets the person it was made for register a passkey, once. From then on the passkey signs you in. If the link was not made for you, close this page.'}
      </p>
      {signIn.error === null ? null : <ProblemNote error={signIn.error} />}
      <Button
        look="primary"
        size="large"
        autoFocus
        isPending={signIn.isPending}
        onPress={() => signIn.mutate()}
      >
        {signIn.isPending ? 'One moment…' : ways.linksSignIn ? 'Sign in' : 'Go on to your passkey'}
      </Button>
    </>
  );
}

function otherOrigin(origin: string | undefined): string | undefined {
  return origin === undefined || origin === location.origin ? undefined : origin;
}

/** The server answers a link that was used, has run out or never was in one and the same way. */
function isSpent(error: unknown): boolean {
  return error instanceof ApiProblem && [400, 401, 403, 404, 409, 410, 422].includes(error.status);
}

function SpentLink() {
  return (
    <>
      <h1>This link no longer works</h1>
      <p role="alert">
        A sign-in link works once and for 24 hours. This one was used, has run out, or was replaced by a newer
        one.
      </p>
      <HowToGetLink />
    </>
  );
}

function WithoutToken({ isCut }: { readonly isCut: boolean }) {
  const { ended } = useSearch({ from: '/sign-in' });
  return (
    <>
      <h1>{ended === 'yes' ? 'Your session has ended' : 'Sign in'}</h1>
      {isCut ? (
        <p role="alert">The address is not complete: the part after # was cut off. Copy the whole link.</p>
      ) : null}
      {ended === 'yes' ? <p>To go on, sign in again.</p> : null}
      <WaysIn />
      <EmergencySignIn onSignedIn={useArrival()} />
      <HowToGetLink />
    </>
  );
}

function WaysIn() {
  const { data: ways } = useSuspenseQuery(waysQuery);
  const byPasskey = useMutation({ mutationFn: signInByPasskey, onSuccess: useArrival() });
  const byAgency = useMutation({ mutationFn: () => leaveForAgency('sign-in') });
  const elsewhere = otherOrigin(ways.passkeyOrigin);
  const hasPasskeys = ways.passkeyOrigin !== undefined;
  const error = byPasskey.error ?? byAgency.error;
  return (
    <>
      {error === null ? null : <ProblemNote error={error} />}
      <div className="sign-in-ways">
        {hasPasskeys ? (
          <Button
            look="primary"
            size="large"
            autoFocus
            isPending={byPasskey.isPending}
            onPress={() =>
              elsewhere === undefined ? byPasskey.mutate() : location.assign(`${elsewhere}/sign-in`)
            }
          >
            {byPasskey.isPending ? 'Waiting for your passkey…' : 'Sign in with a passkey'}
          </Button>
        ) : null}
        {ways.agencySignIn === undefined ? null : (
          <Button
            size="large"
            look={hasPasskeys ? undefined : 'primary'}
            autoFocus={!hasPasskeys}
            isPending={byAgency.isPending}
            onPress={() => byAgency.mutate()}
          >
            Sign in with {ways.agencySignIn}
          </Button>
        )}
      </div>
      <p className="quiet small">
        {hasPasskeys
          ? 'A passkey is a security key, or the finger, face or PIN that unlocks your device. There are no passwords.'
          : 'Passkeys do not work at this address, which has no name or no https. There are no passwords.'}
      </p>
    </>
  );
}

const linkCommand = 'npm run -s firstlight -- staff link NAME';

function HowToGetLink() {
  const { data: ways } = useSuspenseQuery(waysQuery);
  return (
    <section className="sign-in-how">
      <h2>{ways.linksSignIn ? 'How to get a link' : 'New here, or lost your passkey?'}</h2>
      <p>
        {ways.linksSignIn ? 'A one-time link signs in as well. ' : 'A one-time link lets you register one. '}
        An administrator makes it for you on the Staff screen, or on the bureau’s own machine with
      </p>
      <p className="sign-in-command">
        <code>{linkCommand}</code>
        <CopyButton text={linkCommand} what="command" />
      </p>
      <p className="quiet small">
        NAME is the name you are listed under. Open the printed link in this browser.
      </p>
    </section>
  );
}
