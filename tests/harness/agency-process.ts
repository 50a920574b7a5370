import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
// @ts-expect-error the package brings no types; what is used of it is declared below
import packaged from 'oidc-provider';
import { type AgencyAccount, type AgencyOptions, agencyClient } from './agency.ts';

interface Provider {
  readonly Grant: new (options: {
    accountId: string;
    clientId: string;
  }) => {
    addOIDCScope(scope: string): void;
    save(): Promise<string>;
  };
  callback(): (request: IncomingMessage, response: ServerResponse) => void;
  interactionFinished(request: IncomingMessage, response: ServerResponse, result: object): Promise<void>;
}

interface ProviderContext {
  readonly oidc: {
    readonly client?: { readonly clientId: string };
    readonly session?: { readonly accountId?: string };
    readonly provider: Provider;
  };
}

const Provider = packaged as unknown as new (issuer: string, configuration: object) => Provider;

/** One OpenID Connect provider. Whoever may be chosen in its one form is signed in; it is told whom it knows. */
let accounts: readonly AgencyAccount[] = [];

const accountOf = (id: string) => accounts.find((account) => account.id === id);

function configurationOf(options: AgencyOptions): object {
  return {
    clients: [
      {
        client_id: agencyClient.clientId,
        client_secret: agencyClient.clientSecret,
        redirect_uris: [...options.redirectUris],
        post_logout_redirect_uris: options.redirectUris.map((uri) => uri.replace('/return', '')),
        response_types: ['code'],
        grant_types: ['authorization_code'],
      },
    ],
    claims: { openid: ['sub', 'acr', 'amr'], profile: ['name', 'groups'] },
    conformIdTokenClaims: options.tellsGroupsApart === true,
    acrValues: ['urn:example:key', 'urn:example:password'],
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    cookies: { keys: ['a-key-of-the-tests'] },
    ttl: {
      Session: 3600,
      Interaction: 3600,
      Grant: 3600,
      AccessToken: 600,
      IdToken: 600,
      AuthorizationCode: 60,
    },
    interactions: { url: (_ctx: unknown, interaction: { uid: string }) => `/interaction/${interaction.uid}` },
    findAccount: (_ctx: unknown, id: string) => {
      const account = accountOf(id);
      return account === undefined
        ? undefined
        : { accountId: id, claims: () => ({ sub: id, name: account.name, groups: account.groups }) };
    },
    // Everybody has agreed that the bureau may know who they are.
    loadExistingGrant: async (ctx: ProviderContext) => {
      const { client, session, provider } = ctx.oidc;
      const grant = new provider.Grant({
        clientId: client?.clientId ?? '',
        accountId: session?.accountId ?? '',
      });
      grant.addOIDCScope('openid profile');
      await grant.save();
      return grant;
    },
  };
}

const form =
  '<!doctype html><html lang="en"><title>The agency</title><form method="post">' +
  '<label>Account <input name="account"></label><button>Sign in at the agency</button></form></html>';

async function interact(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'POST') {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(form);
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const account = accountOf(new URLSearchParams(Buffer.concat(chunks).toString()).get('account') ?? '');
  if (account === undefined) {
    await provider.interactionFinished(request, response, { error: 'access_denied' });
    return;
  }
  const { acr, amr } = account;
  const login = {
    accountId: account.id,
    ...(acr === undefined ? {} : { acr }),
    ...(amr === undefined ? {} : { amr }),
  };
  await provider.interactionFinished(request, response, { login });
}

function serve(options: AgencyOptions & { readonly port: number }): void {
  let provider: Provider | undefined;
  let answer: ReturnType<Provider['callback']> | undefined;
  const server = createServer((request, response) => {
    if (provider === undefined || answer === undefined) return void response.writeHead(503).end();
    if (request.url?.startsWith('/interaction/') === true) void interact(provider, request, response);
    else answer(request, response);
  });
  server.listen(options.port, 'localhost', () => {
    const { port } = server.address() as AddressInfo;
    provider = new Provider(`http://localhost:${port}`, configurationOf(options));
    answer = provider.callback();
    process.send?.({ port });
  });
}

process.on('message', (message: Partial<AgencyOptions> & { port?: number }) => {
  accounts = message.accounts ?? accounts;
  if (message.redirectUris !== undefined && message.port !== undefined) {
    serve({ ...message, accounts, redirectUris: message.redirectUris, port: message.port });
  } else process.send?.({});
});
process.on('disconnect', () => process.exit(0));
