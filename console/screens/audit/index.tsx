import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { AuditReply } from '#contract/desk';
import { api } from '../../api.ts';
import { useMay } from '../../session.ts';
import { useTitle } from '../../shell/title.ts';
import { Button } from '../../ui/button.tsx';
import { Segments } from '../../ui/fields.tsx';
import { Page } from '../../ui/page.tsx';
import { Empty, Loading, ProblemNote } from '../../ui/states.tsx';
import { zoneName } from '../../ui/time.tsx';
import { LogState } from './log-state.tsx';
import { AuditTable } from './table.tsx';
import './audit.css';

const pageSize = 100;

/** Everything that anybody read or changed, for the auditor. */
export function AuditScreen() {
  useTitle('Audit');
  const [outcome, setOutcome] = useState<'all' | 'done' | 'refused' | 'failed'>('all');
  return (
    <Page
      title="Audit"
      intro={`Who read or changed what, and when, the newest first. Times in ${zoneName}.`}
      actions={
        <Segments
          label="Outcome"
          value={outcome}
          onChange={setOutcome}
          options={[
            { id: 'all', label: 'All' },
            { id: 'done', label: 'Done' },
            { id: 'refused', label: 'Refused' },
            { id: 'failed', label: 'Failed' },
          ]}
        />
      }
    >
      <LogState />
      <AuditRows
        queryKey={['audit', outcome]}
        read={(cursor) =>
          api.audit({
            limit: pageSize,
            order: 'newest',
            cursor,
            outcome: outcome === 'all' ? undefined : outcome,
          })
        }
      />
    </Page>
  );
}

/** The trail of one report. */
export function ReportAuditScreen() {
  const { reportId } = getRouteApi('/shell/audit/$reportId').useParams();
  const may = useMay();
  useTitle(`Audit trail of report ${reportId}`);
  const back = may('report:read') ? (
    <Link to="/reports/$reportId" params={{ reportId }} className="button">
      Back to the report
    </Link>
  ) : (
    <Link to="/audit" className="button">
      The whole audit
    </Link>
  );
  return (
    <Page
      title={`Audit trail of report ${reportId}`}
      intro={`Every reading and every change of it, refusals included. Times in ${zoneName}.`}
      actions={back}
    >
      <AuditRows
        queryKey={['audit of', reportId]}
        read={(cursor) => api.reportAudit(reportId, { limit: pageSize, cursor })}
      />
    </Page>
  );
}

interface RowsProps {
  readonly queryKey: readonly string[];
  readonly read: (cursor: string | undefined) => Promise<AuditReply>;
}

function AuditRows({ queryKey, read }: RowsProps) {
  const audit = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => read(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    gcTime: 0,
  });
  if (audit.isPending) return <Loading what="the audit trail" />;
  if (audit.data === undefined)
    return <ProblemNote error={audit.error} onRetry={() => void audit.refetch()} />;
  const rows = audit.data.pages.flatMap((page) => page.items);
  if (rows.length === 0) {
    return (
      <Empty title="No entry">
        <p>Nothing was read or changed here yet. Your own reading of this list is the first entry.</p>
      </Empty>
    );
  }
  return (
    <>
      <AuditTable rows={rows} />
      {audit.isFetchNextPageError ? <ProblemNote error={audit.error} /> : null}
      <div className="audit-more">
        {audit.hasNextPage ? (
          <Button isPending={audit.isFetchingNextPage} onPress={() => void audit.fetchNextPage()}>
            Show {pageSize} more
          </Button>
        ) : (
          <span className="quiet small">End of the list</span>
        )}
      </div>
    </>
  );
}
