import { parseArgs } from 'node:util';
import type { Command, CommandGroup, CommandOption } from './command.ts';
import { WrongUsage } from './failures.ts';
import { nearest } from './nearest.ts';

/** Options that every command takes. */
export const globalOptions: readonly CommandOption[] = [
  { name: 'json', summary: 'print one JSON document on standard output' },
  { name: 'data', value: 'DIR', summary: "the bureau's data folder (default FIRSTLIGHT_DATA, else ./data)" },
  {
    name: 'url',
    value: 'URL',
    summary: 'the address of the bureau, instead of the one noted in the data folder',
  },
  { name: 'help', summary: 'show help, for any command' },
  { name: 'version', summary: 'show the version' },
];

/** What was typed, split and checked against the command's own table. */
export interface Typed {
  readonly kind: 'help' | 'version' | 'command';
  /** Absent for help on the whole; a group where only its word was typed. */
  readonly topic?: Command | CommandGroup;
  readonly arguments: readonly string[];
  readonly options: ReadonlyMap<string, readonly string[]>;
}

interface Known {
  readonly commands: readonly Command[];
  readonly groups: readonly CommandGroup[];
}

/** Throws `WrongUsage` with a sentence that says what would have been right. */
export function readArguments(typed: readonly string[], known: Known): Typed {
  const all = [...globalOptions, ...known.commands.flatMap((command) => command.options ?? [])];
  const config = Object.fromEntries([
    ...all.map(
      (option) =>
        [
          option.name,
          { type: option.value === undefined ? ('boolean' as const) : ('string' as const) },
        ] as const,
    ),
    ['help', { type: 'boolean' as const, short: 'h' }],
  ]);
  const { tokens } = parseArgs({
    args: [...typed],
    options: config,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const words = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
  const given = tokens.flatMap((token) => (token.kind === 'option' ? [token] : []));
  const isHelp = given.some((token) => token.name === 'help') || words[0] === 'help';
  if (words[0] === 'help') words.shift();
  if (!isHelp && given.some((token) => token.name === 'version'))
    return { kind: 'version', arguments: [], options: new Map() };
  if (words.length === 0 && isHelp) return { kind: 'help', arguments: [], options: new Map() };

  const topic = topicOf(words, known);
  if (isHelp) return { kind: 'help', topic, arguments: [], options: new Map() };
  if (!('run' in topic))
    throw new WrongUsage(`"${topic.name}" needs one of: ${verbsOf(topic, known.commands).join(', ')}.`);
  const options = checkOptions(given, [...(topic.options ?? []), ...globalOptions], topic);
  const rest = words.slice(topic.name.split(' ').length);
  checkArguments(rest, topic);
  return { kind: 'command', topic, arguments: rest, options };
}

function topicOf(words: readonly string[], known: Known): Command | CommandGroup {
  const [first, second] = words;
  if (first === undefined) throw new WrongUsage('Which command? "firstlight --help" lists them.');
  // Longer names first: "backup list" is not "backup" with an argument.
  const named = [`${first} ${second}`, first];
  const exact = named.flatMap((name) => known.commands.find((command) => command.name === name) ?? [])[0];
  if (exact !== undefined) return exact;
  const group = known.groups.find((candidate) => candidate.name === first);
  if (group === undefined) {
    const firsts = known.commands.map((command) => command.name.split(' ')[0] ?? '');
    throw new WrongUsage(
      `There is no command "${first}".${suggestion(first, firsts)} "firstlight --help" lists them.`,
    );
  }
  if (second === undefined) return group;
  const verbs = verbsOf(group, known.commands);
  throw new WrongUsage(
    `There is no command "${first} ${second}".${suggestion(second, verbs)} There are: ${verbs.join(', ')}.`,
  );
}

export function verbsOf(group: CommandGroup, commands: readonly Command[]): readonly string[] {
  const start = `${group.name} `;
  return commands.flatMap(({ name }) => (name.startsWith(start) ? [name.slice(start.length)] : []));
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function checkOptions(given: readonly OptionToken[], known: readonly CommandOption[], command: Command) {
  const options = new Map<string, string[]>();
  for (const token of given) {
    const option = known.find((candidate) => candidate.name === token.name);
    if (option === undefined) {
      const like = nearest(
        token.name,
        known.map((candidate) => candidate.name),
      );
      const hint = like === undefined ? '' : ` Did you mean "--${like}"?`;
      throw new WrongUsage(`"firstlight ${command.name}" has no option "${token.rawName}".${hint}`);
    }
    const sofar = options.get(option.name) ?? [];
    if (sofar.length > 0 && option.isRepeatable !== true && option.value !== undefined) {
      throw new WrongUsage(`--${option.name} may be given once.`);
    }
    options.set(option.name, [...sofar, checkValue(option, token)]);
  }
  for (const option of known) {
    if (option.isRequired === true && !options.has(option.name)) {
      throw new WrongUsage(
        `"firstlight ${command.name}" needs --${option.name} ${option.value ?? ''}${choicesText(option)}.`,
      );
    }
  }
  return options;
}

function checkValue(option: CommandOption, token: OptionToken): string {
  const { value } = token;
  if (option.value === undefined) {
    if (value !== undefined) throw new WrongUsage(`--${option.name} takes no value.`);
    return '';
  }
  const isMistaken = token.inlineValue !== true && value?.startsWith('-') === true;
  if (value === undefined || value === '' || isMistaken) {
    throw new WrongUsage(
      `--${option.name} needs a value: --${option.name} ${option.value}${choicesText(option)}.`,
    );
  }
  if (option.choices !== undefined && !option.choices.includes(value)) {
    throw new WrongUsage(
      `--${option.name} cannot be "${value}".${suggestion(value, option.choices)} It is one of: ${option.choices.join(', ')}.`,
    );
  }
  const { whole } = option;
  if (
    whole !== undefined &&
    (!/^\d{1,9}$/.test(value) || Number(value) < whole.least || Number(value) > whole.most)
  ) {
    throw new WrongUsage(
      `--${option.name} cannot be "${value}": it is a whole number from ${whole.least} to ${whole.most}.`,
    );
  }
  if (option.name === 'url' && !/^https?:\/\/[^/]/.test(value)) {
    throw new WrongUsage(`--url cannot be "${value}": it begins with http:// or https://.`);
  }
  if (option.name === 'url' && !URL.canParse(value))
    throw new WrongUsage(`--url cannot be "${value}": it is no address.`);
  return value;
}

function checkArguments(given: readonly string[], command: Command): void {
  const wanted = command.arguments ?? [];
  const missing = wanted.slice(given.length).find((argument) => argument.isOptional !== true);
  if (missing !== undefined) {
    throw new WrongUsage(`"firstlight ${command.name}" needs ${missing.name}: ${missing.summary}.`);
  }
  const extra = wanted.at(-1)?.isRepeatable === true ? undefined : given[wanted.length];
  if (extra !== undefined) {
    const hint = wanted.length > 0 ? ' Put quotes around a name of several words.' : '';
    throw new WrongUsage(`"firstlight ${command.name}" does not know what to do with "${extra}".${hint}`);
  }
  const empty = given.findIndex((argument) => argument.trim() === '');
  if (empty >= 0) throw new WrongUsage(`${wanted[empty]?.name ?? 'An argument'} is empty.`);
}

function choicesText(option: CommandOption): string {
  return option.choices === undefined ? '' : ` (${option.choices.join(', ')})`;
}

function suggestion(typed: string, known: readonly string[]): string {
  const like = nearest(typed, known);
  return like === undefined ? '' : ` Did you mean "${like}"?`;
}
