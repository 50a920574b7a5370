import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { StaffItem } from '#contract/administration';
import { api } from '../../api.ts';
import { announce } from '../../ui/announce.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { SessionTable } from '../../ui/session-table.tsx';
import { Loading, ProblemNote } from '../../ui/states.tsx';

interface SessionsProps {
  readonly person: StaffItem | undefined;
  readonly onClose: () => void;
}

/** Where somebody is signed in, and the button that ends all of it. */
export function SessionsDialog({ person, onClose }: SessionsProps) {
  return (
    <Dialog
      title={`Sessions of ${person?.name ?? ''}`}
      isOpen={person !== undefined}
      onClose={onClose}
      isWide
    >
      {person === undefined ? null : <Sessions person={person} onClose={onClose} />}
    </Dialog>
  );
}

function Sessions({ person, onClose }: { readonly person: StaffItem; readonly onClose: () => void }) {
  const client = useQueryClient();
  const sessions = useQuery({
    queryKey: ['staff', person.id, 'sessions'],
    queryFn: () => api.staffSessions(person.id),
  });
  const end = useMutation({
    mutationFn: () => api.endStaffSessions(person.id),
    onSuccess: ({ ended }) => {
      announce(ended === 1 ? '1 session ended' : `${ended} sessions ended`);
      onClose();
      return client.invalidateQueries({ queryKey: ['staff'] });
    },
  });
  return (
    <>
      <p>Ending them signs the person out everywhere at once. They may sign in again.</p>
      {sessions.isPending ? (
        <Loading what="sessions" rows={3} />
      ) : sessions.isError ? (
        <ProblemNote error={sessions.error} onRetry={() => void sessions.refetch()} />
      ) : (
        <SessionTable label="Sessions" sessions={sessions.data.items} />
      )}
      {end.error === null ? null : <ProblemNote error={end.error} />}
      <div className="dialog-buttons">
        <Button onPress={onClose} autoFocus>
          Cancel
        </Button>
        <Button look="grave" isPending={end.isPending} onPress={() => end.mutate()}>
          End all sessions
        </Button>
      </div>
    </>
  );
}
