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
}

/**
 * Those who agree now: the asker, if that is a named person, and everybody else who approved exactly this. Somebody
 * who meanwhile lost the permission or the account agrees no longer.
 * @param permitted who of them holds the permission at this moment
 */
export function agreeing(facts: ConsentFacts, permitted: ReadonlySet<string>): ReadonlySet<string> {
  const approvers = facts.approvals
    .filter(({ digest, staffId }) => digest === facts.digest && staffId !== facts.askedBy.id)
    .map(({ staffId }) => staffId);
  const asker = facts.askedBy.kind === 'staff' ? [facts.askedBy.id] : [];
  return new Set([...asker, ...approvers].filter((id) => permitted.has(id)));
}

/** How many more people have to agree; 0 lets the deed run. Asking alone never does, however many are needed. */
export function stillNeeded(facts: ConsentFacts, permitted: ReadonlySet<string>): number {
  const agreed = agreeing(facts, permitted);
  const others = [...agreed].filter((id) => id !== facts.askedBy.id).length;
  return Math.max(facts.people - agreed.size, others === 0 ? 1 : 0);
}
