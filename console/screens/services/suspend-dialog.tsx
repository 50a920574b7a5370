import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ProviderItem } from '#contract/administration';
import { api } from '../../api.ts';
import { Confirm } from '../../ui/confirm.tsx';

interface SuspendProps {
  readonly service: ProviderItem | undefined;
  readonly onClose: () => void;
}

export function SuspendDialog({ service, onClose }: SuspendProps) {
  const client = useQueryClient();
  const isSuspended = service?.suspendedAt !== undefined;
  const change = useMutation({
    mutationFn: (id: string) => (isSuspended ? api.resumeProvider(id) : api.suspendProvider(id)),
    onSuccess: () => {
      onClose();
      return client.invalidateQueries({ queryKey: ['providers'] });
    },
  });
  return (
    <Confirm
      title={`${isSuspended ? 'Resume' : 'Suspend'} ${service?.name ?? ''}`}
      button={isSuspended ? 'Resume' : 'Suspend'}
      isOpen={service !== undefined}
      isPending={change.isPending}
      error={change.error}
      isGrave={!isSuspended}
      onClose={onClose}
      onConfirm={() => {
        if (service !== undefined) change.mutate(service.id);
      }}
    >
      <p>
        {isSuspended
          ? 'The service can send reports again with the password it has.'
          : 'From now on its reports are refused. Reports that it sent stay where they are. Tell its engineer before you do this: what they detect has to be reported by law.'}
      </p>
    </Confirm>
  );
}
