import { useQuery } from '@tanstack/react-query';
import { api } from '../../api.ts';

/** Somebody watches the page while an engineer tries a client, so it looks again by itself. */
const lookAgainMs = 5_000;

/** Whether any report was filed, in production or in the sandbox; asks again until there is one. */
export function useHasReports() {
  return useQuery({
    queryKey: ['status', 'has-reports'],
    queryFn: async () => {
      const both = await Promise.all([api.status('production'), api.status('sandbox')]);
      return both.some((status) => status.reports.filed > 0);
    },
    refetchInterval: (query) => (query.state.data === false ? lookAgainMs : false),
  });
}
