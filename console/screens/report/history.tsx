import { Link } from '@tanstack/react-router';
import type { Brief } from '#contract/desk';
import { decisionDone, reasonText } from '../../report-words.ts';
import { Raw } from '../../ui/raw-text.tsx';
import { Moment } from '../../ui/time.tsx';

/** What became of the report so far; the trail of every reading and change is a screen of its own. */
export function HistorySection({ brief }: { readonly brief: Brief }) {
  return (
    <section id="history" className="part" aria-labelledby="history-title">
      <div className="part-head">
        <h2 id="history-title">History</h2>
        {brief.can.seeAudit ? (
          <Link to="/audit/$reportId" params={{ reportId: brief.reportId }} className="small">
            Audit trail of this report
          </Link>
        ) : null}
      </div>
      <ol className="history">
        <li>
          <Moment at={brief.openedAt} />
          <span>
            Opened by <Raw text={brief.provider.name} isWhole />
          </span>
        </li>
        {brief.filedAt === undefined ? null : (
          <li>
            <Moment at={brief.filedAt} />
            <span>Filed; the receipt was given</span>
          </li>
        )}
        {brief.decisions.map((decision) => (
          <li key={decision.id} className={decision.undoneAt === undefined ? '' : 'is-undone'}>
            <Moment at={decision.at} />
            <span>
              <strong>{decisionDone[decision.kind]}</strong> by {decision.by.name}
              {decision.reason === undefined ? null : (
                <>
                  : <Raw text={reasonText(decision.reason)} />
                </>
              )}
              {decision.undoneAt === undefined ? null : (
                <span className="quiet">
                  {' '}
                  {decision.undoneWhy === undefined ? 'Undone' : 'Reopened'} <Moment at={decision.undoneAt} />
                  {decision.undoneBy === undefined ? null : <> by {decision.undoneBy.name}</>}
                  {decision.undoneWhy === undefined ? null : (
                    <>
                      : <Raw text={decision.undoneWhy} />
                    </>
                  )}
                </span>
              )}
            </span>
          </li>
        ))}
        {brief.takenAt === undefined || brief.state !== 'taken' ? null : (
          <li>
            <Moment at={brief.takenAt} />
            <span>Taken by {brief.takenBy?.name ?? 'somebody'}</span>
          </li>
        )}
      </ol>
    </section>
  );
}
