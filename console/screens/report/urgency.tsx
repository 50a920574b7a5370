import type { Brief } from '#contract/desk';
import { urgencyLabels } from '#contract/desk';
import type { CorrectionRecord, Evidence, RankChange, UrgencyReason } from '#contract/urgency';
import { UrgencyMark } from '../../ui/marks.tsx';
import { Raw } from '../../ui/raw-text.tsx';
import { Moment } from '../../ui/time.tsx';
import { counted, plainWords } from '../../ui/words.ts';
import { CorrectUrgency } from './correct-dialog.tsx';

/** How urgent, who says so, why, and where each reason was seen. */
export function Urgency({ brief }: { readonly brief: Brief }) {
  const correction = brief.corrections.at(-1);
  return (
    <div>
      <h3 className="summary-head">
        Urgency <UrgencyMark level={brief.urgency} /> <CorrectUrgency brief={brief} />
      </h3>
      {correction === undefined ? null : <Correction correction={correction} />}
      {brief.urgencyReasons.length === 0 ? (
        <p className="quiet small">{emptyWords(brief)}</p>
      ) : (
        <ul className="reasons">
          {brief.urgencyReasons.map((reason) => (
            <li key={reason.code}>
              <Raw text={reason.sentence} />
              <Seen reason={reason} />
            </li>
          ))}
        </ul>
      )}
      <Changes changes={brief.rankChanges} />
    </div>
  );
}

function emptyWords(brief: Brief): string {
  if (brief.isBlind === true)
    return 'You read this one without what the rules say, until you have said how urgent it is.';
  return brief.urgency === undefined ? 'It is assessed within seconds of filing.' : 'No rule raised it.';
}

function Correction({ correction }: { readonly correction: CorrectionRecord }) {
  return (
    <p className="small">
      Set by {correction.by.name} on <Moment at={correction.at} />; the rules said{' '}
      {urgencyLabels[correction.rulesUrgency - 1]}.
      {correction.reason === undefined ? null : (
        <>
          {' '}
          <Raw text={correction.reason} />
        </>
      )}
    </p>
  );
}

function Seen({ reason }: { readonly reason: UrgencyReason }) {
  const evidence = reason.evidence ?? [];
  if (evidence.length === 0) return null;
  return (
    <ul className="evidence small quiet">
      {evidence.map((one) => (
        <li key={JSON.stringify(one)}>
          <SeenAt evidence={one} />
        </li>
      ))}
    </ul>
  );
}

function SeenAt({ evidence }: { readonly evidence: Evidence }) {
  const { kind, where, line, quote, count, at } = evidence;
  switch (kind) {
    case 'text':
      return (
        <>
          Text in <code>{where}</code>
          {line === undefined ? '' : `, line ${line}`}
          {evidence.isQuoted === true ? ', as a quotation' : ''}: <Raw text={quote ?? ''} />
        </>
      );
    case 'annotation':
      return (
        <>
          Marked by the service as <code>{where}</code>
        </>
      );
    case 'reports':
      return <>{counted(count ?? 0, 'earlier report')}</>;
    case 'deadline':
      return at === undefined ? null : (
        <>
          Until <Moment at={at} />
        </>
      );
    case 'field':
      return (
        <>
          Field: <code>{where}</code>
        </>
      );
    default:
      return kind satisfies never;
  }
}

function Changes({ changes }: { readonly changes: readonly RankChange[] }) {
  if (changes.length === 0) return null;
  return (
    <details className="small">
      <summary>What changed since: {counted(changes.length, 'time')}</summary>
      <ul className="reasons">
        {changes.toReversed().map((change) => (
          <li key={change.at}>
            <Moment at={change.at} />: {urgencyLabels[change.fromUrgency - 1]} to{' '}
            {urgencyLabels[change.toUrgency - 1]}
            {change.isByRules ? ', by newer rules' : ''}
            {change.came.length === 0 ? '' : `; came: ${change.came.map(plainWords).join(', ')}`}
            {change.went.length === 0 ? '' : `; went: ${change.went.map(plainWords).join(', ')}`}
          </li>
        ))}
      </ul>
    </details>
  );
}
