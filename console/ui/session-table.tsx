import type { ReactNode } from 'react';
import type { SessionItem } from '#contract/sign-in';
import { Ago, Moment } from './time.tsx';

const methods: Readonly<Record<SessionItem['method'], string>> = {
  link: 'a link',
  passkey: 'a passkey',
  oidc: 'the agency',
  emergency: 'an emergency code',
};

interface TableProps {
  readonly label: string;
  readonly sessions: readonly SessionItem[];
  /** The last cell of a row. */
  readonly action?: (session: SessionItem) => ReactNode;
}

/** Where somebody is signed in: with what device, from where, since when. */
export function SessionTable({ label, sessions, action }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className="table-wrap" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Device</th>
            <th scope="col">Address</th>
            <th scope="col">Signed in</th>
            <th scope="col">Last used</th>
            <th scope="col">Ends by itself</th>
            {action === undefined ? null : (
              <th scope="col">
                <span className="visually-hidden">Actions</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {sessions.map((session) => (
            <tr key={session.id}>
              <th scope="row" className="row-name">
                {session.device ?? 'Not known'}
                {session.isThis ? <span className="quiet"> (this one)</span> : null}
                {session.isLocked ? <span className="quiet"> (locked)</span> : null}
              </th>
              <td>
                <code>{session.remoteAddress ?? 'not known'}</code>
              </td>
              <td>
                <Moment at={session.startedAt} />, by {methods[session.method]}
              </td>
              <td>
                <Ago at={session.lastSeenAt} />
              </td>
              <td>
                <Moment at={session.expiresAt} />
              </td>
              {action === undefined ? null : <td>{action(session)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
