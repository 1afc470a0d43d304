/** Commands as data: parsing, help and suggestions are derived from it, so they cannot disagree. */
import type { Engine } from './engine.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Io } from './io.ts';
import type { Talk } from './talk.ts';

/** An option. Without `value` it is a switch. */
export interface OptionSpec {
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  /** What stands for the value in the help: `DIR`. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly repeatable?: true;
  /** Must be given, and not empty. */
  readonly required?: true;
  readonly summary: string;
}

/** An argument without a dash. */
export interface PositionalSpec {
  readonly name: string;
  readonly required: boolean;
  /** Takes all words that are left, as a shell makes them from a pattern; the last one only. */
  readonly repeatable?: true;
  readonly summary: string;
}

/** A command line that somebody may copy, and what it is good for. */
export interface Example {
  readonly line: string;
  readonly why: string;
}

/** The arguments of one run, checked against the command's specification. */
export interface Arguments {
  /** The value of an option, or of a positional argument by its name; the last one counts. */
  text(name: string): string | undefined;
  /** All values of a repeatable option or argument. */
  texts(name: string): readonly string[];
  has(name: string): boolean;
  /** The option as it was written, to speak of it: `-n` or `--last`. */
  written(name: string): string;
}

/** What a command runs with. */
export interface Context {
  readonly io: Io;
  readonly engine: Engine;
  readonly args: Arguments;
  readonly talk: Talk;
}

/** One verb of the command line. */
export interface Command {
  /** One word, or two when it belongs to a group: `recover scan`. */
  readonly name: string;
  readonly summary: string;
  readonly positionals: readonly PositionalSpec[];
  readonly options: readonly OptionSpec[];
  /** What else one has to know, in paragraphs. */
  readonly details: readonly string[];
  readonly examples: readonly Example[];
  readonly exits: readonly ExitCode[];
  /** The `schema` of what `--json` prints; errors have `holdfast.error/1` on stderr. */
  readonly schema: string;
  run(context: Context): Promise<ExitCode>;
}

/** Options that every command takes. */
export const commonOptions: readonly OptionSpec[] = [
  { name: 'help', short: 'h', summary: 'Show this help' },
  { name: 'version', summary: 'Show the version' },
  { name: 'quiet', short: 'q', summary: 'Say nothing but data and errors' },
];

/** Every command can answer in JSON. */
export const jsonOption: OptionSpec = {
  name: 'json',
  summary: 'Answer in JSON: one object, or one a line',
};

/** The option of commands that work on a store. */
export const storeOption: OptionSpec = {
  name: 'store',
  value: 'DIR',
  summary: 'The store; DIR as an argument wins, HOLDFAST_STORE is next',
};

/** The store as an argument. */
export const directory: PositionalSpec = {
  name: 'DIR',
  required: false,
  summary: 'The store (default: $XDG_STATE_HOME/holdfast or ~/.local/state/holdfast)',
};

/** Every option that a command takes. */
export function optionsOf(command: Command): readonly OptionSpec[] {
  return [...command.options, jsonOption, ...commonOptions];
}
