import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { SignInLinkReply, StaffItem } from '#contract/administration';
import { api } from '../../api.ts';
import { useSession, waysQuery } from '../../session.ts';
import { useTitle } from '../../shell/title.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Page } from '../../ui/page.tsx';
import { Raw } from '../../ui/raw-text.tsx';
import { Empty, Loading, ProblemNote } from '../../ui/states.tsx';
import { Ago, Day } from '../../ui/time.tsx';
import { plainWords, sentenceCase } from '../../ui/words.ts';
import { AddStaffDialog } from './add-dialog.tsx';
import { LinkDialog } from './link-dialog.tsx';
import { SessionsDialog } from './sessions-dialog.tsx';

type Open =
  | { readonly kind: 'add' }
  | { readonly kind: 'link' | 'disable' | 'sessions'; readonly person: StaffItem };

/** Who works here, in which roles. */
export function StaffScreen() {
  useTitle('Staff');
  const staff = useQuery({ queryKey: ['staff'], queryFn: api.staff });
  const [open, setOpen] = useState<Open>();
  const [link, setLink] = useState<SignInLinkReply>();
  const close = () => setOpen(undefined);
  const linked = (reply: SignInLinkReply) => {
    close();
    setLink(reply);
    void staff.refetch();
  };
  return (
    <Page
      title="Staff"
      intro="Who works in the bureau, in which roles. A link that works once lets a person in for the first time; a passkey from then on."
      actions={
        <Button look="primary" onPress={() => setOpen({ kind: 'add' })}>
          Add a person
        </Button>
      }
    >
      {staff.isPending ? (
        <Loading what="staff" />
      ) : staff.isError ? (
        <ProblemNote error={staff.error} onRetry={() => void staff.refetch()} />
      ) : staff.data.items.length === 0 ? (
        <Empty title="Nobody is listed">
          <p>Add the first person and give them the link.</p>
        </Empty>
      ) : (
        <StaffTable staff={staff.data.items} onOpen={setOpen} />
      )}
      <AddStaffDialog isOpen={open?.kind === 'add'} onClose={close} onLinked={linked} />
      <NewLink person={open?.kind === 'link' ? open.person : undefined} onClose={close} onLinked={linked} />
      <Disable person={open?.kind === 'disable' ? open.person : undefined} onClose={close} />
      <SessionsDialog person={open?.kind === 'sessions' ? open.person : undefined} onClose={close} />
      <LinkDialog link={link} onClose={() => setLink(undefined)} />
    </Page>
  );
}

function StaffTable({
  staff,
  onOpen,
}: {
  readonly staff: readonly StaffItem[];
  readonly onOpen: (open: Open) => void;
}) {
  const me = useSession().staff.id;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="table-wrap" aria-label="Staff" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Roles</th>
            <th scope="col">Listed since</th>
            <th scope="col">Last seen</th>
            <th scope="col">Signs in with</th>
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {staff.map((person) => (
            <tr key={person.id}>
              <th scope="row" className="row-name">
                <Raw text={person.name} />
                {person.id === me ? <span className="quiet"> (you)</span> : null}
              </th>
              <td>{person.roles.map((role) => sentenceCase(plainWords(role))).join(', ')}</td>
              <td>
                <Day at={person.createdAt} />
              </td>
              <td>
                {person.lastSeenAt === undefined ? (
                  <span className="quiet">Never</span>
                ) : (
                  <Ago at={person.lastSeenAt} />
                )}
              </td>
              <td>{waysOf(person)}</td>
              <td>
                <RowButtons person={person} isMe={person.id === me} onOpen={onOpen} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface RowProps {
  readonly person: StaffItem;
  readonly isMe: boolean;
  readonly onOpen: (open: Open) => void;
}

function RowButtons({ person, isMe, onOpen }: RowProps) {
  if (person.disabledAt !== undefined)
    return (
      <span className="quiet">
        Disabled <Day at={person.disabledAt} />
      </span>
    );
  return (
    <div className="row-buttons">
      {person.sessions === 0 ? null : (
        <Button
          look="plain"
          label={`Sessions of ${person.name}`}
          onPress={() => onOpen({ kind: 'sessions', person })}
        >
          Sessions…
        </Button>
      )}
      <Button
        look="plain"
        label={`New sign-in link for ${person.name}`}
        onPress={() => onOpen({ kind: 'link', person })}
      >
        New link…
      </Button>
      {isMe ? null : (
        <Button
          look="plain"
          label={`Disable ${person.name}`}
          onPress={() => onOpen({ kind: 'disable', person })}
        >
          Disable…
        </Button>
      )}
    </div>
  );
}

/** `2 passkeys`, `the agency`, or that only a link is left. */
function waysOf({ passkeys, isFromAgency }: StaffItem): string {
  const ways = [
    ...(isFromAgency ? ['the agency'] : []),
    ...(passkeys === 0 ? [] : [passkeys === 1 ? '1 passkey' : `${passkeys} passkeys`]),
  ];
  return ways.length === 0 ? 'Link only' : sentenceCase(ways.join(', '));
}

interface NewLinkProps {
  readonly person: StaffItem | undefined;
  readonly onClose: () => void;
  readonly onLinked: (reply: SignInLinkReply) => void;
}

function NewLink({ person, onClose, onLinked }: NewLinkProps) {
  const make = useMutation({ mutationFn: api.linkStaff, onSuccess: onLinked });
  const { data: ways } = useSuspenseQuery(waysQuery);
  return (
    <Confirm
      title={`New sign-in link for ${person?.name ?? ''}`}
      button="Make and show it"
      isOpen={person !== undefined}
      isPending={make.isPending}
      error={make.error}
      onClose={onClose}
      onConfirm={() => {
        if (person !== undefined) make.mutate(person.id);
      }}
    >
      <p>
        {ways.linksSignIn
          ? 'Whoever opens the link is signed in under this name.'
          : 'Whoever opens the link can register a passkey under this name and is signed in by it.'}{' '}
        Any unused link from before stops working.
      </p>
    </Confirm>
  );
}

function Disable({ person, onClose }: Omit<NewLinkProps, 'onLinked'>) {
  const client = useQueryClient();
  const disable = useMutation({
    mutationFn: api.disableStaff,
    onSuccess: () => {
      onClose();
      return client.invalidateQueries({ queryKey: ['staff'] });
    },
  });
  return (
    <Confirm
      title={`Disable ${person?.name ?? ''}`}
      button="Disable"
      isGrave
      isOpen={person !== undefined}
      isPending={disable.isPending}
      error={disable.error}
      onClose={onClose}
      onConfirm={() => {
        if (person !== undefined) disable.mutate(person.id);
      }}
    >
      <p>
        They are signed out everywhere at once and cannot sign in again. What they did stays in the audit
        trail.
      </p>
    </Confirm>
  );
}
