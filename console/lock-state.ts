import { useSyncExternalStore } from 'react';

/**
 * Whether this page is locked. It locks at once and tells the bureau afterwards, so that nothing shows meanwhile, and
 * opens only when the bureau has taken a proof of who is there.
 */
let isLocked = false;
const listeners = new Set<() => void>();

export function setPageLock(locked: boolean): void {
  isLocked = locked;
  for (const listener of listeners) listener();
}

export function isPageLocked(): boolean {
  return isLocked;
}

export function usePageLock(): boolean {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, isPageLocked);
}
