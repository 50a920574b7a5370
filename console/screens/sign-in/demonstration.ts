import { useQuery } from '@tanstack/react-query';
import { ApiProblem, api } from '../../api.ts';

/**
 * Whether this bureau is a demonstration, before anybody is signed in: the refusal of `GET /v1/session` carries
 * `details.isDemonstration`.
 */
export function useDemonstration(): boolean {
  const { data } = useQuery({
    queryKey: ['demonstration'],
    queryFn: async () => {
      try {
        return (await api.session()).bureau.isDemonstration;
      } catch (error) {
        return error instanceof ApiProblem && error.problem.details?.isDemonstration === true;
      }
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data ?? false;
}
