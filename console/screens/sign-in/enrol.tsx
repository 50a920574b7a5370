import { useMutation, useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { registerPasskey } from '../../passkeys.ts';
import { sessionQuery, useTakeSession } from '../../session.ts';
import { useTitle } from '../../shell/title.ts';
import { PasskeyForm } from '../../ui/passkey-form.tsx';
import { SignInFrame } from './frame.tsx';

/** The first thing a person does here, and all that their link is good for. */
export function EnrolScreen() {
  useTitle('Register a passkey');
  const { data: session } = useSuspenseQuery(sessionQuery);
  const take = useTakeSession();
  const navigate = useNavigate();
  const register = useMutation({
    mutationFn: registerPasskey,
    onSuccess: (opened) => {
      take(opened);
      void navigate({ to: '/', replace: true });
    },
  });
  return (
    <SignInFrame>
      <h1>Register a passkey</h1>
      <p>
        {session === null ? null : (
          <>
            You are <strong>{session.staff.name}</strong>.{' '}
          </>
        )}
        A passkey is a security key, or the finger, face or PIN that unlocks this device. It cannot be
        guessed, copied from a letter or given away on a false page. Your finger and face stay on the device.
      </p>
      <PasskeyForm
        button="Register"
        isPending={register.isPending}
        error={register.error}
        onSubmit={(name) => register.mutate(name)}
      />
      <p className="quiet small">
        Register a second one under “Your account” afterwards, so that losing one does not keep you out.
      </p>
    </SignInFrame>
  );
}
