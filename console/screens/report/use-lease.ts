import { useEffect } from 'react';
import type { Brief } from '#contract/desk';
import { api } from '../../api.ts';
import { idleMs } from '../../presence.ts';
import { useSession } from '../../session.ts';

/** The shortest lease is five minutes. */
const renewEveryMs = 4 * 60_000;

/** Holds on to a report that one has taken, as long as somebody moves in front of the page. */
export function useLease(brief: Brief): void {
  const { staff } = useSession();
  const { reportId } = brief;
  const isMine = brief.state === 'taken' && brief.takenBy?.id === staff.id;
  useEffect(() => {
    if (!isMine) return;
    const timer = setInterval(() => {
      if (document.visibilityState === 'hidden' || idleMs() > renewEveryMs) return;
      // A refusal shows at the next deed, which says who has it now.
      api.take(reportId).catch(() => undefined);
    }, renewEveryMs);
    return () => clearInterval(timer);
  }, [isMine, reportId]);
}
