import { Type } from 'typebox';
import {
  AttentionReply,
  CredentialReply,
  ProviderBody,
  ProviderListReply,
  RegisterReply,
  type Role,
  RotateBody,
  roles,
  SignInLinkReply,
  StaffBody,
  StaffListReply,
} from '#contract/administration';
import type { Environment } from '#contract/shapes';
import type { QueuedJob } from '#platform/jobs';
import type { Tx } from '#platform/transaction';
import { markRetried } from './attention.ts';
import { accessRefusal } from './codes.ts';
import { emergencySignInRoute } from './control/emergency-sign-in-http.ts';
import { type ControlRouteParts, controlRoutes } from './control/http.ts';
import type { Ctx } from './ctx.ts';
import { addProvider, resumeProvider, rotateCredential, suspendProvider } from './manage-providers.ts';
import { addStaff, disableStaff, issueSignInLink } from './manage-staff.ts';
import {
  type Permission,
  permissionsOfEverybody,
  permissionsOfMachine,
  permissionsOfRole,
  permissionsOfService,
} from './permissions.ts';
import { type Answer, defineRoute, type RequestFacts, type Route, type RouteFamily } from './route.ts';
import { accountRoutes } from './sign-in/account-http.ts';
import { agencyRoutes } from './sign-in/agency-http.ts';
import { ownOrigin } from './sign-in/relying-party.ts';
import type { SignInParts } from './sign-in/route-parts.ts';
import { sessionRoutes } from './sign-in/session-http.ts';
import * as store from './store.ts';

export interface AccessRouteParts {
  readonly signIn: SignInParts;
  readonly control: ControlRouteParts & { readonly emergencySessionMinutes: number };
  readonly enqueue: (tx: Tx, jobs: readonly QueuedJob[]) => Promise<void>;
  /** Every family of the bureau, for the register; asked when the register is read. */
  readonly families: () => readonly RouteFamily[];
}

/** Sign-in under `/v1`, administration and the register under `/v1/desk`. */
export function accessRoutes(parts: AccessRouteParts): readonly Route[] {
  return [
    ...sessionRoutes(parts.signIn),
    ...agencyRoutes(parts.signIn),
    ...accountRoutes(parts.signIn),
    emergencySignInRoute({ ...parts.signIn, ...parts.control }),
    ...controlRoutes(parts.control),
    ...staffRoutes(),
    ...providerRoutes(),
    ...oversightRoutes(parts),
  ];
}

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const StaffParams = Type.Object({ staffId: Type.String() });
const ProviderParams = Type.Object({ providerId: Type.String() });

function staffRoutes(): readonly Route[] {
  const linkAnswer = (
    link: { staffId: string; token: string; expiresAt: Date },
    request: RequestFacts,
  ): Answer => ({
    status: 201,
    // After the #, so that the token is in no server's log and no referrer.
    body: {
      id: link.staffId,
      signInLink: `${ownOrigin(request)}/sign-in#${link.token}`,
      expiresAt: link.expiresAt.toISOString(),
    } satisfies SignInLinkReply,
    subject: `staff:${link.staffId}`,
  });
  return [
    defineRoute({
      method: 'GET',
      path: '/desk/staff',
      permission: 'staff:manage',
      audit: 'list-staff',
      summary: 'Everybody who may sign in',
      reply: StaffListReply,
      handle: async (ctx) => {
        const rows = await store.listStaff(ctx.tx.db, ctx.now);
        return {
          body: {
            items: rows.map((row) => ({
              id: row.id,
              name: row.name,
              roles: row.roles as Role[],
              createdAt: row.created_at.toISOString(),
              ...(row.last_seen_at === null ? {} : { lastSeenAt: row.last_seen_at.toISOString() }),
              ...(row.disabled_at === null ? {} : { disabledAt: row.disabled_at.toISOString() }),
              passkeys: Number(row.passkeys ?? 0),
              isFromAgency: row.is_from_agency === true,
              sessions: Number(row.sessions ?? 0),
            })),
          } satisfies StaffListReply,
        };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/desk/staff',
      permission: 'staff:manage',
      needs: 'recent-sign-in',
      audit: 'add-staff',
      summary: 'Add a member of staff; answers with a one-time sign-in link',
      body: StaffBody,
      reply: SignInLinkReply,
      handle: async (ctx, { body, request }) => linkAnswer(await addStaff(ctx, body), request),
    }),
    defineRoute({
      method: 'POST',
      path: '/desk/staff/:staffId/link',
      permission: 'staff:manage',
      needs: 'recent-sign-in',
      audit: 'issue-sign-in-link',
      summary: 'Issue a new one-time sign-in link; earlier unused ones stop working',
      params: StaffParams,
      reply: SignInLinkReply,
      handle: async (ctx, { params, request }) => linkAnswer(await issueSignInLink(ctx, params), request),
    }),
    defineRoute({
      method: 'POST',
      path: '/desk/staff/:staffId/disable',
      permission: 'staff:manage',
      needs: 'recent-sign-in',
      audit: 'disable-staff',
      summary: 'End every session and link of a person',
      params: StaffParams,
      handle: async (ctx, { params }) => {
        await disableStaff(ctx, params);
        return { body: { id: params.staffId, disabled: true }, subject: `staff:${params.staffId}` };
      },
    }),
  ];
}

function providerRoutes(): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/desk/providers',
      permission: 'provider:read',
      audit: 'list-providers',
      summary: 'Services that may send, per environment',
      reply: ProviderListReply,
      handle: async (ctx) => ({ body: { items: await providerItems(ctx) } }),
    }),
    defineRoute({
      method: 'POST',
      path: '/desk/providers',
      permission: 'provider:manage',
      needs: 'recent-sign-in',
      audit: 'add-provider',
      summary: 'Add a service; answers with its credential, once',
      body: ProviderBody,
      reply: CredentialReply,
      handle: async (ctx, { body }) => {
        const credential = await addProvider(ctx, body);
        return { status: 201, body: credential, subject: `provider:${credential.id}` };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/desk/providers/:providerId/rotate',
      permission: 'provider:manage',
      needs: 'recent-sign-in',
      audit: 'rotate-credential',
      summary: 'Replace the password; the old one may go on for a grace time',
      params: ProviderParams,
      body: RotateBody,
      reply: CredentialReply,
      handle: async (ctx, { params, body }) => ({
        body: await rotateCredential(ctx, { ...params, ...body }),
        subject: `provider:${params.providerId}`,
        details: { graceHours: body.graceHours },
      }),
    }),
    ...(['suspend', 'resume'] as const).map((verb) =>
      defineRoute({
        method: 'POST',
        path: `/desk/providers/:providerId/${verb}`,
        permission: 'provider:manage',
        needs: 'recent-sign-in',
        audit: `${verb}-provider`,
        summary: verb === 'suspend' ? 'Refuse a service from now on' : 'Let a suspended service send again',
        params: ProviderParams,
        handle: async (ctx, { params }) => {
          await (verb === 'suspend' ? suspendProvider : resumeProvider)(ctx, params);
          return {
            body: { id: params.providerId, suspended: verb === 'suspend' },
            subject: `provider:${params.providerId}`,
          };
        },
      }),
    ),
  ];
}

