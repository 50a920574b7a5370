import { useSyncExternalStore } from 'react';

/** What a person sets for this browser: nothing about reports, so it may stay in local storage. */
export interface Settings {
  readonly theme: 'system' | 'light' | 'dark';
  readonly density: 'comfortable' | 'compact';
  /** Single-key shortcuts can be switched off (WCAG 2.2, 2.1.4 Character Key Shortcuts). */
  readonly keys: 'on' | 'off';
}

const storageKey = 'firstlight.settings';
const allowed = {
  theme: ['system', 'light', 'dark'],
  density: ['comfortable', 'compact'],
  keys: ['on', 'off'],
} as const;

const listeners = new Set<() => void>();
let current: Settings = readStored();

function readStored(): Settings {
  const stored: Record<string, unknown> = (() => {
    try {
      return JSON.parse(localStorage.getItem(storageKey) ?? '{}') ?? {};
    } catch {
      return {};
    }
  })();
  const pick = <T extends string>(name: keyof Settings, options: readonly [T, ...T[]]): T =>
    options.find((option) => option === stored[name]) ?? options[0];
  return {
    theme: pick('theme', allowed.theme),
    density: pick('density', allowed.density),
    keys: pick('keys', allowed.keys),
  };
}

/** Writes the settings onto the root element, where the style sheets read them. */
export function applySettings(): void {
  const root = document.documentElement;
  if (current.theme === 'system') delete root.dataset.theme;
  else root.dataset.theme = current.theme;
  root.dataset.density = current.density;
  root.dataset.keys = current.keys;
}

export function changeSettings(change: Partial<Settings>): void {
  current = { ...current, ...change };
  try {
    localStorage.setItem(storageKey, JSON.stringify(current));
  } catch {
    // Storage may be forbidden; the setting then lasts as long as the page.
  }
  applySettings();
  for (const listener of listeners) listener();
}

export function currentSettings(): Settings {
  return current;
}

export function useSettings(): Settings {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, currentSettings);
}
