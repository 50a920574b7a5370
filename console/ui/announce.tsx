import { useSyncExternalStore } from 'react';

let message = '';
const listeners = new Set<() => void>();

/** Says something to assistive technology without moving focus. */
export function announce(text: string): void {
  // The same words twice would not be spoken again, so a no-break space makes them differ.
  message = text === message ? `${text}\u00A0` : text;
  for (const listener of listeners) listener();
}

/** Stands once in the page. */
export function Announcer() {
  const text = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => message,
  );
  return (
    <p className="visually-hidden" role="status">
      {text}
    </p>
  );
}
