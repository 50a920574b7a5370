import { parseStaffId } from '#base/ids';
import { roles, type SignInLinkReply, type StaffItem, type StaffListReply } from '#contract/administration';
import type { Call, Command, CommandGroup, Outcome } from '../command.ts';
import { CannotDo } from '../failures.ts';
import { nearest } from '../nearest.ts';

export const staffGroup: CommandGroup = {
  name: 'staff',
  summary: 'People who work at the bureau, and how they sign in',
};

const who = { name: 'NAME|ID', summary: 'the name of the person, or the id from "firstlight staff list"' };

export const staffCommands: readonly Command[] = [
  {
    name: 'staff add',
    summary: 'Adds a person and prints a sign-in link that works once',
    more: [
      'Give a person only the roles that the work needs; what each role may do is in "firstlight register".',
    ],
    arguments: [{ name: 'NAME', summary: 'the name that stands beside what this person does' }],
    options: [
      {
        name: 'role',
        value: 'ROLE',
        choices: roles,
        isRepeatable: true,
        isRequired: true,
        summary: 'what this person does; give it again for a second role',
      },
    ],
    examples: [
      {
        line: 'firstlight staff add "Ada Example" --role triage-officer',
        does: 'somebody who decides on reports',
      },
      {
        line: 'firstlight staff add "Sam Example" --role supervisor --role auditor --json',
        does: 'two roles, for a script',
      },
    ],
    run: async (call) => {
      const [name = ''] = call.arguments;
      const reply = await call.bureau.post<SignInLinkReply>('/v1/desk/staff', {
        name,
        roles: [...new Set(call.optionList('role'))],
      });
      return linkOutcome(reply, `${name} may sign in`);
    },
  },
  {
    name: 'staff list',
    summary: 'Shows everybody who works or worked here',
    examples: [{ line: 'firstlight staff list', does: 'names, roles, last seen' }],
    run: async (call) => {
      const reply = await call.bureau.get<StaffListReply>('/v1/desk/staff');
      return {
        document: reply,
        present: (page) =>
          page.table<StaffItem>(
            [
              { title: 'Name', cell: (item) => item.name, isFlexible: true },
              { title: 'Roles', cell: (item) => item.roles.join(', '), isFlexible: true },
              { title: 'State', cell: (item) => (item.disabledAt === undefined ? 'active' : 'disabled') },
              { title: 'Last seen', cell: (item) => page.time(item.lastSeenAt) ?? 'never' },
              { title: 'Id', cell: (item) => item.id },
            ],
            reply.items,
            'Nobody works here yet: add somebody with "firstlight staff add NAME --role ROLE".',
          ),
      };
    },
  },
  {
    name: 'staff disable',
    summary: "Ends a person's access at once; what they did stays in the audit trail",
    arguments: [who],
    examples: [{ line: 'firstlight staff disable "Ada Example"', does: 'signs the person out everywhere' }],
    run: async (call) => {
      const { id, name } = await findStaff(call);
      await call.bureau.post(`/v1/desk/staff/${id}/disable`, {});
      return {
        document: { id, name, isDisabled: true },
        present: (page) => page.line(`${name} can no longer sign in and is signed out everywhere.`),
      };
    },
  },
  {
    name: 'staff link',
    summary: 'Prints a new sign-in link for a person; the link works once',
    arguments: [who],
    examples: [{ line: 'firstlight staff link "Ada Example"', does: 'for somebody who lost the way in' }],
    run: async (call) => {
      const { id, name } = await findStaff(call);
      const reply = await call.bureau.post<SignInLinkReply>(`/v1/desk/staff/${id}/link`, {});
      return linkOutcome(reply, `${name} may sign in`);
    },
  },
];

function linkOutcome({ id, signInLink, expiresAt }: SignInLinkReply, sentence: string): Outcome {
  return {
    document: { id, signInLink },
    present: (page) => {
      page.line(`${sentence}.`);
      page.line();
      page.facts([
        ['Id', id],
        ['Link', signInLink],
        ['Until', page.time(expiresAt)],
      ]);
      page.line();
      page.line(
        'The link works once and is shown only now. A lost one is replaced with "firstlight staff link".',
      );
    },
  };
}

export async function findStaff(call: Call): Promise<StaffItem> {
  const [nameOrId = ''] = call.arguments;
  const { items } = await call.bureau.get<StaffListReply>('/v1/desk/staff');
  const isId = parseStaffId(nameOrId) !== undefined;
  const named = items.filter((item) =>
    isId ? item.id === nameOrId : item.name.toLowerCase() === nameOrId.toLowerCase(),
  );
  // A name may come back after its first holder was disabled; only one active person can have it.
  const found = named.find((item) => item.disabledAt === undefined) ?? named[0];
  if (found !== undefined) return found;
  const like = nearest(
    nameOrId,
    items.map((item) => item.name),
  );
  const hint = like === undefined ? 'see "firstlight staff list".' : `did you mean "${like}"?`;
  throw new CannotDo(`Nobody is called "${nameOrId}": ${hint}`);
}
