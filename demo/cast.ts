import type {
  CredentialReply,
  ProviderListReply,
  Role,
  SignInLinkReply,
  StaffListReply,
} from '#contract/administration';
import { services } from './day/services.ts';
import type { DemoState } from './folder.ts';
import type { Connection } from './send/connection.ts';
import type { Credential } from './send/send-day.ts';

/**
 * Makes the services that send, or finds those of an earlier run. A service whose credential is not known here any
 * more gets a new one. Fills `state` and gives the credentials by service key.
 */
export async function settleServices(
  administrator: Connection,
  state: DemoState,
): Promise<Map<string, Credential>> {
  const { items } = await administrator.json<ProviderListReply>('GET', '/v1/desk/providers');
  for (const service of services) {
    const present = items.find((item) => item.name === service.name && item.environment === 'production');
    const kept = state.services[service.key];
    if (present !== undefined && kept?.id === present.id && kept.username === present.username) continue;
    const reply =
      present === undefined
        ? await administrator.json<CredentialReply>('POST', '/v1/desk/providers', {
            name: service.name,
            environment: 'production',
          })
        : await administrator.json<CredentialReply>('POST', `/v1/desk/providers/${present.id}/rotate`, {
            graceHours: 0,
          });
    state.services[service.key] = { id: reply.id, username: reply.username, password: reply.password };
  }
  return new Map(Object.entries(state.services));
}

const officer = 'Robin Underlarch';
const roles: Role[] = ['triage-officer', 'supervisor', 'auditor', 'administrator'];

/** An invented officer who may see every screen, and a new link that signs in once. */
export async function settleOfficer(administrator: Connection): Promise<{ name: string; link: string }> {
  const { items } = await administrator.json<StaffListReply>('GET', '/v1/desk/staff');
  const present = items.find((item) => item.name === officer && item.disabledAt === undefined);
  const reply =
    present === undefined
      ? await administrator.json<SignInLinkReply>('POST', '/v1/desk/staff', { name: officer, roles })
      : await administrator.json<SignInLinkReply>('POST', `/v1/desk/staff/${present.id}/link`, {});
  return { name: officer, link: reply.signInLink };
}
