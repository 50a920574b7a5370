import type { Role } from '#contract/administration';
import type { OidcConfig } from '#platform/config-sign-in';

/** The agency's sign-in service, with roles that exist. */
export interface OidcSettings extends Omit<OidcConfig, 'groupRoles'> {
  readonly groupRoles: readonly { readonly group: string; readonly role: Role }[];
}

/** How many groups of one person are looked at; more are a mistake of whoever fills the claim. */
const mostGroups = 2_000;

/**
 * The roles that a person's groups give, without duplicates and in the mapping's order. Whatever is no list of texts
 * (or one text) gives none.
 */
export function rolesOfGroups(listed: unknown, mapping: OidcSettings['groupRoles']): readonly Role[] {
  const all: readonly unknown[] = Array.isArray(listed) ? listed.slice(0, mostGroups) : [listed];
  const groups = new Set(all.filter((group) => typeof group === 'string'));
  return [...new Set(mapping.filter(({ group }) => groups.has(group)).map(({ role }) => role))];
}

/** Whether the way somebody signed in at the agency is strong enough: `acr` and `amr` of OpenID Connect Core 1.0, 2. */
export function isStrongEnough(
  told: Readonly<Record<string, unknown>>,
  settings: Pick<OidcSettings, 'acr' | 'amr'>,
): boolean {
  const methods: readonly unknown[] = Array.isArray(told.amr) ? told.amr : [];
  const isAcrGood = settings.acr.length === 0 || settings.acr.some((acr) => acr === told.acr);
  const isAmrGood = settings.amr.length === 0 || settings.amr.some((amr) => methods.includes(amr));
  return isAcrGood && isAmrGood;
}
