import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import type { AgencyBody } from '#contract/sign-in';
import { takeTrip } from '../../agency.ts';
import { api } from '../../api.ts';
import { useTakeSession } from '../../session.ts';
import { useTitle } from '../../shell/title.ts';
import { ProblemNote } from '../../ui/states.tsx';
import { SignInFrame } from './frame.tsx';

/** Where the agency sends the browser back to: hands over what it brought, once, and takes it out of the address. */
export function AgencyReturnScreen() {
  useTitle('Signing in');
  const take = useTakeSession();
  const navigate = useNavigate();
  const hasStarted = useRef(false);
  const arrive = useMutation({
    mutationFn: async () => {
      const brought = broughtBack(location.search);
      history.replaceState(null, '', location.pathname);
      const trip = takeTrip();
      return { from: trip.from, session: await api.backFromAgency(trip.errand, brought) };
    },
    onSuccess: ({ from, session }) => {
      take(session);
      void navigate({ to: from, replace: true });
    },
  });
  const start = arrive.mutate;
  useEffect(() => {
    if (hasStarted.current) return;
    hasStarted.current = true;
    start();
  }, [start]);
  return (
    <SignInFrame>
      {arrive.error === null ? (
        <p role="status">Signing in…</p>
      ) : (
        <>
          <h1>That did not sign you in</h1>
          <ProblemNote error={arrive.error} />
          <Link to="/sign-in" className="button primary large">
            Back to signing in
          </Link>
        </>
      )}
    </SignInFrame>
  );
}

function broughtBack(search: string): AgencyBody {
  const given = new URLSearchParams(search);
  const optional = (['code', 'iss', 'error'] as const).flatMap((name) => {
    const value = given.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return { state: given.get('state') ?? '', ...Object.fromEntries(optional) };
}
