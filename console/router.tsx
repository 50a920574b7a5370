import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, createRouter, redirect } from '@tanstack/react-router';
import { parseLineSearch } from './line.ts';
import { AccountScreen } from './screens/account/index.tsx';
import { ApprovalsScreen } from './screens/approvals/index.tsx';
import { AttentionScreen } from './screens/attention/index.tsx';
import { AuditScreen, ReportAuditScreen } from './screens/audit/index.tsx';
import { DeskScreen, NothingOpen } from './screens/line/index.tsx';
import { OversightScreen } from './screens/oversight/index.tsx';
import { RegisterScreen } from './screens/register/index.tsx';
import { ReportScreen } from './screens/report/index.tsx';
import { RetentionScreen } from './screens/retention/index.tsx';
import { ServicesScreen } from './screens/services/index.tsx';
import { SetUpScreen } from './screens/set-up/index.tsx';
import { EnrolScreen } from './screens/sign-in/enrol.tsx';
import { SignInScreen } from './screens/sign-in/index.tsx';
import { AgencyReturnScreen } from './screens/sign-in/return.tsx';
import { StaffScreen } from './screens/staff/index.tsx';
import { StatusScreen } from './screens/status/index.tsx';
import { sessionQuery } from './session.ts';
import { firstDestination } from './shell/destinations.ts';
import { NotFound, PageProblem } from './shell/page-problem.tsx';
import { Root, Shell } from './shell/shell.tsx';

const root = createRootRouteWithContext<{ client: QueryClient }>()({
  component: Root,
  notFoundComponent: NotFound,
  errorComponent: PageProblem,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (raw: Record<string, unknown>): { ended?: 'yes' } =>
    raw.ended === 'yes' ? { ended: 'yes' } : {},
  component: SignInScreen,
});

const agencyReturn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in/return',
  component: AgencyReturnScreen,
});

const enrol = createRoute({
  getParentRoute: () => root,
  path: '/enrol',
  component: EnrolScreen,
  beforeLoad: async ({ context }) => {
    const session = await context.client.ensureQueryData(sessionQuery);
    if (session === null) throw redirect({ to: '/sign-in' });
    if (session.state !== 'enrolling') throw redirect({ to: '/' });
  },
});

const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  component: Shell,
  errorComponent: PageProblem,
  beforeLoad: async ({ context, location }) => {
    const session = await context.client.ensureQueryData(sessionQuery);
    if (session === null) throw redirect({ to: '/sign-in' });
    if (session.state === 'enrolling') throw redirect({ to: '/enrol' });
    // A locked page stays where it is: the lock screen covers it.
    if (session.state === 'locked') return;
    const isLine = location.pathname === '/';
    if (isLine && !session.permissions.includes('line:read')) {
      throw redirect({ to: firstDestination(session.permissions) });
    }
  },
});

const desk = createRoute({
  getParentRoute: () => shell,
  id: 'desk',
  validateSearch: parseLineSearch,
  component: DeskScreen,
});

const tree = root.addChildren([
  signIn,
  agencyReturn,
  enrol,
  shell.addChildren([
    desk.addChildren([
      createRoute({ getParentRoute: () => desk, path: '/', component: NothingOpen }),
      createRoute({ getParentRoute: () => desk, path: '/reports/$reportId', component: ReportScreen }),
    ]),
    createRoute({ getParentRoute: () => shell, path: '/account', component: AccountScreen }),
    createRoute({ getParentRoute: () => shell, path: '/set-up', component: SetUpScreen }),
    createRoute({ getParentRoute: () => shell, path: '/services', component: ServicesScreen }),
    createRoute({ getParentRoute: () => shell, path: '/staff', component: StaffScreen }),
    createRoute({ getParentRoute: () => shell, path: '/attention', component: AttentionScreen }),
    createRoute({ getParentRoute: () => shell, path: '/approvals', component: ApprovalsScreen }),
    createRoute({ getParentRoute: () => shell, path: '/oversight', component: OversightScreen }),
    createRoute({ getParentRoute: () => shell, path: '/retention', component: RetentionScreen }),
    createRoute({ getParentRoute: () => shell, path: '/audit', component: AuditScreen }),
    createRoute({ getParentRoute: () => shell, path: '/audit/$reportId', component: ReportAuditScreen }),
    createRoute({ getParentRoute: () => shell, path: '/register', component: RegisterScreen }),
    createRoute({ getParentRoute: () => shell, path: '/status', component: StatusScreen }),
  ]),
]);

/** Addresses stay readable: plain `name=value`, no JSON. */
export function createConsoleRouter(client: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { client },
    parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch: (search) => {
      const pairs = Object.entries(search).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, String(value)]],
      );
      return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`;
    },
    defaultPreload: false,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}
