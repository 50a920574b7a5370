/**
 * One form for identifiers that name the same person, so that a watched e-mail address or name is found however a
 * service spelt it. Deliberately coarse: a match is shown to the auditor, it accuses nobody.
 */
export type WatchKind = 'email' | 'phone' | 'name' | 'account';

/** The identifier kinds of reports in which a watched identifier of each kind is looked for. */
const looksIn: Readonly<Record<string, readonly WatchKind[]>> = {
  email: ['email'],
  phone: ['phone'],
  name: ['name'],
  'display-name': ['name', 'account'],
  'screen-name': ['account'],
  'provider-account': ['account', 'email'],
};

export function watchKindsOf(identifierKind: string): readonly WatchKind[] {
  return looksIn[identifierKind] ?? [];
}

/** Numbers are compared by this many digits from their end, which leaves out country and trunk prefixes. */
const phoneDigits = 9;

/** The form that is compared; undefined where nothing worth comparing is left. */
export function watchForm(kind: WatchKind, value: string): string | undefined {
  switch (kind) {
    case 'email': {
      const text = value.normalize('NFKC').trim().toLowerCase();
      return /^[^\s@]+@[^\s@]+$/.test(text) ? text : undefined;
    }
    case 'phone': {
      const digits = value.normalize('NFKC').replaceAll(/\D/g, '');
      return digits.length >= 6 ? digits.slice(-phoneDigits) : undefined;
    }
    case 'name': {
      const words = plain(value)
        .split(/[^\p{L}\p{N}]+/u)
        .filter((word) => word.length > 1);
      // One word alone is half the town.
      return words.length >= 2 ? words.sort().join(' ') : undefined;
    }
    case 'account': {
      const text = plain(value).replace(/^@+/, '').trim();
      return text.length >= 3 ? text : undefined;
    }
    default:
      return kind satisfies never;
  }
}

/** Without case, accents and compatibility forms. */
function plain(value: string): string {
  return value.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
}
