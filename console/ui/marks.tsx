import { urgencyLabels } from '#contract/desk';

/** Urgency by shape, word and colour: a full diamond, a full triangle, an open triangle, a dash. */
const shapes: Readonly<Record<number, string>> = {
  1: 'M8 0.8 15.2 8 8 15.2 0.8 8Z',
  2: 'M8 1.5 15 14H1Z',
  3: 'M8 1.5 15 14H1ZM8 5.4 4.2 12.2h7.6Z',
  4: 'M3 7h10v2H3Z',
};

function urgencyWord(level: number): string {
  return urgencyLabels[level - 1] ?? `Urgency ${level}`;
}

export function UrgencyMark({ level }: { readonly level: number | undefined }) {
  if (level === undefined) return <span className="urgency level-4">Not assessed yet</span>;
  return (
    <span className={`urgency level-${level}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={shapes[level] ?? shapes[4]} fill="currentColor" fillRule="evenodd" />
      </svg>
      {urgencyWord(level)}
    </span>
  );
}

const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 0 });

/** How much of what is useful was sent; neutral in colour, because it says nothing about urgency. */
export function CompletenessMeter({
  share,
  isShort,
}: {
  readonly share: number;
  readonly isShort?: boolean;
}) {
  const clamped = Math.min(1, Math.max(0, share));
  return (
    <span className="meter" title="Share of the useful facts that were sent">
      <svg viewBox="0 0 40 6" preserveAspectRatio="none" aria-hidden="true">
        <rect className="meter-back" width="40" height="6" rx="1" />
        <rect className="meter-fill" width={40 * clamped} height="6" rx="1" />
      </svg>
      <span className="meter-share">{percent.format(clamped)}</span>{' '}
      <span className={isShort === true ? 'visually-hidden' : ''}>complete</span>
    </span>
  );
}

const sealWords = {
  sealed: 'Sealed',
  verified: 'Verified',
  damaged: 'Damaged',
  destroyed: 'Destroyed',
} as const;

export type SealState = keyof typeof sealWords;

const sealShapes: Readonly<Record<SealState, string>> = {
  sealed: 'M4 7V5a4 4 0 0 1 8 0v2h1v7H3V7ZM6 7h4V5a2 2 0 0 0-4 0Z',
  verified: 'M6.4 12.6 2 8.2l1.6-1.6 2.8 2.8 6-6L14 5Z',
  damaged: 'M8 1 15.5 15H.5ZM7 6v4.5h2V6ZM7 11.6v1.8h2v-1.8Z',
  destroyed: 'M3.4 2 8 6.6 12.6 2 14 3.4 9.4 8l4.6 4.6-1.4 1.4L8 9.4 3.4 14 2 12.6 6.6 8 2 3.4Z',
};

export function SealMark({ state }: { readonly state: SealState }) {
  const look = state === 'damaged' ? 'bad' : state === 'destroyed' ? '' : 'good';
  return (
    <span className={`seal ${look}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={sealShapes[state]} fill="currentColor" fillRule="evenodd" />
      </svg>
      {sealWords[state]}
    </span>
  );
}
