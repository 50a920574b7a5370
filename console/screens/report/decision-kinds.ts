import type { DecisionKind } from '#contract/desk';

/** The four decisions in the order of their buttons, with their keys. */
export const decisionButtons: readonly {
  readonly kind: DecisionKind;
  readonly label: string;
  readonly keys: string;
}[] = [
  { kind: 'refer', label: 'Refer', keys: 'r' },
  { kind: 'informational', label: 'Informational', keys: 'i' },
  { kind: 'needs-information', label: 'Needs information', keys: 'f' },
  { kind: 'not-a-matter', label: 'Not a matter', keys: 'x' },
];

interface DecisionGuide {
  readonly title: string;
  readonly meaning: string;
  readonly button: string;
  /** Label of the reason, and whether the decision stands without one. */
  readonly reason: string;
  readonly isReasonRequired: boolean;
}

/** What each decision means, in the words the person reads before making it. */
export const decisionGuides: Readonly<Record<DecisionKind, DecisionGuide>> = {
  refer: {
    title: 'Refer this report',
    meaning: 'There is enough for a police force to consider acting. The report goes on to be routed.',
    button: 'Refer',
    reason: 'Note for whoever routes it',
    isReasonRequired: false,
  },
  informational: {
    title: 'Keep as informational',
    meaning:
      'There is not enough to act on now. It is kept, can be found, and is looked at again when something links to it.',
    button: 'Keep as informational',
    reason: 'Why is it informational?',
    isReasonRequired: true,
  },
  'needs-information': {
    title: 'Needs information',
    meaning: 'It cannot be decided without something that only the service holds.',
    button: 'Ask for information',
    reason: 'What is missing?',
    isReasonRequired: true,
  },
  'not-a-matter': {
    title: 'Not a matter for the bureau',
    meaning:
      'What was reported is not within what the bureau deals with. It is kept on record and goes no further.',
    button: 'Not a matter',
    reason: 'Why is it not a matter?',
    isReasonRequired: true,
  },
};
