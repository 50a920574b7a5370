import { parseProviderId } from '#base/ids';
import type { CredentialReply, ProviderItem, ProviderListReply } from '#contract/administration';
import type { Environment } from '#contract/shapes';
import type { Bureau } from '../bureau.ts';
import type { Call, Command, CommandGroup, CommandOption, Outcome } from '../command.ts';
import { CannotDo } from '../failures.ts';
import { nearest } from '../nearest.ts';

export const providerGroup: CommandGroup = {
  name: 'provider',
  summary: 'Services that send reports, and their credentials',
};

export const environmentOption: CommandOption = {
  name: 'environment',
  value: 'ENVIRONMENT',
  choices: ['production', 'sandbox'],
  summary: 'production for real reports, sandbox for trying out; the two are never mixed',
};

const who = {
  name: 'NAME|ID',
  summary: 'the name of the service, or its id from "firstlight provider list"',
};

export const providerCommands: readonly Command[] = [
  {
    name: 'provider add',
    summary: 'Lets a service send reports and prints its credential, once',
    more: ['The service signs in with it by HTTP Basic, under /ispws and under /v1 alike.'],
    arguments: [{ name: 'NAME', summary: 'what the service is called in the line and in counts' }],
    options: [{ ...environmentOption, summary: `${environmentOption.summary} (default production)` }],
    examples: [
      { line: 'firstlight provider add "Example Chat"', does: 'a service that sends real reports' },
      {
        line: 'firstlight provider add "Example Chat" --environment sandbox --json',
        does: 'a credential to test a client with',
      },
    ],
    run: async (call) => {
      const [name = ''] = call.arguments;
      const environment = (call.option('environment') ?? 'production') as Environment;
      const credential = await call.bureau.post<CredentialReply>('/v1/desk/providers', { name, environment });
      return credentialOutcome(credential, 'may send reports now');
    },
  },
  {
    name: 'provider list',
    summary: 'Shows all services',
    examples: [{ line: 'firstlight provider list', does: 'who sends, since when, and how much' }],
    run: async (call) => {
      const reply = await call.bureau.get<ProviderListReply>('/v1/desk/providers');
      return {
        document: reply,
        present: (page) =>
          page.table<ProviderItem>(
            [
              { title: 'Name', cell: (item) => item.name, isFlexible: true },
              { title: 'Environment', cell: (item) => item.environment },
              { title: 'State', cell: (item) => (item.suspendedAt === undefined ? 'active' : 'suspended') },
              { title: 'Reports', cell: (item) => item.reports, isNumber: true },
              { title: 'Last used', cell: (item) => page.time(item.lastUsedAt) ?? 'never' },
              { title: 'Username', cell: (item) => item.username, isFlexible: true },
              { title: 'Id', cell: (item) => item.id },
            ],
            reply.items,
            'No service may send reports yet: add one with "firstlight provider add NAME".',
          ),
      };
    },
  },
  {
    name: 'provider rotate',
    summary: 'Gives a service a new password and prints it, once',
    more: ['Without --grace the old password stops working at once.'],
    arguments: [who],
    options: [
      environmentOption,
      {
        name: 'grace',
        value: 'HOURS',
        whole: { least: 0, most: 168 },
        summary: 'how long the old password goes on working, 0 to 168 hours (default 0)',
      },
    ],
    examples: [
      { line: 'firstlight provider rotate "Example Chat"', does: 'after a leak' },
      {
        line: 'firstlight provider rotate "Example Chat" --environment sandbox --grace 48',
        does: 'a calm change',
      },
    ],
    run: async (call) => {
      const provider = await findProvider(call);
      const graceHours = call.number('grace') ?? 0;
      const path = `/v1/desk/providers/${provider.id}/rotate`;
      const credential = await call.bureau.post<CredentialReply>(path, { graceHours });
      const old =
        graceHours === 0 ? 'the old one no longer works' : `the old one works for ${graceHours} more hours`;
      return credentialOutcome(credential, `has a new password; ${old}`);
    },
  },
  standing(
    'suspend',
    true,
    'Stops a service from sending; what it sent stays',
    'is suspended: its reports are refused until "firstlight provider resume"',
  ),
  standing('resume', false, 'Lets a suspended service send again', 'may send reports again'),
];

function standing(
  verb: 'suspend' | 'resume',
  isSuspended: boolean,
  summary: string,
  sentence: string,
): Command {
  return {
    name: `provider ${verb}`,
    summary,
    arguments: [who],
    options: [environmentOption],
    examples: [
      { line: `firstlight provider ${verb} "Example Chat" --environment production`, does: 'by name' },
    ],
    run: async (call) => {
      const { id, name, environment } = await findProvider(call);
      await call.bureau.post(`/v1/desk/providers/${id}/${verb}`, {});
      return {
        document: { id, name, environment, isSuspended },
        present: (page) => page.line(`${name} (${environment}) ${sentence}.`),
      };
    },
  };
}

function credentialOutcome(credential: CredentialReply, sentence: string): Outcome {
  const { id, name, environment, username, password } = credential;
  return {
    document: { id, name, environment, username, password },
    present: (page) => {
      page.line(`${name} (${environment}) ${sentence}.`);
      page.line();
      page.facts([
        ['Id', id],
        ['Username', username],
        ['Password', password],
      ]);
      page.line();
      page.line(
        'The password is shown only now: hand it over safely. A lost one is replaced with "firstlight provider rotate".',
      );
    },
  };
}

async function findProvider(call: Call): Promise<ProviderItem> {
  const [nameOrId = ''] = call.arguments;
  return providerNamed(call.bureau, nameOrId, call.option('environment'));
}

/** One service by id or by name in any case; a name that stands in both environments needs one of them named. */
export async function providerNamed(
  bureau: Bureau,
  nameOrId: string,
  environment: string | undefined,
): Promise<ProviderItem> {
  const { items } = await bureau.get<ProviderListReply>('/v1/desk/providers');
  const isId = parseProviderId(nameOrId) !== undefined;
  const named = items.filter((item) =>
    isId ? item.id === nameOrId : item.name.toLowerCase() === nameOrId.toLowerCase(),
  );
  const matching = named.filter((item) => environment === undefined || item.environment === environment);
  const [only, ...others] = matching;
  if (only !== undefined && others.length === 0) return only;
  if (only !== undefined) {
    throw new CannotDo(
      `"${nameOrId}" stands in both environments: add --environment production or --environment sandbox.`,
    );
  }
  if (named[0] !== undefined) {
    throw new CannotDo(
      `"${nameOrId}" is in ${named[0].environment}, not in ${environment ?? 'another'}: change --environment.`,
    );
  }
  const like = nearest(
    nameOrId,
    items.map((item) => item.name),
  );
  const hint = like === undefined ? 'see "firstlight provider list"' : `did you mean "${like}"?`;
  throw new CannotDo(`No service is called "${nameOrId}": ${hint}${hint.endsWith('?') ? '' : '.'}`);
}
