import { type UseMutationResult, useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { SignOutReply } from '#contract/sign-in';
import { api } from '../api.ts';
import { useForgetSession } from '../session.ts';

/** Ends the session, here whatever the bureau answers; whoever came by their agency is signed out there as well. */
export function useSignOut(): UseMutationResult<SignOutReply, Error, void> {
  const forget = useForgetSession();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: api.signOut,
    onSettled: (reply) => {
      forget();
      if (reply?.agencySignOut === undefined) void navigate({ to: '/sign-in' });
      else location.assign(reply.agencySignOut);
    },
  });
}
