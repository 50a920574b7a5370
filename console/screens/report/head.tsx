import type { RefObject } from 'react';
import type { Brief } from '#contract/desk';
import { decisionDone, incidentWords } from '../../report-words.ts';
import { useSession } from '../../session.ts';
import { CopyButton } from '../../ui/copy.tsx';
import { UrgencyMark } from '../../ui/marks.tsx';
import { counted } from '../../ui/words.ts';
import { Actions } from './actions.tsx';

interface HeadProps {
  readonly brief: Brief;
  readonly titleRef: RefObject<HTMLHeadingElement | null>;
}

/** Stays in view while the brief scrolls: what this is, how urgent, and what can be done. */
export function ReportHead({ brief, titleRef }: HeadProps) {
  return (
    <>
      <header className="report-title">
        <p className="report-ids">
          <UrgencyMark level={brief.urgency} />
          <span>
            Report <strong>{brief.reportId}</strong>
          </span>
          {brief.reference === '' ? null : (
            <span className="report-reference">
              <code>{brief.reference}</code>
              <CopyButton text={brief.reference} what="reference" />
            </span>
          )}
          <StateChip brief={brief} />
          {brief.provider.environment === 'sandbox' ? <span className="chip mark">Sandbox</span> : null}
          {brief.isSynthetic ? <span className="chip mark">Synthetic</span> : null}
        </p>
        <h1 ref={titleRef} tabIndex={-1}>
          {incidentWords(brief.incidentType)}
        </h1>
      </header>
      <div className="report-bar">
        <Actions brief={brief} />
        <nav className="report-nav" aria-label="In this report">
          {brief.erasedAt === undefined ? (
            <>
              <a href="#summary">Summary</a>
              <a href="#people">People</a>
              <a href="#files">{counted(brief.fileCount, 'file')}</a>
              <a href="#sent">Everything sent</a>
            </>
          ) : null}
          <a href="#history">History</a>
          {brief.reportState === 'filed' ? <a href="#keeping">Keeping</a> : null}
        </nav>
      </div>
    </>
  );
}

const reportStateWords = {
  open: 'Still being sent',
  filed: 'Filed',
  retracted: 'Retracted by the service',
  expired: 'Expired before it was filed',
} as const;

function StateChip({ brief }: { readonly brief: Brief }) {
  const { staff } = useSession();
  if (brief.state === undefined) return <span className="chip">{reportStateWords[brief.reportState]}</span>;
  if (brief.state === 'waiting') return <span className="chip">Waiting</span>;
  if (brief.state === 'taken') {
    const isMine = brief.takenBy?.id === staff.id;
    return (
      <span className={isMine ? 'chip own' : 'chip'}>
        {isMine ? 'Taken by you' : `Taken by ${brief.takenBy?.name ?? 'somebody'}`}
      </span>
    );
  }
  const standing = brief.decisions.findLast((decision) => decision.undoneAt === undefined);
  return <span className="chip">{standing === undefined ? 'Decided' : decisionDone[standing.kind]}</span>;
}
