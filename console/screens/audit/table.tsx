import { Link } from '@tanstack/react-router';
import type { AuditRow } from '#contract/desk';
import { Raw } from '../../ui/raw-text.tsx';
import { Moment } from '../../ui/time.tsx';
import { plainWords, sentenceCase } from '../../ui/words.ts';

const outcomeWords = { done: 'Done', refused: 'Refused', failed: 'Failed' } as const;

export function AuditTable({ rows }: { readonly rows: readonly AuditRow[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="table-wrap" aria-label="Audit entries" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">Did</th>
            <th scope="col">To</th>
            <th scope="col">Why</th>
            <th scope="col">Outcome</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td className="nowrap">
                <Moment at={row.at} isExact />
              </td>
              <td>
                <Raw text={row.actor.name} />
                <span className="quiet"> {row.actor.kind}</span>
              </td>
              <td>{sentenceCase(plainWords(row.action))}</td>
              <td>
                <Subject subject={row.subject} />
              </td>
              <td>{row.why === undefined ? <span className="quiet">–</span> : <Raw text={row.why} />}</td>
              <td className={row.outcome === 'done' ? '' : 'audit-not-done'}>
                {outcomeWords[row.outcome]}
                {row.code === undefined ? null : <code className="audit-code">{row.code}</code>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Subject({ subject }: { readonly subject: string | undefined }) {
  if (subject === undefined) return <span className="quiet">–</span>;
  const reportId = /^report:(\d+)$/.exec(subject)?.[1];
  if (reportId === undefined) return <Raw text={subject} isCode />;
  return (
    <Link to="/audit/$reportId" params={{ reportId }}>
      Report {reportId}
    </Link>
  );
}
