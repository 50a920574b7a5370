import { useQuery } from '@tanstack/react-query';
import type { AuditLogReply } from '#contract/audit-log';
import { api } from '../../api.ts';
import { ProblemNote } from '../../ui/states.tsx';
import { Ago } from '../../ui/time.tsx';

const lookAgainMs = 15_000;
const number = new Intl.NumberFormat('en');

/** Up to where the audit is sealed, who outside witnessed it, and what is wrong, if anything is. */
export function LogState() {
  const log = useQuery({
    queryKey: ['audit log'],
    queryFn: () => api.auditLog(),
    refetchInterval: lookAgainMs,
  });
  if (log.isPending) return null;
  if (log.data === undefined) return <ProblemNote error={log.error} onRetry={() => void log.refetch()} />;
  const { size, sealedAt, pending, lastAuditRow, trouble, witnesses } = log.data;
  return (
    <section className="audit-log" aria-label="Audit log">
      {trouble === undefined ? null : (
        <p className="audit-not-done" role="alert">
          {trouble}
        </p>
      )}
      <p>
        {sealedAt === undefined ? (
          'Nothing is sealed yet.'
        ) : (
          <>
            Sealed: {number.format(size)} entries
            {lastAuditRow === undefined ? '' : `, up to audit row ${lastAuditRow}`}, <Ago at={sealedAt} />.{' '}
          </>
        )}
        {pending === 0 ? 'No row waits.' : `${number.format(pending)} rows wait to be sealed.`}
      </p>
      {witnesses.length === 0 ? (
        <p className="quiet">No witness outside is set.</p>
      ) : (
        witnesses.map((witness) => <Witness key={witness.name} witness={witness} size={size} />)
      )}
      <p className="quiet">
        To check every row and the signature: <code>firstlight audit verify</code>
      </p>
    </section>
  );
}

function Witness({
  witness,
  size,
}: {
  readonly witness: AuditLogReply['witnesses'][number];
  readonly size: number;
}) {
  const { name, answeredAt, trouble } = witness;
  const behind = size - witness.size;
  return (
    <p className={trouble === undefined ? undefined : 'audit-not-done'}>
      Witness {name}:{' '}
      {answeredAt === undefined ? (
        'has not cosigned yet.'
      ) : (
        <>
          cosigned {number.format(witness.size)} entries, <Ago at={answeredAt} />
          {behind > 0 ? `; ${number.format(behind)} came since.` : '.'}
        </>
      )}
      {trouble === undefined ? null : ` ${trouble}`}
    </p>
  );
}
