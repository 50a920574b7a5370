import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { StatusReply } from '#contract/desk';
import { api } from '../../api.ts';
import { useMay } from '../../session.ts';
import { useTitle } from '../../shell/title.ts';
import { Button } from '../../ui/button.tsx';
import { Page } from '../../ui/page.tsx';
import { Loading, ProblemNote } from '../../ui/states.tsx';
import { Ago } from '../../ui/time.tsx';
import { sizeText } from '../../ui/words.ts';
import './status.css';

/** How the bureau is: counts of reports, files and work, each with its unit. */
export function StatusScreen() {
  useTitle('Status');
  const status = useQuery({ queryKey: ['status'], queryFn: () => api.status() });
  return (
    <Page
      title="Status"
      intro="What the bureau holds and what it is doing, as of the last reload."
      actions={
        <Button isPending={status.isFetching} onPress={() => void status.refetch()}>
          Reload
        </Button>
      }
    >
      {status.isPending ? (
        <Loading what="the status" />
      ) : status.isError ? (
        <ProblemNote error={status.error} onRetry={() => void status.refetch()} />
      ) : (
        <StatusGroups status={status.data} />
      )}
    </Page>
  );
}

const number = new Intl.NumberFormat('en');

function StatusGroups({ status }: { readonly status: StatusReply }) {
  const may = useMay();
  const { reports, desk, files, jobs } = status;
  return (
    <div className="status-groups">
      <Group title="Reports">
        <Count name="Filed" value={reports.filed} />
        <Count name="Still being sent" value={reports.open} />
        <Count name="Retracted" value={reports.retracted} />
        <Count name="Expired" value={reports.expired} />
      </Group>
      <Group title="Desk">
        <Count name="Waiting" value={desk.waiting} />
        <Count name="Taken" value={desk.taken} />
        <Count name="Decided" value={desk.decided} />
        {desk.oldestWaitingAt === undefined ? null : (
          <Line name="Oldest waiting">
            <Ago at={desk.oldestWaitingAt} isBare />
          </Line>
        )}
      </Group>
      <Group title="Files">
        <Count name="File records" value={files.records} />
        <Count name="Distinct files, all environments" value={files.seals} />
        <Line name="Size of the seals">{sizeText(files.sizeBytes)}</Line>
      </Group>
      <Group title="Work">
        <Count name="Waiting jobs" value={jobs.waiting} />
        <Count name="Running jobs" value={jobs.running} />
        <Line name="Needing attention">
          {jobs.needAttention > 0 && may('attention:read') ? (
            <Link to="/attention">{number.format(jobs.needAttention)}</Link>
          ) : (
            number.format(jobs.needAttention)
          )}
        </Line>
      </Group>
      <Group title="Bureau">
        <Line name="Name">{status.bureau}</Line>
        <Line name="Firstlight">{status.version}</Line>
        <Line name="Kind">{status.isDemonstration ? 'Demonstration' : 'In service'}</Line>
      </Group>
    </div>
  );
}

function Group({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section>
      <h2>{title}</h2>
      <dl className="status-list">{children}</dl>
    </section>
  );
}

function Line({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Count({ name, value }: { readonly name: string; readonly value: number }) {
  return <Line name={name}>{number.format(value)}</Line>;
}
