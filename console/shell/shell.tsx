import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { Link, Navigate, Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { I18nProvider, RouterProvider } from 'react-aria-components';
import type { SessionReply } from '#contract/administration';
import { ApiProblem } from '../api.ts';
import { sessionQuery, useForgetSession, useSession } from '../session.ts';
import { Announcer } from '../ui/announce.tsx';
import { useShortcut } from '../ui/shortcuts.ts';
import { BrandMark, DemonstrationBand } from './brand.tsx';
import { allowedDestinations, type Destination } from './destinations.ts';
import { HelpSheet } from './help-sheet.tsx';
import { LockScreen } from './lock-screen.tsx';
import { NoticeBands, useNotices } from './notices.tsx';
import { PersonMenu } from './person-menu.tsx';
import { ProofDialog } from './proof-dialog.tsx';
import { useLock, useLockState } from './use-lock.ts';
import './shell.css';

/** Around every page, signed in or not. */
export function Root() {
  const navigate = useNavigate();
  return (
    <I18nProvider locale="en-GB">
      <RouterProvider navigate={(to) => void navigate({ to })}>
        <Outlet />
        <Announcer />
      </RouterProvider>
    </I18nProvider>
  );
}

/** Frame of every screen for people who are signed in: banner, navigation, main. */
export function Shell() {
  const { data: session } = useSuspenseQuery(sessionQuery);
  if (session === null) return <Navigate to="/sign-in" search={{ ended: 'yes' }} />;
  return <LockOrFrame session={session} />;
}

function LockOrFrame({ session }: { readonly session: SessionReply }) {
  const isLocked = useLockState(session);
  const forget = useForgetSession();
  useEndedSession(forget);
  if (session.state === 'enrolling') return <Navigate to="/enrol" />;
  return isLocked ? <LockScreen /> : <Frame />;
}

function Frame() {
  const { bureau, permissions } = useSession();
  const [isHelpOpen, setHelpOpen] = useState(false);
  const lock = useLock();
  useFocusOnArrival();
  useShortcut({ keys: 'L', label: 'Lock the screen', group: 'Anywhere', run: lock });
  useShortcut({ keys: '?', label: 'Show the shortcuts', group: 'Anywhere', run: () => setHelpOpen(true) });
  return (
    <div className="frame">
      <a className="skip" href="#main">
        Skip to the content
      </a>
      {bureau.isDemonstration ? <DemonstrationBand /> : null}
      <header className="top">
        <Link to="/" className="brand">
          <BrandMark />
          Firstlight
        </Link>
        <span className="bureau-name">{bureau.name}</span>
        <nav className="nav" aria-label="Main">
          {allowedDestinations(permissions).map((destination) => (
            <NavigationLink key={destination.to} destination={destination} />
          ))}
        </nav>
        <PersonMenu onHelp={() => setHelpOpen(true)} onLock={lock} />
      </header>
      <NoticeBands />
      <Outlet />
      <ProofDialog />
      <HelpSheet isOpen={isHelpOpen} onClose={() => setHelpOpen(false)} />
    </div>
  );
}

function NavigationLink({ destination }: { readonly destination: Destination }) {
  const navigate = useNavigate();
  const { to, label, keys } = destination;
  const { data: notices } = useNotices();
  const waiting = to === '/approvals' ? (notices?.approvals ?? 0) + (notices?.unreviewed ?? 0) : 0;
  const isCurrent = useRouterState({
    select: ({ location: { pathname } }) =>
      to === '/' ? pathname === '/' || pathname.startsWith('/reports/') : pathname.startsWith(to),
  });
  useShortcut({ keys, label, group: 'Go to', run: () => void navigate({ to }) });
  return (
    <Link to={to} className="nav-link" {...(isCurrent ? { 'aria-current': 'page' as const } : {})}>
      {label}
      {waiting === 0 ? null : (
        <span className="nav-badge">
          {waiting}
          <span className="visually-hidden"> waiting for you</span>
        </span>
      )}
    </Link>
  );
}

/** When any call says that the session is over, everything read is forgotten and the sign-in page shows. */
function useEndedSession(forget: () => void): void {
  const client = useQueryClient();
  useEffect(() => {
    const isOver = (error: unknown) =>
      error instanceof ApiProblem &&
      ['access.session-ended', 'access.sign-in-needed'].includes(error.problem.code ?? '');
    const stopQueries = client.getQueryCache().subscribe((event) => {
      if (event.type === 'updated' && isOver(event.query.state.error)) forget();
    });
    const stopMutations = client.getMutationCache().subscribe((event) => {
      if (event.type === 'updated' && isOver(event.mutation.state.error)) forget();
    });
    return () => {
      stopQueries();
      stopMutations();
    };
  }, [client, forget]);
}

/** After going to another screen, focus starts at its heading, so that nobody is left in a page that is gone. */
function useFocusOnArrival(): void {
  const area = useRouterState({
    select: ({ resolvedLocation }) => resolvedLocation?.pathname.split('/')[1] ?? '',
  });
  const isFirst = useRef(true);
  useEffect(() => {
    if (isFirst.current) {
      isFirst.current = false;
      return;
    }
    // The desk sets focus itself: to a row or to a report's heading.
    if (area === '' || area === 'reports') return;
    document.getElementById('main')?.focus();
  }, [area]);
}
