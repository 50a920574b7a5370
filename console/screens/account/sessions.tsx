import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api.ts';
import { Button } from '../../ui/button.tsx';
import { SessionTable } from '../../ui/session-table.tsx';
import { Loading, ProblemNote } from '../../ui/states.tsx';

const sessionsKey = ['account', 'sessions'];

export function SessionPart() {
  const client = useQueryClient();
  const sessions = useQuery({ queryKey: sessionsKey, queryFn: api.sessions });
  const refresh = () => client.invalidateQueries({ queryKey: sessionsKey });
  const end = useMutation({ mutationFn: api.endSession, onSuccess: refresh });
  const endOthers = useMutation({ mutationFn: api.endOtherSessions, onSuccess: refresh });
  const error = end.error ?? endOthers.error;
  const hasOthers = sessions.data?.items.some((session) => !session.isThis) === true;
  return (
    <section className="account-part" aria-labelledby="sessions-title">
      <div className="account-head">
        <div>
          <h2 id="sessions-title">Where you are signed in</h2>
          <p>End whatever you do not recognise, and tell an administrator.</p>
        </div>
        {hasOthers ? (
          <Button isPending={endOthers.isPending} onPress={() => endOthers.mutate()}>
            End all others
          </Button>
        ) : null}
      </div>
      {error === null ? null : <ProblemNote error={error} />}
      {sessions.isPending ? (
        <Loading what="sessions" rows={3} />
      ) : sessions.isError ? (
        <ProblemNote error={sessions.error} onRetry={() => void sessions.refetch()} />
      ) : (
        <SessionTable
          label="Sessions"
          sessions={sessions.data.items}
          action={(session) =>
            session.isThis ? null : (
              <div className="row-buttons">
                <Button
                  look="plain"
                  label={`End the session on ${session.device ?? 'an unknown device'}`}
                  isPending={end.isPending}
                  onPress={() => end.mutate(session.id)}
                >
                  End
                </Button>
              </div>
            )
          }
        />
      )}
    </section>
  );
}
