import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect } from 'react';
import type { SessionReply } from '#contract/administration';
import { ApiProblem, api } from '../api.ts';
import { isPageLocked, setPageLock, usePageLock } from '../lock-state.ts';
import { idleMs } from '../presence.ts';
import { forgetRead, sessionQuery } from '../session.ts';

/** Locks this page and the session. */
export function useLock(): () => void {
  const client = useQueryClient();
  return useCallback(() => {
    setPageLock(true);
    forgetRead(client);
    // The bureau locks the session by itself when it hears nothing more.
    api.lock().catch(() => undefined);
  }, [client]);
}

/** Takes the answer to a proof in and shows the page again. */
export function useUnlock(): (session: SessionReply) => void {
  const client = useQueryClient();
  return useCallback(
    (session) => {
      client.setQueryData(sessionQuery.queryKey, session);
      setPageLock(false);
    },
    [client],
  );
}

const lookEveryMs = 5_000;

/** Whether nothing may show: locked here, or by the bureau. Locks after the idle time, and when any call says so. */
export function useLockState(session: SessionReply): boolean {
  const client = useQueryClient();
  const lock = useLock();
  const isHere = usePageLock();
  const isLocked = isHere || session.state === 'locked';
  const idleLimitMs = session.idleMinutes * 60_000;
  useEffect(() => {
    if (isLocked) return;
    const timer = setInterval(() => {
      if (idleMs() >= idleLimitMs) lock();
    }, lookEveryMs);
    return () => clearInterval(timer);
  }, [isLocked, idleLimitMs, lock]);
  useEffect(() => {
    const says = (error: unknown) =>
      error instanceof ApiProblem && error.problem.code === 'access.session-locked' && !isPageLocked();
    const stopQueries = client.getQueryCache().subscribe((event) => {
      if (event.type === 'updated' && says(event.query.state.error)) setPageLock(true);
    });
    const stopMutations = client.getMutationCache().subscribe((event) => {
      if (event.type === 'updated' && says(event.mutation.state.error)) setPageLock(true);
    });
    return () => {
      stopQueries();
      stopMutations();
    };
  }, [client]);
  return isLocked;
}
