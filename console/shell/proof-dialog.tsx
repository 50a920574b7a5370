import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { SessionReply } from '#contract/administration';
import { leaveForAgency } from '../agency.ts';
import { offerProof } from '../api.ts';
import { renewByPasskey } from '../passkeys.ts';
import { sessionQuery, useSession, waysQuery } from '../session.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { ProblemNote } from '../ui/states.tsx';

/** Asks who is there before a dangerous deed; the deed goes on by itself when the person has proved it. */
export function ProofDialog() {
  const [isOpen, setOpen] = useState(false);
  const waiting = useRef<((isProved: boolean) => void)[]>([]);
  const settle = (isProved: boolean) => {
    setOpen(false);
    for (const resolve of waiting.current.splice(0)) resolve(isProved);
  };
  useEffect(() => {
    const takeBack = offerProof(async () => {
      setOpen(true);
      return await new Promise<boolean>((resolve) => waiting.current.push(resolve));
    });
    return () => {
      takeBack();
      for (const resolve of waiting.current.splice(0)) resolve(false);
    };
  }, []);
  return (
    <Dialog title="Is it still you?" isOpen={isOpen} onClose={() => settle(false)}>
      <ProofForm onProved={() => settle(true)} onClose={() => settle(false)} />
    </Dialog>
  );
}

interface FormProps {
  readonly onProved: () => void;
  readonly onClose: () => void;
}

function ProofForm({ onProved, onClose }: FormProps) {
  const client = useQueryClient();
  const { hasPasskey, isFromAgency } = useSession();
  const { data: ways } = useSuspenseQuery(waysQuery);
  const byPasskey = useMutation({
    mutationFn: renewByPasskey,
    onSuccess: (session: SessionReply) => {
      client.setQueryData(sessionQuery.queryKey, session);
      onProved();
    },
  });
  const byAgency = useMutation({ mutationFn: () => leaveForAgency('renewal') });
  const error = byPasskey.error ?? byAgency.error;
  return (
    <>
      <p>
        What you are about to do needs a fresh proof of who you are. It then holds for five minutes.
        {hasPasskey || !isFromAgency ? null : ' You are taken to your agency and back, and do it again then.'}
      </p>
      {error === null ? null : <ProblemNote error={error} />}
      <div className="dialog-buttons">
        <Button onPress={onClose}>Cancel</Button>
        {!isFromAgency || ways.agencySignIn === undefined ? null : (
          <Button
            look={hasPasskey ? undefined : 'primary'}
            isPending={byAgency.isPending}
            onPress={() => byAgency.mutate()}
          >
            Use {ways.agencySignIn}
          </Button>
        )}
        {hasPasskey ? (
          <Button look="primary" autoFocus isPending={byPasskey.isPending} onPress={() => byPasskey.mutate()}>
            {byPasskey.isPending ? 'Waiting for your passkey…' : 'Use your passkey'}
          </Button>
        ) : null}
      </div>
    </>
  );
}
