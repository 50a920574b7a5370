import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useLocation, useNavigate, useSearch } from '@tanstack/react-router';
import { ApiProblem, api } from '../../api.ts';
import { sessionQuery } from '../../session.ts';
import { BrandMark, DemonstrationBand } from '../../shell/brand.tsx';
import { useTitle } from '../../shell/title.ts';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy.tsx';
import { ProblemNote } from '../../ui/states.tsx';
import { useDemonstration } from './demonstration.ts';
import './sign-in.css';

/** How long a token may be, as the contract's `SignInBody` says. */
const tokenForm = /^[A-Za-z0-9._~-]{20,200}$/;

/** A one-time link is spent only by the press of the one button, never by opening the page. */
export function SignInScreen() {
  useTitle('Sign in');
  const token = useLocation({ select: (location) => location.hash });
  const isDemonstration = useDemonstration();
  return (
    <div className="frame">
      {isDemonstration ? <DemonstrationBand /> : null}
      <main className="sign-in" id="main" tabIndex={-1}>
        <p className="sign-in-brand">
          <BrandMark />
          Firstlight
        </p>
        {tokenForm.test(token) ? (
          <WithToken key={token} token={token} />
        ) : (
          <WithoutToken isCut={token !== ''} />
        )}
      </main>
    </div>
  );
}

function WithToken({ token }: { readonly token: string }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const signIn = useMutation({
    mutationFn: () => api.signIn({ token }),
    onSuccess: (session) => {
      client.setQueryData(sessionQuery.queryKey, session);
      void navigate({ to: '/', replace: true });
    },
  });
  if (isSpent(signIn.error)) return <SpentLink />;
  return (
    <>
      <h1>Sign in to the bureau</h1>
      <p>
        This link signs in the person it was made for, once. What you read and do from here on is recorded
        under that person’s name. If that is not you, close this page.
      </p>
      {signIn.error === null ? null : <ProblemNote error={signIn.error} />}
      <Button
        look="primary"
        size="large"
        autoFocus
        isPending={signIn.isPending}
        onPress={() => signIn.mutate()}
      >
        {signIn.isPending ? 'Signing in…' : 'Sign in'}
      </Button>
    </>
  );
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
      <p>
        {ended === 'yes'
          ? 'To go on, sign in again.'
          : 'Staff sign in with a one-time link. There are no passwords.'}
      </p>
      <HowToGetLink />
    </>
  );
}

const linkCommand = 'npm run -s firstlight -- staff link NAME';

function HowToGetLink() {
  return (
    <section className="sign-in-how">
      <h2>How to get a link</h2>
      <p>An administrator makes one for you on the Staff screen, or on the bureau’s own machine with</p>
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
