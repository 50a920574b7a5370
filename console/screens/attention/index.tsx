import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { AttentionItem } from '#contract/administration';
import { api } from '../../api.ts';
import { useMay } from '../../session.ts';
import { useTitle } from '../../shell/title.ts';
import { announce } from '../../ui/announce.tsx';
import { Button } from '../../ui/button.tsx';
import { Page } from '../../ui/page.tsx';
import { Raw } from '../../ui/raw-text.tsx';
import { Empty, Loading, ProblemNote } from '../../ui/states.tsx';
import { Ago } from '../../ui/time.tsx';
import { counted, plainWords, sentenceCase } from '../../ui/words.ts';

/** Work that failed and waits for a person: nothing that could not be processed is ever dropped. */
export function AttentionScreen() {
  useTitle('Needs attention');
  const attention = useQuery({ queryKey: ['attention'], queryFn: api.attention });
  return (
    <Page
      title="Needs attention"
      intro="Work that failed after its retries. Nothing is lost: put the cause right, then run it again."
      actions={
        <Button isPending={attention.isFetching} onPress={() => void attention.refetch()}>
          Reload
        </Button>
      }
    >
      {attention.isPending ? (
        <Loading what="what needs attention" />
      ) : attention.isError ? (
        <ProblemNote error={attention.error} onRetry={() => void attention.refetch()} />
      ) : attention.data.items.length === 0 ? (
        <Empty title="Nothing needs attention">
          <p>Every job has done its work. A job that fails for good shows here with its reason.</p>
        </Empty>
      ) : (
        <AttentionTable items={attention.data.items} />
      )}
    </Page>
  );
}

function AttentionTable({ items }: { readonly items: readonly AttentionItem[] }) {
  const may = useMay();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="table-wrap" aria-label="Needs attention" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Work</th>
            <th scope="col">About</th>
            <th scope="col">Reason</th>
            <th scope="col" className="number">
              Attempts
            </th>
            <th scope="col">Since</th>
            {may('attention:retry') ? (
              <th scope="col">
                <span className="visually-hidden">Actions</span>
              </th>
            ) : null}
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.id}>
              <th scope="row" className="row-name">
                {sentenceCase(plainWords(item.job))}
              </th>
              <td>
                {item.reportId !== undefined && may('report:read') ? (
                  <Link to="/reports/$reportId" params={{ reportId: item.reportId }}>
                    Report {item.reportId}
                  </Link>
                ) : (
                  <code>
                    <Raw text={item.subject} />
                  </code>
                )}
              </td>
              <td>
                <Raw text={item.reason} />
              </td>
              <td className="number">{item.attempts}</td>
              <td>
                <Ago at={item.since} />
              </td>
              {may('attention:retry') ? (
                <td>
                  <Retry item={item} />
                </td>
              ) : null}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="small quiet table-foot">{counted(items.length, 'entry', 'entries')}</p>
    </section>
  );
}

function Retry({ item }: { readonly item: AttentionItem }) {
  const client = useQueryClient();
  const retry = useMutation({
    mutationFn: () => api.retry(item.id),
    onSuccess: () => {
      announce('It runs again');
      return client.invalidateQueries({ queryKey: ['attention'] });
    },
  });
  return (
    <>
      {item.isRetrying ? (
        <span className="quiet">Running again</span>
      ) : (
        <Button
          label={`Run again: ${plainWords(item.job)} for ${item.subject}`}
          isPending={retry.isPending}
          onPress={() => retry.mutate()}
        >
          Run again
        </Button>
      )}
      {retry.error === null ? null : <ProblemNote error={retry.error} />}
    </>
  );
}
