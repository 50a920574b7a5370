import { queryOptions, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { SessionReply } from '#contract/administration';
import { ApiProblem, api } from './api.ts';

/** Who is signed in; `null` for nobody. Anything but "not signed in" is an error to show. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async (): Promise<SessionReply | null> => {
    try {
      return await api.session();
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 5 * 60_000,
  // An open page of somebody who was signed out elsewhere or disabled gives its contents up within this time.
  refetchInterval: 60_000,
});

/** The session of a screen inside the shell, which shows screens only to people who are signed in. */
export function useSession(): SessionReply {
  const { data } = useSuspenseQuery(sessionQuery);
  if (data === null) throw new ApiProblem(401, { title: 'You are not signed in' });
  return data;
}

export function useMay(): (permission: string) => boolean {
  const { permissions } = useSession();
  return useCallback((permission) => permissions.includes(permission), [permissions]);
}

/** Forgets everything that was read, then says that nobody is signed in. */
export function useForgetSession(): () => void {
  const client = useQueryClient();
  return useCallback(() => {
    client.removeQueries({ predicate: (query) => query.queryKey[0] !== 'session' });
    client.setQueryData(sessionQuery.queryKey, null);
  }, [client]);
}
