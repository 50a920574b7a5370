import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { api } from '../../api.ts';
import { useTitle } from '../../shell/title.ts';
import { CopyButton } from '../../ui/copy.tsx';
import { Page } from '../../ui/page.tsx';
import { Loading, ProblemNote } from '../../ui/states.tsx';
import './set-up.css';

/** What a new bureau still needs before its first report can be read. */
export function SetUpScreen() {
  useTitle('Set up');
  const staff = useQuery({ queryKey: ['staff'], queryFn: api.staff });
  const services = useQuery({ queryKey: ['providers'], queryFn: api.providers });
  const status = useQuery({ queryKey: ['status'], queryFn: api.status });
  const failed = [staff, services, status].find((query) => query.isError);
  if (failed !== undefined) {
    return (
      <Page title="Set up" intro="What this bureau needs before its first report can be read.">
        <ProblemNote error={failed.error} onRetry={() => void failed.refetch()} />
      </Page>
    );
  }
  return (
    <Page title="Set up" intro="What this bureau needs before its first report can be read.">
      {staff.data === undefined || services.data === undefined || status.data === undefined ? (
        <Loading what="what is there already" />
      ) : (
        <Steps
          officers={staff.data.items.filter(mayDecide).length}
          services={services.data.items.length}
          reports={status.data.reports.filed}
        />
      )}
    </Page>
  );
}

function mayDecide(person: { readonly roles: readonly string[]; readonly disabledAt?: string }): boolean {
  const decides = person.roles.includes('triage-officer') || person.roles.includes('supervisor');
  return decides && person.disabledAt === undefined;
}

function Steps({
  officers,
  services,
  reports,
}: {
  readonly officers: number;
  readonly services: number;
  readonly reports: number;
}) {
  return (
    <ol className="set-up-steps">
      <Step title="Add the people who decide" isDone={officers > 0}>
        <p>
          An administrator does not read reports. Add a triage officer under <Link to="/staff">Staff</Link>{' '}
          and give them the link that is shown: it works once.
        </p>
      </Step>
      <Step title="Add a service" isDone={services > 0}>
        <p>
          Under <Link to="/services">Services</Link>; begin with the environment <b>sandbox</b>, where a
          service tries its client and nothing counts as real. The password is shown once.
        </p>
      </Step>
      <Step title="Receive a report" isDone={reports > 0}>
        <p>
          The service points the reporting client that it has at this address, or reads{' '}
          <a href="/v1/docs">the description of the newer API</a>:
        </p>
        <p>
          <code>{`${window.location.origin}/ispws`}</code>{' '}
          <CopyButton text={`${window.location.origin}/ispws`} what="the address for services" />
        </p>
      </Step>
    </ol>
  );
}

function Step({
  title,
  isDone,
  children,
}: {
  readonly title: string;
  readonly isDone: boolean;
  readonly children: ReactNode;
}) {
  return (
    <li>
      <h2>
        {title} <span className="quiet">{isDone ? '✓ done' : 'to do'}</span>
      </h2>
      {children}
    </li>
  );
}
