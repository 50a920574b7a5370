import type { Route } from '../route.ts';
import type { ControlledDeed } from './controlled-deed.ts';
import type { DigestKey } from './digest-key.ts';
import { emergencyRoutes } from './emergency-http.ts';
import { noticesRoute } from './notices-http.ts';
import { oversightRoutes } from './oversight-http.ts';
import { proposalRoutes } from './proposal-http.ts';

export interface ControlRouteParts {
  /** Every deed that nobody does alone, each under a name of its own. */
  readonly controlled: readonly ControlledDeed[];
  readonly digestKey: DigestKey;
  /** How long emergency access to one report lasts. */
  readonly emergencyMinutes: number;
}

/** Two-person control, emergency access and the auditor's oversight. Paths are relative to `/v1`. */
export function controlRoutes(parts: ControlRouteParts): readonly Route[] {
  const deeds = new Map(parts.controlled.map((deed) => [deed.name, deed]));
  if (deeds.size !== parts.controlled.length) throw new Error('two controlled deeds have the same name');
  return [...proposalRoutes(deeds), ...emergencyRoutes(parts), noticesRoute, ...oversightRoutes(parts)];
}
