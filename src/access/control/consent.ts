/**
 * When enough people have agreed. A proposal is **open** until one of four ends: **done** (enough people agreed and
 * the deed ran in that transaction), **declined** (one person who could have approved said no), **withdrawn** (by
 * whoever asked), or **expired** (nobody ended it in time; no row says so, the clock does). No end is left again.
 */
export interface ConsentFacts {
  /** How many different named people have to agree. */
  readonly people: number;
  readonly askedBy: { readonly kind: 'staff' | 'system'; readonly id: string };
  /** Digest of what is asked for. */
  readonly digest: string;
  readonly approvals: readonly { readonly staffId: string; readonly digest: string }[];
  /** By the account: everybody who may hold a way into it, of those in `tieDays`. An account that is not named has none. */
  readonly origins: Origins;
}

export type Origins = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * How long an account stays tied to whoever made it or gave it a sign-in link. Chosen: well
 * beyond the day that a proposal waits and a link lasts, and long enough for a colleague to notice an account or a link
 * that nobody asked for; short enough that a new colleague counts the week after.
 */
export const tieDays = 7;

/** Whether one of two accounts may be in the hands of the other's holder, or both in those of a third person. */
export function areTied(one: string, other: string, origins: Origins): boolean {
  const of = (id: string) => new Set([id, ...(origins.get(id) ?? [])]);
  const ofOther = of(other);
  return [...of(one)].some((id) => ofOther.has(id));
}

/**
 * Those who agree now: the asker, if that is a named person, and everybody else who approved exactly this. Somebody
 * who meanwhile lost the permission or the account agrees no longer. Of accounts that are tied one counts, because one
 * person may hold them all; who that is does not depend on the order of votes.
 * @param permitted who of them holds the permission at this moment
 */
export function agreeing(facts: ConsentFacts, permitted: ReadonlySet<string>): ReadonlySet<string> {
  const approvers = facts.approvals
    .filter(({ digest, staffId }) => digest === facts.digest && staffId !== facts.askedBy.id)
    .map(({ staffId }) => staffId);
  const asker = facts.askedBy.kind === 'staff' ? [facts.askedBy.id] : [];
  const standing = new Set([...asker, ...approvers].filter((id) => permitted.has(id)));
  return new Set(untied([...standing].sort(), facts.origins));
}

/** The most of these accounts of which no two are tied. Votes are few, and a tie settles most of what follows. */
function untied(ids: readonly string[], origins: Origins): readonly string[] {
  const [first, ...rest] = ids;
  if (first === undefined) return [];
  const free = rest.filter((id) => !areTied(first, id, origins));
  const withIt = [first, ...untied(free, origins)];
  if (free.length === rest.length) return withIt;
  const without = untied(rest, origins);
  return without.length > withIt.length ? without : withIt;
}

/** How many more people have to agree; 0 lets the deed run. Asking alone never does, however many are needed. */
export function stillNeeded(facts: ConsentFacts, permitted: ReadonlySet<string>): number {
  const agreed = agreeing(facts, permitted);
  const others = [...agreed].filter((id) => id !== facts.askedBy.id).length;
  return Math.max(facts.people - agreed.size, others === 0 ? 1 : 0);
}
