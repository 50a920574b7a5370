import { type AgencyErrand, api } from './api.ts';

/** What the trip to the agency was for, kept in this tab while the browser is away: nothing about reports or people. */
const storageKey = 'firstlight.trip';

interface Trip {
  readonly errand: AgencyErrand;
  /** Where in the console the person was. */
  readonly from: string;
}

/** Leaves for the agency's own sign-in. The page goes, so nothing after this runs. */
export async function leaveForAgency(errand: AgencyErrand): Promise<void> {
  const { url } = await api.agency(errand);
  const trip: Trip = { errand, from: errand === 'renewal' ? location.pathname + location.search : '/' };
  sessionStorage.setItem(storageKey, JSON.stringify(trip));
  location.assign(url);
}

/** What this tab left for; a tab that did not leave came to sign in. */
export function takeTrip(): Trip {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(storageKey) ?? 'null');
    sessionStorage.removeItem(storageKey);
    if (typeof stored === 'object' && stored !== null && 'errand' in stored && 'from' in stored) {
      const from = typeof stored.from === 'string' && /^\/(?!\/)/.test(stored.from) ? stored.from : '/';
      return { errand: stored.errand === 'renewal' ? 'renewal' : 'sign-in', from };
    }
  } catch {
    // Storage may be forbidden or hold something else; then it was a sign-in.
  }
  return { errand: 'sign-in', from: '/' };
}
