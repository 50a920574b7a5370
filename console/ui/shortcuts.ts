import { useEffect, useRef } from 'react';
import { currentSettings } from './settings.ts';

/** One shortcut: a single key (`t`, `?`, `/`) or two in sequence (`g l`). */
export interface Shortcut {
  readonly keys: string;
  readonly label: string;
  readonly group: 'Anywhere' | 'Go to' | 'In the line' | 'In a report';
  readonly run: () => void;
}

const registered = new Map<string, Shortcut>();
let pendingPrefix: string | undefined;
let prefixTimer: ReturnType<typeof setTimeout> | undefined;
/** How long the second key of a sequence may take, in milliseconds. */
const sequenceMs = 1500;

/** What works on the present screen, for the help sheet. */
export function activeShortcuts(): readonly Shortcut[] {
  return [...registered.values()];
}

/** Offers a shortcut as long as the component is mounted and `isEnabled`. The newest offer of a key wins. */
export function useShortcut(shortcut: Shortcut, isEnabled = true): void {
  const latest = useRef(shortcut.run);
  useEffect(() => {
    latest.current = shortcut.run;
  });
  const { keys, label, group } = shortcut;
  useEffect(() => {
    if (!isEnabled) return;
    const mine: Shortcut = { keys, label, group, run: () => latest.current() };
    registered.set(keys, mine);
    return () => {
      if (registered.get(keys) === mine) registered.delete(keys);
    };
  }, [keys, label, group, isEnabled]);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !['radio', 'checkbox', 'button'].includes(target.type);
  return target instanceof HTMLTextAreaElement || target.isContentEditable;
}

/** Lists take letters as typeahead, and a dialog is a room of its own. */
function isElsewhere(target: EventTarget | null): boolean {
  if (document.querySelector('[role="dialog"],[role="alertdialog"],[role="menu"],[role="listbox"]'))
    return true;
  return isTyping(target);
}

/** Enter on a link or button is theirs. */
function isPressOfItsOwn(event: KeyboardEvent): boolean {
  return (
    event.key === 'Enter' && event.target instanceof Element && event.target.closest('a,button') !== null
  );
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (isElsewhere(event.target) || isPressOfItsOwn(event)) return;
  if (currentSettings().keys === 'off' && event.key !== '?') return;
  const sequence = pendingPrefix === undefined ? event.key : `${pendingPrefix} ${event.key}`;
  clearTimeout(prefixTimer);
  pendingPrefix = undefined;
  const shortcut = registered.get(sequence);
  if (shortcut !== undefined) {
    event.preventDefault();
    shortcut.run();
  } else if (event.key === 'g') {
    pendingPrefix = 'g';
    prefixTimer = setTimeout(() => {
      pendingPrefix = undefined;
    }, sequenceMs);
  }
}

/** Called once by the entry point. */
export function listenForShortcuts(): void {
  document.addEventListener('keydown', onKey);
}
