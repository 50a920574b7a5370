import type { ReactNode } from 'react';
import type { Brief, Reason } from '#contract/desk';
import { labelOf } from '#contract/vocabulary-labels';
import { CompletenessMeter } from '../../ui/marks.tsx';
import { Raw } from '../../ui/raw-text.tsx';
import { Ago, elapsedText, Moment } from '../../ui/time.tsx';
import { counted, plainWords, sentenceCase } from '../../ui/words.ts';
import { ReportLink } from './report-link.tsx';
import { Urgency } from './urgency.tsx';

/** What, when, who says so, how urgent and why, how complete and what is missing. */
export function SummarySection({ brief }: { readonly brief: Brief }) {
  return (
    <section id="summary" className="part" aria-labelledby="summary-title">
      <h2 id="summary-title" className="visually-hidden">
        Summary
      </h2>
      <Lead brief={brief} />
      {brief.escalation === undefined ? null : (
        <figure className="quote">
          <figcaption>Escalated by the service, in its words</figcaption>
          <blockquote className="read">
            <Raw text={brief.escalation} />
          </blockquote>
        </figure>
      )}
      <div className="summary-columns">
        <Urgency brief={brief} />
        <Completeness brief={brief} />
      </div>
      <Facts brief={brief} />
      <Warnings brief={brief} />
    </section>
  );
}

function Lead({ brief }: { readonly brief: Brief }) {
  const told = brief.filedAt ?? brief.openedAt;
  const delayMs = Date.parse(told) - Date.parse(brief.incidentAt);
  return (
    <p className="read lead">
      <Raw text={brief.provider.name} isWhole /> reported this on <Moment at={told} /> (<Ago at={told} />)
      {Number.isFinite(delayMs) && delayMs > 0 ? `, ${elapsedText(delayMs)} after the incident` : ''}:{' '}
      {counted(brief.incidents, 'incident')},{' '}
      {brief.fileCount === 0 ? 'no files' : counted(brief.fileCount, 'file')}.
    </p>
  );
}

function Completeness({ brief }: { readonly brief: Brief }) {
  const { completeness } = brief;
  if (completeness === undefined) return null;
  return (
    <div>
      <h3 className="summary-head">
        Completeness <CompletenessMeter share={completeness.share} />
      </h3>
      {completeness.missing.length === 0 ? (
        <p className="quiet small">Nothing that is useful is missing.</p>
      ) : (
        <Missing reasons={completeness.missing} />
      )}
      {completeness.present.length === 0 ? null : (
        <details className="small">
          <summary>{counted(completeness.present.length, 'useful fact')} sent</summary>
          <Reasons reasons={completeness.present} />
        </details>
      )}
      <p className="small quiet">
        Rules {completeness.rulesVersion}. Completeness never changes the urgency.
      </p>
    </div>
  );
}

/** A longer list would push the people and the files of a thin report off the screen; the rest is one key away. */
const mostMissingShown = 5;

function Missing({ reasons }: { readonly reasons: readonly Reason[] }) {
  const isLong = reasons.length > mostMissingShown + 1;
  return (
    <>
      <Reasons reasons={isLong ? reasons.slice(0, mostMissingShown) : reasons} />
      {isLong ? (
        <details>
          <summary>{counted(reasons.length - mostMissingShown, 'more fact')} not sent</summary>
          <Reasons reasons={reasons.slice(mostMissingShown)} />
        </details>
      ) : null}
    </>
  );
}

function Reasons({ reasons }: { readonly reasons: readonly Reason[] }) {
  return (
    <ul className="reasons">
      {reasons.map((reason) => (
        <li key={`${reason.code} ${reason.sentence}`}>
          <Raw text={reason.sentence} />
        </li>
      ))}
    </ul>
  );
}

function markWords(mark: string): string {
  const label = labelOf('reportAnnotations', mark);
  return label === mark ? sentenceCase(plainWords(mark)) : label;
}

const doorWords = { ispws: 'CyberTipline protocol (/ispws)', v1: 'Firstlight API (/v1)' } as const;
const profileWords = { cybertip: 'CyberTipline', uk: 'UK, SI 2026/268' } as const;

function Facts({ brief }: { readonly brief: Brief }) {
  return (
    <dl className="facts">
      <Fact name="Incident">
        <Moment at={brief.incidentAt} />
      </Fact>
      {brief.filedAt === undefined ? null : (
        <Fact name="Filed">
          <Moment at={brief.filedAt} />
        </Fact>
      )}
      <Fact name="Type, as sent">{brief.incidentType}</Fact>
      <Fact name="Platform">
        {brief.platform === undefined ? <NotSaid /> : <Raw text={brief.platform} />}
      </Fact>
      <Fact name="Profile">
        {profileWords[brief.profile]}, by the {doorWords[brief.door]}
      </Fact>
      {brief.declaredPriority === undefined ? null : (
        <Fact name="Declared priority">{brief.declaredPriority}, by the service</Fact>
      )}
      {brief.annotations.length === 0 ? null : (
        <Fact name="Marked by the service">
          {brief.annotations.map((mark) => markWords(mark)).join(', ')}
        </Fact>
      )}
      {brief.batchReason === undefined ? null : (
        <Fact name="Batched report">{sentenceCase(plainWords(brief.batchReason).toLowerCase())}</Fact>
      )}
      <LinkedReports name="Sent again as" ids={brief.duplicates} />
      {brief.priorReports.length === 0 ? null : (
        <Fact name="Names earlier reports">
          {brief.priorReports.map((id) => (
            <code key={id} className="gap">
              <Raw text={id} />
            </code>
          ))}
        </Fact>
      )}
    </dl>
  );
}

function LinkedReports({ name, ids }: { readonly name: string; readonly ids: readonly string[] }) {
  if (ids.length === 0) return null;
  return (
    <Fact name={name}>
      {ids.slice(0, 20).map((id) => (
        <span key={id} className="gap">
          <ReportLink reportId={id} />
        </span>
      ))}
      {ids.length > 20 ? `and ${counted(ids.length - 20, 'more', 'more')}` : null}
    </Fact>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function NotSaid() {
  return <span className="quiet">Not said</span>;
}

function Warnings({ brief }: { readonly brief: Brief }) {
  if (brief.warnings.length === 0) return null;
  return (
    <details className="warnings small">
      <summary>Accepted with {counted(brief.warnings.length, 'warning')}</summary>
      <ul className="reasons">
        {brief.warnings.slice(0, 100).map((warning, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the list never changes, and two warnings may be alike
          <li key={index}>
            <code>
              <Raw text={warning.element} />
            </code>
            : <Raw text={warning.message} />
          </li>
        ))}
      </ul>
    </details>
  );
}
