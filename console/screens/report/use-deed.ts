import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { DecisionBody, DeskReply } from '#contract/desk';
import { api } from '../../api.ts';
import { patchLine } from '../../line.ts';
import { announce } from '../../ui/announce.tsx';

export type Deed =
  | { readonly name: 'take' | 'release' | 'undo' }
  | { readonly name: 'decide'; readonly body: DecisionBody }
  | { readonly name: 'reopen'; readonly reason: string };

const said: Readonly<Record<Deed['name'], string>> = {
  take: 'Taken. The decisions are open to you now.',
  release: 'Released. It waits in the line again.',
  undo: 'The decision is undone.',
  decide: 'Decided.',
  reopen: 'Reopened. It waits in the line again.',
};

function perform(reportId: string, deed: Deed): Promise<DeskReply> {
  if (deed.name === 'decide') return api.decide(reportId, deed.body);
  if (deed.name === 'reopen') return api.reopen(reportId, { reason: deed.reason });
  return api[deed.name](reportId);
}

/** Does a deed, then reads the report again: the server says what may be done next. */
export function useDeed(reportId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (deed: Deed) => perform(reportId, deed),
    onSuccess: (reply, deed) => {
      patchLine(client, reply);
      announce(said[deed.name]);
      return client.invalidateQueries({ queryKey: ['brief', reportId] });
    },
  });
}
