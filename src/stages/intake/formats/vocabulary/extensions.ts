import { type Child, flag, mark } from './model.ts';

/**
 * What clients send that is newer than the published schema of 2025 (domain.md 1.6). Accepted with a warning.
 * To take in a newer vocabulary, add to these tables; nothing else changes.
 */

interface ExtensionElement {
  /** Type that gains the element. */
  readonly type: string;
  /** Sibling that it stands after; absent where order is free. */
  readonly after?: string;
  readonly child: Child;
}

export interface Extensions {
  readonly elements: readonly ExtensionElement[];
  /** Values added to a simple type. */
  readonly values: Readonly<Record<string, readonly string[]>>;
}

export const extensions: Extensions = {
  elements: [
    { type: 'reportAnnotations', child: mark('informational', { isExtension: true }) },
    { type: 'person', after: 'age', child: flag('ageAssertionDiscrepancy', { isExtension: true }) },
    {
      type: 'associatedAccount',
      after: 'approximateAge',
      child: flag('ageAssertionDiscrepancy', { isExtension: true }),
    },
  ],
  values: {},
};
