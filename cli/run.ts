import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { openBureau } from './bureau.ts';
import type { Call, Command, Outcome } from './command.ts';
import { commands, groups } from './commands.ts';
import type { Surroundings } from './environment.ts';
import { CannotDo, WrongUsage } from './failures.ts';
import { helpText } from './help.ts';
import { openMachine } from './machine.ts';
import { Page } from './page.ts';
import { jsonText, plainText } from './plain-text.ts';
import { openProgress } from './progress.ts';
import { readArguments, type Typed } from './read-arguments.ts';

export interface Output {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

/** Runs one command line. Gives the exit status: 0 done, 1 could not, 2 wrong usage. */
export async function run(
  typed: readonly string[],
  surroundings: Surroundings,
  output: Output,
): Promise<0 | 1 | 2> {
  if (typed.length === 0) {
    output.stderr(helpText(undefined, surroundings.columns));
    return 2;
  }
  try {
    const read = readArguments(typed, { commands, groups });
    if (read.kind === 'version') {
      output.stdout(`firstlight ${await version()}\n`);
      return 0;
    }
    if (read.kind === 'help') {
      output.stdout(helpText(read.topic, Math.min(100, surroundings.columns ?? 80)));
      return 0;
    }
    const command = read.topic as Command;
    const outcome = await runCommand(command, read, surroundings, output);
    show(outcome, read.options.has('json'), surroundings, output);
    return outcome.isBad === true ? 1 : 0;
  } catch (error) {
    if (error instanceof WrongUsage) {
      output.stderr(`${sentences(error.message)}\n`);
      return 2;
    }
    if (error instanceof CannotDo) {
      output.stderr(`${sentences(error.message)}\n`);
      return 1;
    }
    throw error;
  }
}

async function runCommand(
  command: Command,
  typed: Typed,
  surroundings: Surroundings,
  output: Output,
): Promise<Outcome> {
  const last = (name: string) => typed.options.get(name)?.at(-1);
  const folder = last('data');
  const dataFolder = folder === undefined ? surroundings.dataFolder : resolve(folder);
  const progress = openProgress(output.stderr, surroundings.isProgressShown);
  const call: Call = {
    arguments: typed.arguments,
    option: last,
    optionList: (name) => typed.options.get(name) ?? [],
    number: (name) => {
      const text = last(name);
      return text === undefined ? undefined : Number(text);
    },
    isSet: (name) => typed.options.has(name),
    bureau: openBureau({ dataFolder, url: last('url') }),
    machine: openMachine(dataFolder),
    progress: progress.say,
  };
  try {
    return await command.run(call);
  } finally {
    progress.end();
  }
}

function show(outcome: Outcome, isJson: boolean, surroundings: Surroundings, output: Output): void {
  if (isJson) {
    output.stdout(`${jsonText(outcome.document)}\n`);
    return;
  }
  const page = new Page(surroundings);
  outcome.present(page);
  output.stdout(page.text());
}

function sentences(message: string): string {
  return message.split('\n').map(plainText).join('\n');
}

async function version(): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  const facts = JSON.parse(text) as { version: string };
  return facts.version;
}
