import type { Bureau } from './bureau.ts';
import type { Machine } from './machine.ts';
import type { Page } from './page.ts';

/** One option of a command. Without `value` it is a flag. */
export interface CommandOption {
  readonly name: string;
  /** What stands for the value in help, as `ROLE`. */
  readonly value?: string;
  /** The only values that are taken; anything goes where absent. */
  readonly choices?: readonly string[];
  /** Whole numbers only, from `least` to `most`. */
  readonly whole?: { readonly least: number; readonly most: number };
  readonly isRepeatable?: boolean;
  readonly isRequired?: boolean;
  readonly summary: string;
}

interface CommandArgument {
  readonly name: string;
  readonly isOptional?: boolean;
  /** Takes all that follow; for the last one only. */
  readonly isRepeatable?: boolean;
  readonly summary: string;
}

/** One command as data: help, checks and dispatch are all made from this. */
export interface Command {
  /** Words that name it, as `provider add`. */
  readonly name: string;
  readonly summary: string;
  /** Sentences under the summary in the command's own help. */
  readonly more?: readonly string[];
  readonly arguments?: readonly CommandArgument[];
  readonly options?: readonly CommandOption[];
  readonly examples: readonly { readonly line: string; readonly does: string }[];
  readonly run: (call: Call) => Promise<Outcome>;
}

/** A word that several commands begin with. */
export interface CommandGroup {
  readonly name: string;
  readonly summary: string;
}

/** What a command is given: its checked arguments and options, the bureau, and its machine. */
export interface Call {
  readonly arguments: readonly string[];
  readonly option: (name: string) => string | undefined;
  readonly optionList: (name: string) => readonly string[];
  readonly number: (name: string) => number | undefined;
  readonly isSet: (name: string) => boolean;
  readonly bureau: Bureau;
  readonly machine: Machine;
  /** Shows how far a long command is, on standard error; replaces what it said before. */
  readonly progress: (text: string) => void;
}

/** What a command gives back: one document for programs and the same for people. */
export interface Outcome {
  readonly document: unknown;
  readonly present: (page: Page) => void;
  /** True where the command ran but found something wrong: exit status 1. */
  readonly isBad?: boolean;
}
