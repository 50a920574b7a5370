import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { api } from '../../api.ts';
import { useTitle } from '../../shell/title.ts';
import { CopyButton } from '../../ui/copy.tsx';
import { Page } from '../../ui/page.tsx';
import { Loading, ProblemNote } from '../../ui/states.tsx';
import { useHasReports } from './has-reports.ts';
import './set-up.css';

const intro = 'What this bureau needs before its first report can be read.';

/** What a new bureau still needs before its first report can be read. */
export function SetUpScreen() {
  useTitle('Set up');
  const staff = useQuery({ queryKey: ['staff'], queryFn: api.staff });
  const services = useQuery({ queryKey: ['providers'], queryFn: api.providers });
  const hasReports = useHasReports();
  const failed = [staff, services, hasReports].find((query) => query.isError);
  if (failed !== undefined) {
    return (
      <Page title="Set up" intro={intro}>
        <ProblemNote error={failed.error} onRetry={() => void failed.refetch()} />
      </Page>
    );
  }
  return (
    <Page title="Set up" intro={intro}>
      {staff.data === undefined || services.data === undefined || hasReports.data === undefined ? (
        <Loading what="what is there already" />
      ) : (
        <Steps
          hasDeciders={staff.data.items.some(mayDecide)}
          hasServices={services.data.items.length > 0}
          hasReports={hasReports.data}
        />
      )}
    </Page>
  );
}

function mayDecide(person: { readonly roles: readonly string[]; readonly disabledAt?: string }): boolean {
  const decides = person.roles.includes('triage-officer') || person.roles.includes('supervisor');
  return decides && person.disabledAt === undefined;
}

interface StepsProps {
  readonly hasDeciders: boolean;
  readonly hasServices: boolean;
  readonly hasReports: boolean;
}

function Steps({ hasDeciders, hasServices, hasReports }: StepsProps) {
  const address = `${window.location.origin}/ispws`;
  const isReady = hasDeciders && hasServices && hasReports;
  return (
    <>
      <ol className="set-up-steps">
        <Step title="Add the people who decide" isDone={hasDeciders}>
          <p>
            An administrator does not read reports. Add a triage officer under <Link to="/staff">Staff</Link>{' '}
            and give them the link that is shown: it works once.
          </p>
        </Step>
        <Step title="Add a service" isDone={hasServices}>
          <p>
            Under <Link to="/services">Services</Link>; begin with the environment <b>sandbox</b>, where a
            service tries its client and nothing counts as real. The password is shown once.
          </p>
        </Step>
        <Step title="Receive a report" isDone={hasReports}>
          <p>
            The service points the reporting client that it has at this address, or reads{' '}
            <a href="/v1/docs">the description of the newer API</a>:
          </p>
          <p className="set-up-address">
            <code>{address}</code> <CopyButton text={address} what="the address for services" />
          </p>
          <p className="quiet">
            Officers find what came from a sandbox by choosing Sandbox above the line; it never stands among
            real reports.
          </p>
        </Step>
      </ol>
      <p className="set-up-end" role="status">
        {isReady ? (
          <>
            <b>Everything is there.</b> How the bureau is doing from here on stands under{' '}
            <Link to="/status">Status</Link>, and work that failed under{' '}
            <Link to="/attention">Needs attention</Link>.
          </>
        ) : null}
      </p>
    </>
  );
}

interface StepProps {
  readonly title: string;
  readonly isDone: boolean;
  readonly children: ReactNode;
}

function Step({ title, isDone, children }: StepProps) {
  return (
    <li data-done={isDone}>
      <h2>
        {title} <span className="set-up-state">{isDone ? 'Done' : 'To do'}</span>
      </h2>
      {children}
    </li>
  );
}
