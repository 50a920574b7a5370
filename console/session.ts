import { type QueryClient, queryOptions, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { SessionReply } from '#contract/administration';
import { ApiProblem, api } from './api.ts';
import { setPageLock } from './lock-state.ts';
import { idleMs } from './presence.ts';

const askEveryMs = 60_000;

/** Who is signed in; `null` for nobody. Anything but "not signed in" is an error to show. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async (): Promise<SessionReply | null> => {
    try {
      // Somebody who reads on a page for long is not idle, although the page asks for nothing.
      return await api.session(idleMs() < askEveryMs);
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 5 * 60_000,
  // An open page of somebody who was signed out elsewhere or disabled gives its contents up within this time.
  refetchInterval: askEveryMs,
});

export const waysQuery = queryOptions({
  queryKey: ['ways'],
  queryFn: api.ways,
  staleTime: Number.POSITIVE_INFINITY,
});

/** What is not about a report or a person and so need not be forgotten. */
const keptKeys: readonly unknown[] = ['session', 'ways'];

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

/** Forgets everything that was read of reports and people. */
export function forgetRead(client: QueryClient): void {
  client.removeQueries({ predicate: (query) => !keptKeys.includes(query.queryKey[0]) });
}

/** Forgets everything that was read, then says that nobody is signed in. */
export function useForgetSession(): () => void {
  const client = useQueryClient();
  return useCallback(() => {
    forgetRead(client);
    client.setQueryData(sessionQuery.queryKey, null);
    setPageLock(false);
  }, [client]);
}

/** Takes a new session in, as the server answered it: everything of the one before is forgotten. */
export function useTakeSession(): (session: SessionReply) => void {
  const client = useQueryClient();
  return useCallback(
    (session) => {
      forgetRead(client);
      client.setQueryData(sessionQuery.queryKey, session);
      setPageLock(false);
    },
    [client],
  );
}
