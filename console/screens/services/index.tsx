import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { CredentialReply, ProviderItem } from '#contract/administration';
import { api } from '../../api.ts';
import { useMay } from '../../session.ts';
import { useTitle } from '../../shell/title.ts';
import { Button } from '../../ui/button.tsx';
import { Page } from '../../ui/page.tsx';
import { Raw } from '../../ui/raw-text.tsx';
import { Empty, Loading, ProblemNote } from '../../ui/states.tsx';
import { Ago, Day, Moment } from '../../ui/time.tsx';
import { sentenceCase } from '../../ui/words.ts';
import { AddServiceDialog } from './add-dialog.tsx';
import { CredentialDialog } from './credential-dialog.tsx';
import { RotateDialog } from './rotate-dialog.tsx';
import { SuspendDialog } from './suspend-dialog.tsx';

type Open =
  | { readonly kind: 'add' }
  | { readonly kind: 'rotate' | 'suspend' | 'resume'; readonly service: ProviderItem };

/** Who may send reports, and with which credential. */
export function ServicesScreen() {
  useTitle('Services');
  const may = useMay();
  const services = useQuery({ queryKey: ['providers'], queryFn: api.providers });
  const [open, setOpen] = useState<Open>();
  const [credential, setCredential] = useState<CredentialReply>();
  const close = () => setOpen(undefined);
  const issued = (reply: CredentialReply) => {
    close();
    setCredential(reply);
    void services.refetch();
  };
  const add = (
    <Button look="primary" onPress={() => setOpen({ kind: 'add' })}>
      Add a service
    </Button>
  );
  return (
    <Page
      title="Services"
      intro="Who may send reports. Production and sandbox are separate: their reports are never in one line or one count."
      actions={may('provider:manage') ? add : undefined}
    >
      {services.isPending ? (
        <Loading what="services" />
      ) : services.isError ? (
        <ProblemNote error={services.error} onRetry={() => void services.refetch()} />
      ) : services.data.items.length === 0 ? (
        <Empty title="No service is registered">
          <p>Add the first one; its engineer needs the user name and password that are shown then.</p>
        </Empty>
      ) : (
        <ServiceTable services={services.data.items} canManage={may('provider:manage')} onOpen={setOpen} />
      )}
      <AddServiceDialog isOpen={open?.kind === 'add'} onClose={close} onIssued={issued} />
      <RotateDialog
        service={open?.kind === 'rotate' ? open.service : undefined}
        onClose={close}
        onIssued={issued}
      />
      <SuspendDialog
        service={open?.kind === 'suspend' || open?.kind === 'resume' ? open.service : undefined}
        onClose={close}
      />
      <CredentialDialog credential={credential} onClose={() => setCredential(undefined)} />
    </Page>
  );
}

interface TableProps {
  readonly services: readonly ProviderItem[];
  readonly canManage: boolean;
  readonly onOpen: (open: Open) => void;
}

const number = new Intl.NumberFormat('en');

function ServiceTable({ services, canManage, onOpen }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="table-wrap" aria-label="Services" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Service</th>
            <th scope="col">Environment</th>
            <th scope="col">User name</th>
            <th scope="col" className="number">
              Reports
            </th>
            <th scope="col">Last used</th>
            <th scope="col">Password</th>
            <th scope="col">State</th>
            {canManage ? (
              <th scope="col">
                <span className="visually-hidden">Actions</span>
              </th>
            ) : null}
          </tr>
        </thead>
        <tbody>
          {services.map((service) => (
            <tr key={service.id}>
              <th scope="row" className="row-name">
                <Raw text={service.name} />
              </th>
              <td>{sentenceCase(service.environment)}</td>
              <td>
                <code className="nowrap">{service.username}</code>
              </td>
              <td className="number">{number.format(service.reports)}</td>
              <td>
                {service.lastUsedAt === undefined ? (
                  <span className="quiet">Never</span>
                ) : (
                  <Ago at={service.lastUsedAt} />
                )}
              </td>
              <td>
                <Password service={service} />
              </td>
              <td>
                {service.suspendedAt === undefined ? (
                  'Active'
                ) : (
                  <>
                    Suspended <Day at={service.suspendedAt} />
                  </>
                )}
              </td>
              {canManage ? (
                <td>
                  <ServiceButtons service={service} onOpen={onOpen} />
                </td>
              ) : null}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Password({ service }: { readonly service: ProviderItem }) {
  return (
    <>
      <div>
        From <Day at={service.credentialIssuedAt} />
      </div>
      {service.oldCredentialUntil === undefined ||
      Date.parse(service.oldCredentialUntil) < Date.now() ? null : (
        <div className="quiet">
          The one before works until <Moment at={service.oldCredentialUntil} />
        </div>
      )}
    </>
  );
}

function ServiceButtons({
  service,
  onOpen,
}: {
  readonly service: ProviderItem;
  readonly onOpen: (open: Open) => void;
}) {
  const isSuspended = service.suspendedAt !== undefined;
  return (
    <div className="row-buttons">
      <Button
        look="plain"
        label={`New password for ${service.name}`}
        onPress={() => onOpen({ kind: 'rotate', service })}
      >
        New password…
      </Button>
      <Button
        look="plain"
        label={`${isSuspended ? 'Resume' : 'Suspend'} ${service.name}`}
        onPress={() => onOpen({ kind: isSuspended ? 'resume' : 'suspend', service })}
      >
        {isSuspended ? 'Resume…' : 'Suspend…'}
      </Button>
    </div>
  );
}
