import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Brief } from '#contract/desk';
import { api } from '../../api.ts';
import { useMay } from '../../session.ts';
import { useNotices } from '../../shell/notices.tsx';
import { useTitle } from '../../shell/title.ts';
import { Button } from '../../ui/button.tsx';
import { useShortcut } from '../../ui/shortcuts.ts';
import { Loading, ProblemNote } from '../../ui/states.tsx';
import { ClosedReport } from './closed-report.tsx';
import { FilesSection } from './files.tsx';
import { ReportHead } from './head.tsx';
import { HistorySection } from './history.tsx';
import { KeepingSection } from './keeping.tsx';
import { PeopleSection } from './people.tsx';
import { needsReason, ReasonForm } from './reason-form.tsx';
import { ReportLink } from './report-link.tsx';
import { SentSection } from './sent.tsx';
import { ShowSource, type Source } from './source.tsx';
import { SummarySection } from './summary.tsx';
import { useLease } from './use-lease.ts';
import { WhyHere } from './why-here.tsx';
import './report.css';
import './facts.css';

const route = getRouteApi('/shell/desk/reports/$reportId');

/** One report, read as a brief. Opening it is a recorded act; nothing in it opens by itself. */
export function ReportScreen() {
  const { reportId } = route.useParams();
  const may = useMay();
  useTitle(`Report ${reportId}`);
  const { data: notices } = useNotices();
  const isEmergency = notices?.own.some((one) => one.reportId === reportId) === true;
  if (!may('report:read') && !isEmergency) return <ClosedReport reportId={reportId} />;
  return <OpenReport key={reportId} reportId={reportId} />;
}

function OpenReport({ reportId }: { readonly reportId: string }) {
  const navigate = useNavigate();
  const search = route.useSearch();
  const brief = useQuery({
    queryKey: ['brief', reportId],
    queryFn: () => api.brief(reportId),
    refetchOnMount: 'always',
    gcTime: 60_000,
  });
  const back = () => void navigate({ to: '/', search });
  useShortcut({ keys: 'Escape', label: 'Close the report', group: 'In a report', run: back });
  return (
    <div className="report">
      <p className="report-back">
        <Button look="plain" onPress={back}>
          ← Back to the line
        </Button>
      </p>
      {brief.data !== undefined ? (
        <BriefPage brief={brief.data} />
      ) : needsReason(brief.error) ? (
        <ReasonForm reportId={reportId} />
      ) : brief.isError ? (
        <div className="state">
          <h1>Report {reportId}</h1>
          <ProblemNote error={brief.error} onRetry={() => void brief.refetch()} />
        </div>
      ) : (
        <Loading what={`report ${reportId}`} rows={14} />
      )}
    </div>
  );
}

function BriefPage({ brief }: { readonly brief: Brief }) {
  const [source, setSource] = useState<Source>();
  const show = useCallback((path: string, line: number | undefined) => {
    setSource((before) => ({ path, line, times: (before?.times ?? 0) + 1 }));
  }, []);
  useLease(brief);
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a deed may take away the button that had the focus
  useEffect(() => {
    if (document.activeElement === document.body) title.current?.focus();
  }, [brief.state]);
  return (
    <ShowSource value={show}>
      <ReportHead brief={brief} titleRef={title} />
      <WhyHere brief={brief} />
      {brief.duplicateOf === undefined ? null : (
        <p className="report-note">
          The same document and files as report <ReportLink reportId={brief.duplicateOf} />, sent again.
          Deciding one does not decide the other.
        </p>
      )}
      {brief.erasedAt === undefined ? (
        <>
          <SummarySection brief={brief} />
          <PeopleSection brief={brief} />
          <FilesSection brief={brief} />
          <SentSection brief={brief} source={source} />
        </>
      ) : null}
      <HistorySection brief={brief} />
      {brief.reportState === 'filed' ? <KeepingSection brief={brief} /> : null}
    </ShowSource>
  );
}
