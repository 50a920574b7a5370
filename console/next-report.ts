import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api } from './api.ts';
import type { LineSearch } from './line.ts';
import { announce } from './ui/announce.tsx';

/** Takes the next report of the order and opens it; the bureau says which one and why. */
export function useNextReport(search: LineSearch) {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: () => api.next({ environment: search.environment ?? 'production' }),
    onSuccess: async ({ report }) => {
      if (report === undefined) {
        announce('Nothing waits in the line.');
        return;
      }
      announce(report.sentence);
      await client.invalidateQueries({ queryKey: ['brief', report.reportId] });
      await navigate({ to: '/reports/$reportId', params: { reportId: report.reportId }, search });
      await client.invalidateQueries({ queryKey: ['line'] });
    },
  });
}
