import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import type { NoticesReply } from '#contract/control';
import { controlApi } from '../control-api.ts';
import { useMay } from '../session.ts';
import { announce } from '../ui/announce.tsx';
import { Button } from '../ui/button.tsx';
import { Raw } from '../ui/raw-text.tsx';
import { Ago, clockText } from '../ui/time.tsx';
import { counted } from '../ui/words.ts';
import './notices.css';

/** What waits for whoever is signed in. Asked again every few seconds: an emergency must be seen at once. */
const noticesQuery = queryOptions({
  queryKey: ['notices'],
  queryFn: controlApi.notices,
  refetchInterval: 5_000,
  retry: false,
});

export function useNotices() {
  return useQuery(noticesQuery);
}

/** Bands below the navigation: emergencies to review, and emergency access that the reader has open. */
export function NoticeBands() {
  const { data } = useNotices();
  useSpoken(data);
  if (data === undefined) return null;
  return (
    <>
      <ReviewBand notices={data} />
      {data.own.map((one) => (
        <OwnBand key={one.id} emergency={one} />
      ))}
    </>
  );
}

function ReviewBand({ notices }: { readonly notices: NoticesReply }) {
  const [first] = notices.emergencies;
  if (first === undefined) return null;
  const overdue = notices.emergencies.filter(({ isOverdue }) => isOverdue).length;
  return (
    <aside className="notice-band" aria-label="Emergency access to review">
      <span>
        <strong>Emergency access.</strong> <Raw text={first.by.name} isWhole />{' '}
        {first.reportId === undefined ? 'signed in by a printed code' : `opened report ${first.reportId}`}{' '}
        <Ago at={first.openedAt} />.
        {notices.unreviewed > 1
          ? ` ${counted(notices.unreviewed, 'use waits', 'uses wait')} for a review.`
          : ''}
        {overdue > 0 ? ` ${counted(overdue, 'review is', 'reviews are')} overdue.` : ''}
      </span>
      <Link to="/approvals" className="button">
        Review
      </Link>
    </aside>
  );
}

function OwnBand({ emergency }: { readonly emergency: NoticesReply['own'][number] }) {
  const client = useQueryClient();
  const may = useMay();
  const end = useMutation({
    mutationFn: () => controlApi.endEmergency(emergency.id),
    onSuccess: () => client.invalidateQueries(),
  });
  const { reportId } = emergency;
  return (
    <aside className="notice-band own" aria-label="Your emergency access">
      <span>
        <strong>You are here in an emergency</strong>
        {reportId === undefined ? ', signed in by a printed code' : ` and may read report ${reportId}`} until{' '}
        {clockText(emergency.endsAt)}. Everything you do is recorded and will be reviewed.
      </span>
      {reportId === undefined ? null : (
        <>
          {may('report:read') ? null : (
            <Link to="/reports/$reportId" params={{ reportId }} className="button">
              Open report {reportId}
            </Link>
          )}
          <Button isPending={end.isPending} onPress={() => end.mutate()}>
            End it now
          </Button>
        </>
      )}
    </aside>
  );
}

/** Says what is new to whoever does not look at the badge. */
function useSpoken(notices: NoticesReply | undefined): void {
  const before = useRef<NoticesReply | undefined>(undefined);
  useEffect(() => {
    const known = before.current;
    before.current = notices;
    if (notices === undefined || known === undefined) return;
    if (notices.unreviewed > known.unreviewed) announce('A colleague took emergency access. A review waits.');
    else if (notices.approvals > known.approvals) announce('A proposal waits for your approval.');
  }, [notices]);
}
