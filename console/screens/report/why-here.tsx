import type { Brief } from '#contract/desk';
import { useSession } from '../../session.ts';
import { Ago, Moment } from '../../ui/time.tsx';

/** Why this report was opened when it was, until when it is held, and what is about to be deleted elsewhere. */
export function WhyHere({ brief }: { readonly brief: Brief }) {
  const { staff } = useSession();
  const { look, dataExpiresAt, leaseEndsAt } = brief;
  const isTaken = brief.state === 'taken';
  return (
    <div className="why-here">
      {look?.sentence === undefined ? null : (
        <p className="read">
          {look.sentence}{' '}
          <span className="quiet small">
            Opened by {look.by.id === staff.id ? 'you' : look.by.name}, <Ago at={look.at} />.
          </span>
        </p>
      )}
      {isTaken && leaseEndsAt !== undefined ? (
        <p className="quiet small">
          Held until <Moment at={leaseEndsAt} />; longer while the page is in use.
        </p>
      ) : null}
      {dataExpiresAt === undefined || brief.state === 'decided' ? null : (
        <p className="small">
          Records of the newest address are expected to be deleted on <Moment at={dataExpiresAt} />.
        </p>
      )}
    </div>
  );
}