async function providerItems(ctx: Ctx): Promise<ProviderListReply['items']> {
  const rows = await store.listProviders(ctx.tx.db, ctx.now);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    environment: row.environment as Environment,
    username: row.username,
    createdAt: row.created_at.toISOString(),
    credentialIssuedAt: row.credential_issued_at.toISOString(),
    ...(row.old_until === null ? {} : { oldCredentialUntil: row.old_until.toISOString() }),
    ...(row.last_used_at === null ? {} : { lastUsedAt: row.last_used_at.toISOString() }),
    ...(row.suspended_at === null ? {} : { suspendedAt: row.suspended_at.toISOString() }),
    reports: Number(row.reports),
  }));
}

function oversightRoutes(parts: AccessRouteParts): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/desk/register',
      permission: 'register:read',
      audit: 'read-register',
      summary: 'Every route with its permission, who holds it, and the audit row it leaves',
      reply: RegisterReply,
      handle: async () => ({
        body: {
          items: parts
            .families()
            .flatMap((family) => family.routes.map((route) => registerItem(family, route))),
        },
      }),
    }),
    defineRoute({
      method: 'POST',
      path: '/desk/attention/:attentionId/retry',
      permission: 'attention:retry',
      audit: 'retry-job',
      summary: 'Run again what could not be processed',
      params: Type.Object({ attentionId: Type.String() }),
      reply: AttentionReply,
      handle: async (ctx, { params }) => {
        const isId = uuidForm.test(params.attentionId);
        const item = isId ? await markRetried(ctx.tx, params.attentionId, ctx.now) : undefined;
        if (item === undefined) throw accessRefusal('access.unknown-attention');
        await parts.enqueue(ctx.tx, [{ name: item.job, subject: item.subject }]);
        return { body: { id: params.attentionId, isRetrying: true }, subject: item.subject };
      },
    }),
  ];
}

function registerItem(family: RouteFamily, route: Route): RegisterReply['items'][number] {
  return {
    method: route.method,
    path: `${family.prefix}${route.path}`,
    permission: route.permission,
    audit: typeof route.audit === 'string' ? route.audit : `none: ${route.audit.unaudited}`,
    heldBy: holdersOf(route.permission, family),
  };
}

/** Who can pass a route of this family with this permission. */
export function holdersOf(permission: Permission, family: RouteFamily): string[] {
  if (permission === 'anyone') return ['anyone'];
  const staffMay = family.signIn === 'staff' || family.signIn === 'both';
  const serviceMay = family.signIn === 'service' || family.signIn === 'both';
  return [
    ...(serviceMay && permissionsOfService.includes(permission) ? ['service'] : []),
    ...(staffMay
      ? roles.filter(
          (role) =>
            permissionsOfEverybody.includes(permission) || permissionsOfRole[role].includes(permission),
        )
      : []),
    ...(staffMay && permissionsOfMachine.includes(permission) ? ['machine'] : []),
  ];
}
