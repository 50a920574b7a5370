import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { PasskeyItem } from '#contract/sign-in';
import { api } from '../../api.ts';
import { registerPasskey } from '../../passkeys.ts';
import { sessionQuery, waysQuery } from '../../session.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { PasskeyForm } from '../../ui/passkey-form.tsx';
import { Raw } from '../../ui/raw-text.tsx';
import { Empty, Loading, ProblemNote } from '../../ui/states.tsx';
import { Ago, Day } from '../../ui/time.tsx';

type Open = { readonly kind: 'add' } | { readonly kind: 'rename' | 'remove'; readonly passkey: PasskeyItem };

const passkeysKey = ['account', 'passkeys'];

export function PasskeyPart() {
  const passkeys = useQuery({ queryKey: passkeysKey, queryFn: api.passkeys });
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  return (
    <section className="account-part" aria-labelledby="passkeys-title">
      <div className="account-head">
        <div>
          <h2 id="passkeys-title">Passkeys</h2>
          <p>What signs you in and unlocks the screen. Have two, so that losing one does not keep you out.</p>
        </div>
        <AddButton onPress={() => setOpen({ kind: 'add' })} />
      </div>
      {passkeys.isPending ? (
        <Loading what="passkeys" rows={3} />
      ) : passkeys.isError ? (
        <ProblemNote error={passkeys.error} onRetry={() => void passkeys.refetch()} />
      ) : passkeys.data.items.length === 0 ? (
        <Empty title="You have no passkey yet">
          <p>Without one, only a new link from an administrator signs you in again.</p>
        </Empty>
      ) : (
        <PasskeyTable passkeys={passkeys.data.items} onOpen={setOpen} />
      )}
      <AddDialog isOpen={open?.kind === 'add'} onClose={close} />
      <RenameDialog passkey={open?.kind === 'rename' ? open.passkey : undefined} onClose={close} />
      <RemoveDialog passkey={open?.kind === 'remove' ? open.passkey : undefined} onClose={close} />
    </section>
  );
}

/** Passkeys belong to the name of an address, and this page may be open at another. */
function AddButton({ onPress }: { readonly onPress: () => void }) {
  const { data: ways } = useSuspenseQuery(waysQuery);
  if (ways.passkeyOrigin === location.origin)
    return (
      <Button look="primary" onPress={onPress}>
        Add a passkey…
      </Button>
    );
  return (
    <p className="quiet small">
      {ways.passkeyOrigin === undefined ? (
        'Passkeys do not work at this address: it has no name or no https.'
      ) : (
        <>
          Passkeys work at <code>{ways.passkeyOrigin}</code>. Sign in there to add one.
        </>
      )}
    </p>
  );
}

interface TableProps {
  readonly passkeys: readonly PasskeyItem[];
  readonly onOpen: (open: Open) => void;
}

function PasskeyTable({ passkeys, onOpen }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="table-wrap" aria-label="List of passkeys" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Where it lives</th>
            <th scope="col">Added</th>
            <th scope="col">Last used</th>
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {passkeys.map((passkey) => (
            <tr key={passkey.id}>
              <th scope="row" className="row-name">
                <Raw text={passkey.name} />
              </th>
              <td>
                {passkey.isSuspect
                  ? 'Seems to have been copied: refused'
                  : passkey.isSynced
                    ? 'Your devices share it'
                    : 'One device only'}
              </td>
              <td>
                <Day at={passkey.createdAt} />
              </td>
              <td>
                {passkey.lastUsedAt === undefined ? (
                  <span className="quiet">Never</span>
                ) : (
                  <Ago at={passkey.lastUsedAt} />
                )}
              </td>
              <td>
                <div className="row-buttons">
                  <Button
                    look="plain"
                    label={`Rename ${passkey.name}`}
                    onPress={() => onOpen({ kind: 'rename', passkey })}
                  >
                    Rename…
                  </Button>
                  <Button
                    look="plain"
                    label={`Remove ${passkey.name}`}
                    onPress={() => onOpen({ kind: 'remove', passkey })}
                  >
                    Remove…
                  </Button>
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function AddDialog({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const client = useQueryClient();
  const add = useMutation({
    mutationFn: registerPasskey,
    onSuccess: (session) => {
      client.setQueryData(sessionQuery.queryKey, session);
      onClose();
      return client.invalidateQueries({ queryKey: ['account'] });
    },
  });
  return (
    <Dialog title="Add a passkey" isOpen={isOpen} onClose={onClose}>
      <PasskeyForm
        button="Go on"
        isPending={add.isPending}
        error={add.error}
        onSubmit={(name) => add.mutate(name)}
        onClose={onClose}
      />
    </Dialog>
  );
}

interface OneProps {
  readonly passkey: PasskeyItem | undefined;
  readonly onClose: () => void;
}

function RenameDialog({ passkey, onClose }: OneProps) {
  const client = useQueryClient();
  const rename = useMutation({
    mutationFn: (name: string) => api.renamePasskey(passkey?.id ?? '', name),
    onSuccess: () => {
      onClose();
      return client.invalidateQueries({ queryKey: passkeysKey });
    },
  });
  return (
    <Dialog title="Rename a passkey" isOpen={passkey !== undefined} onClose={onClose}>
      {passkey === undefined ? null : (
        <PasskeyForm
          button="Rename"
          initialName={passkey.name}
          isPending={rename.isPending}
          error={rename.error}
          onSubmit={(name) => rename.mutate(name)}
          onClose={onClose}
        />
      )}
    </Dialog>
  );
}

function RemoveDialog({ passkey, onClose }: OneProps) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: api.removePasskey,
    onSuccess: () => {
      onClose();
      return client.invalidateQueries({ queryKey: passkeysKey });
    },
  });
  return (
    <Confirm
      title={`Remove ${passkey?.name ?? ''}`}
      button="Remove"
      isGrave
      isOpen={passkey !== undefined}
      isPending={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onConfirm={() => {
        if (passkey !== undefined) remove.mutate(passkey.id);
      }}
    >
      <p>It opens nothing here any more. Sessions that it opened go on; end them below if it was stolen.</p>
    </Confirm>
  );
}
