import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Brief } from '#contract/desk';
import type { ReportRetention } from '#contract/retention';
import { certificateAddress, controlApi } from '../../control-api.ts';
import { useMay } from '../../session.ts';
import { Button } from '../../ui/button.tsx';
import { Raw } from '../../ui/raw-text.tsx';
import { Loading, ProblemNote } from '../../ui/states.tsx';
import { Day, Moment } from '../../ui/time.tsx';
import { HoldDialog } from './hold-dialog.tsx';

/** Until when the report is kept and under what, its legal holds, and what became of it at the end. */
export function KeepingSection({ brief }: { readonly brief: Brief }) {
  const { reportId } = brief;
  const may = useMay();
  const [isHolding, setHolding] = useState(false);
  const keeping = useQuery({
    queryKey: ['keeping', reportId],
    queryFn: () => controlApi.reportRetention(reportId),
    enabled: may('line:read'),
  });
  if (!may('line:read')) return null;
  return (
    <section id="keeping" className="part" aria-labelledby="keeping-title">
      <div className="part-head">
        <h2 id="keeping-title">Keeping</h2>
        {keeping.data?.can.hold === true ? (
          <Button onPress={() => setHolding(true)}>Place a legal hold…</Button>
        ) : null}
      </div>
      {keeping.isPending ? (
        <Loading what="how long it is kept" rows={2} />
      ) : keeping.isError ? (
        <ProblemNote error={keeping.error} onRetry={() => void keeping.refetch()} />
      ) : (
        <>
          <Term keeping={keeping.data} />
          <HoldList keeping={keeping.data} />
        </>
      )}
      <HoldDialog reportId={reportId} isOpen={isHolding} onClose={() => setHolding(false)} />
    </section>
  );
}

function Term({ keeping }: { readonly keeping: ReportRetention }) {
  const may = useMay();
  const { erasure } = keeping;
  if (keeping.standing === 'erased' && erasure?.erasedAt !== undefined) {
    return (
      <p>
        Erased on <Moment at={erasure.erasedAt} /> under {erasure.basis}
        {erasure.ground === 'order' ? ', by order' : ''}, decided by{' '}
        {erasure.approvedBy.map(({ name }) => name).join(' and ')}. Number, reference and counts stay until{' '}
        <Day at={keeping.referenceUntil} />.{' '}
        {erasure.state === 'certified' && may('retention:read') ? (
          <a href={certificateAddress(keeping.reportId)} download>
            Certificate of destruction
          </a>
        ) : null}
      </p>
    );
  }
  const past = Date.parse(keeping.dueAt) <= Date.now();
  return (
    <p>
      Its content {past ? 'was kept' : 'is kept'} until <Day at={keeping.dueAt} /> under {keeping.basis}.{' '}
      {keeping.standing === 'held' ? <strong>A legal hold stands: nothing is destroyed.</strong> : null}
      {keeping.standing === 'approved' ? 'Its destruction is approved and runs.' : null}
      {keeping.standing === 'ready' ? 'It may be destroyed when two people agree.' : null}
      {keeping.standing === 'undecided' ? 'Nobody has decided it, and nothing is destroyed unseen.' : null}
    </p>
  );
}

function HoldList({ keeping }: { readonly keeping: ReportRetention }) {
  if (keeping.holds.length === 0) return null;
  return (
    <ol className="history">
      {keeping.holds.map((hold) => (
        <li key={hold.id} className={hold.liftedAt === undefined ? '' : 'is-undone'}>
          <Moment at={hold.placedAt} />
          <span>
            <strong>Legal hold</strong>, case <Raw text={hold.caseReference} />, by{' '}
            <Raw text={hold.placedBy.name} isWhole />: <Raw text={hold.reason} />
            <span className="quiet">
              {hold.liftedAt === undefined ? (
                <>
                  {' '}
                  To be looked at again on <Day at={hold.reviewAt} />
                </>
              ) : (
                <>
                  {' '}
                  Lifted <Moment at={hold.liftedAt} /> by {hold.liftedBy}
                </>
              )}
            </span>
          </span>
        </li>
      ))}
    </ol>
  );
}
