import type { Command, CommandGroup, CommandOption } from './command.ts';
import { commands, groups } from './commands.ts';
import { globalOptions, verbsOf } from './read-arguments.ts';

/** Help for the whole, for a group, or for one command. Plain text of at most `columns` characters a line. */
export function helpText(topic: Command | CommandGroup | undefined, columns = 80): string {
  if (topic === undefined) return wholeHelp(columns);
  return 'run' in topic ? commandHelp(topic, columns) : groupHelp(topic, columns);
}

function wholeHelp(columns: number): string {
  const singles = commands.filter((command) => !command.name.includes(' '));
  return lines([
    'firstlight: the command line of a Firstlight bureau',
    '',
    'Usage: firstlight COMMAND [ARGUMENTS] [OPTIONS]',
    '',
    'Commands:',
    ...pairs(
      [
        ...groups.map(
          (group) => [`${group.name} ${verbsOf(group, commands).join('|')}`, group.summary] as const,
        ),
        ...singles.map((command) => [command.name, command.summary] as const),
      ],
      columns,
    ),
    '',
    'Options of every command:',
    ...optionLines(globalOptions, columns),
    '',
    'Examples:',
    ...exampleLines([
      { line: 'firstlight provider add "Example Chat"', does: 'let a service send reports' },
      { line: 'firstlight staff add "Ada Example" --role triage-officer', does: 'let a person sign in' },
      { line: 'firstlight status', does: 'see how the bureau stands' },
    ]),
    '',
    ...wrap(
      'It asks the bureau that runs on this machine and needs no sign-in for whoever may read its data folder. Exit status: 0 done, 1 could not, 2 wrong usage.',
      columns,
    ),
    ...wrap('"firstlight COMMAND --help" says more about one command.', columns),
  ]);
}

function groupHelp(group: CommandGroup, columns: number): string {
  const members = commands.filter((command) => command.name.startsWith(`${group.name} `));
  return lines([
    ...wrap(`firstlight ${group.name}: ${group.summary}`, columns),
    '',
    'Commands:',
    ...pairs(
      members.map((command) => [`${command.name}${argumentText(command)}`, command.summary] as const),
      columns,
    ),
    '',
    'Examples:',
    ...exampleLines(members.flatMap((command) => command.examples.slice(0, 1))),
    '',
    `"firstlight ${group.name} COMMAND --help" says more about one of them.`,
  ]);
}

function commandHelp(command: Command, columns: number): string {
  const own = command.options ?? [];
  const required = own
    .filter((option) => option.isRequired === true)
    .map((option) => ` --${option.name} ${option.value ?? ''}`)
    .join('');
  return lines([
    ...wrap(`firstlight ${command.name}: ${command.summary}`, columns),
    ...(command.more ?? []).flatMap((sentence) => wrap(sentence, columns)),
    '',
    `Usage: firstlight ${command.name}${argumentText(command)}${required} [OPTIONS]`,
    ...(command.arguments === undefined
      ? []
      : [
          '',
          'Arguments:',
          ...pairs(
            command.arguments.map((one) => [one.name, one.summary] as const),
            columns,
          ),
        ]),
    ...(own.length === 0 ? [] : ['', 'Options:', ...optionLines(own, columns)]),
    '',
    'Options of every command:',
    ...optionLines(globalOptions, columns),
    '',
    'Examples:',
    ...exampleLines(command.examples),
  ]);
}

function argumentText(command: Command): string {
  return (command.arguments ?? [])
    .map((one) =>
      one.isOptional === true ? ` [${one.name}]` : ` ${one.name}${one.isRepeatable === true ? '…' : ''}`,
    )
    .join('');
}

function optionLines(options: readonly CommandOption[], columns: number): string[] {
  return pairs(
    options.map((option) => {
      const left = `--${option.name}${option.value === undefined ? '' : ` ${option.value}`}`;
      const choices = option.choices === undefined ? '' : `; one of ${option.choices.join(', ')}`;
      return [left, `${option.summary}${choices}`] as const;
    }),
    columns,
  );
}

function exampleLines(examples: Command['examples']): string[] {
  return examples.flatMap(({ line, does }) => [`  ${line}`, `      ${does}`]);
}

/** Two columns; a left side that is too long stands on its own line. */
function pairs(rows: readonly (readonly [left: string, right: string])[], columns: number): string[] {
  const left = Math.min(26, Math.max(...rows.map(([text]) => text.length)));
  return rows.flatMap(([text, right]) => {
    const wrapped = wrap(right, columns - left - 4);
    const [first = '', ...rest] = wrapped;
    const head =
      text.length > left
        ? [`  ${text}`, `  ${' '.repeat(left)}  ${first}`]
        : [`  ${text.padEnd(left)}  ${first}`];
    return [...head, ...rest.map((line) => `  ${' '.repeat(left)}  ${line}`)];
  });
}

function wrap(text: string, columns: number): string[] {
  const done: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > Math.max(20, columns)) {
      done.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...done, line];
}

function lines(all: readonly string[]): string {
  return `${all.map((line) => line.trimEnd()).join('\n')}\n`;
}
