/**
 * From the words on the command line to a command and its arguments. What is not understood is
 * refused with one line that says what is wrong; nothing is guessed.
 */
import { parseArgs } from 'node:util';
import { commonOptions, jsonOption, optionsOf, storeOption } from './command.ts';
import type { Arguments, Command, OptionSpec } from './command.ts';
import { groupOf } from './groups.ts';
import type { Group } from './groups.ts';
import { didYouMean } from './suggest.ts';
import { UsageError } from './usage-error.ts';

/** What the words ask for. */
export type Request =
  | { readonly kind: 'version'; readonly format: 'text' | 'json' }
  /** Help about a command, a group (`recover`), or everything. */
  | { readonly kind: 'help'; readonly about: string | null }
  | { readonly kind: 'run'; readonly command: Command; readonly args: Arguments };

/** What there is, for words that may be a verb or a path. */
export interface Surroundings {
  /** True for a directory, also behind symbolic links. */
  isDirectory(path: string): Promise<boolean>;
}

/** Understands the words. Throws UsageError. */
export async function parse(
  words: readonly string[],
  commands: readonly Command[],
  around: Surroundings,
): Promise<Request> {
  const found = await findCommand(words, commands, around);
  const options =
    found.command === null ? [...commonOptions, jsonOption, storeOption] : optionsOf(found.command);
  const command = found.command?.name ?? null;
  const taken = takeOptions(found.rest, options, command);
  if (taken.values.has('help')) return { kind: 'help', about: found.about };
  if (taken.values.has('version')) {
    return { kind: 'version', format: taken.values.has('json') ? 'json' : 'text' };
  }
  if (found.command === null) return { kind: 'help', about: found.about };
  const values = new Map(taken.values);
  requireOptions(found.command, values);
  takePositionals(found.command, taken.positionals, values);
  return { kind: 'run', command: found.command, args: argumentsOf(values, taken.written) };
}

interface Found {
  readonly command: Command | null;
  readonly about: string | null;
  readonly rest: readonly string[];
}

async function findCommand(
  words: readonly string[],
  commands: readonly Command[],
  around: Surroundings,
): Promise<Found> {
  const at = wordAt(words, 0, commands);
  const first = words[at];
  if (first === undefined) return { command: null, about: null, rest: words };
  const rest = words.toSpliced(at, 1);
  if (first === 'help') return help(rest, commands);
  const simple = commands.find((command) => command.name === first);
  if (simple !== undefined) return { command: simple, about: first, rest };
  const group = groupOf(first);
  if (group === undefined) {
    const known = [...new Set(commands.map((command) => command.name.split(' ')[0] ?? ''))];
    throw new UsageError(`there is no command ${quote(first)}${didYouMean(first, known)}`);
  }
  const found = findInGroup(group, rest, commands);
  return 'stray' in found ? takeForStore(found, around) : found;
}

/** A word where the verb of a group should be. */
interface Stray {
  readonly group: string;
  readonly stray: string;
  readonly hint: string;
  /** What is meant when the word is the store. */
  readonly otherwise: Found;
}

/**
 * Somebody who names only the store, as after a crash, gets the look that changes nothing. A verb
 * always wins over a directory of the same name.
 */
async function takeForStore(found: Stray, around: Surroundings): Promise<Found> {
  const { group, stray, hint, otherwise } = found;
  if (isPath(stray) || (await around.isDirectory(stray))) return otherwise;
  throw new UsageError(`there is no command ${quote(`${group} ${stray}`)}${hint}`, group);
}

/** No verb looks like this: that nothing is there is for the command to say, and no misspelling. */
function isPath(word: string): boolean {
  return /[./\\]/.test(word);
}

function findInGroup(
  group: Group,
  words: readonly string[],
  commands: readonly Command[],
): Found | Stray {
  const { name, alone } = group;
  const at = wordAt(words, 0, commands);
  const word = words[at];
  const asksHelp = words.includes('--help') || words.includes('-h');
  const named = (verb: string): Command | null =>
    commands.find((command) => command.name === `${name} ${verb}`) ?? null;
  if (word === undefined) {
    const command = alone === null ? null : named(alone);
    if (asksHelp) return { command, about: name, rest: words };
    if (command !== null) return { command, about: command.name, rest: words };
    throw new UsageError(`a verb is missing: ${verbsOf(group, commands).join(', ')}`, name);
  }
  const command = named(word);
  if (command !== null) return { command, about: command.name, rest: words.toSpliced(at, 1) };
  const known = didYouMean(word, verbsOf(group, commands));
  if (alone === null) {
    const hint = known || `; it is ${verbsOf(group, commands).join(', ')}`;
    throw new UsageError(`there is no command ${quote(`${name} ${word}`)}${hint}`, name);
  }
  const otherwise = { command: named(alone), about: `${name} ${alone}`, rest: words };
  const hint = known || '; nor is there a directory of that name';
  return { group: name, stray: word, hint, otherwise };
}

function verbsOf({ name }: Group, commands: readonly Command[]): readonly string[] {
  const members = commands.filter((command) => command.name.startsWith(`${name} `));
  return members.map((command) => command.name.slice(name.length + 1));
}

function help(rest: readonly string[], commands: readonly Command[]): Found {
  const about = rest.filter((word) => !word.startsWith('-')).join(' ');
  const known = commands.some(({ name }) => name === about || name.startsWith(`${about} `));
  if (about === '' || known) return { command: null, about: about || null, rest: [] };
  const names = commands.map((command) => command.name);
  throw new UsageError(`there is no command ${quote(about)}${didYouMean(about, names)}`);
}

/** Index of the first word from here that is neither an option nor the value of one. */
function wordAt(words: readonly string[], from: number, commands: readonly Command[]): number {
  const valued = new Set(
    [storeOption, ...commands.flatMap((command) => command.options)]
      .filter((option) => option.value !== undefined)
      .map((option) => `--${option.name}`),
  );
  let at = from;
  for (;;) {
    const word = words[at];
    if (word === undefined || word === '--') return words.length;
    if (!word.startsWith('-') || word === '-') return at;
    at += valued.has(word) ? 2 : 1;
  }
}

/** What to write for a path that begins with a dash, where the word looks like one. */
function pathHint(word = ''): string | null {
  const isPath = /^-[^-].*[-./]/.test(word) || /^--[^=]*\//.test(word);
  return isPath ? `; is it a path? Then write ./${word}, or -- in front of it` : null;
}

interface Taken {
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly positionals: readonly string[];
  /** How an option was written: `-n` or `--last`. */
  readonly written: ReadonlyMap<string, string>;
}

function takeOptions(
  words: readonly string[],
  options: readonly OptionSpec[],
  command: string | null,
): Taken {
  const config = Object.fromEntries(
    options.map(({ name, short, value }) => {
      const type = value === undefined ? ('boolean' as const) : ('string' as const);
      return [name, short === undefined ? { type } : { type, short }];
    }),
  );
  const args = [...words];
  const parsed = {
    args,
    options: config,
    strict: false,
    allowPositionals: true,
    tokens: true,
  } as const;
  const { tokens } = parseArgs(parsed);
  const values = new Map<string, readonly string[]>();
  const written = new Map<string, string>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const option = options.find(({ name }) => name === token.name);
    const refuse = (message: string): never => {
      throw new UsageError(message, command);
    };
    if (option === undefined) {
      const hint = pathHint(args[token.index]) ?? meantOption(token.rawName, options);
      return refuse(`there is no option ${token.rawName}${hint}`);
    }
    const value = checkedValue(option, token, refuse);
    const before = values.get(option.name) ?? [];
    if (before.length > 0 && option.value !== undefined && option.repeatable === undefined) {
      refuse(`--${option.name} is given twice`);
    }
    values.set(option.name, [...before, value]);
    written.set(option.name, token.rawName);
  }
  return { values, positionals, written };
}

/** A letter means the one option that begins with it. */
function meantOption(rawName: string, options: readonly OptionSpec[]): string {
  const known = options.map(({ name }) => `--${name}`);
  const letter = /^-([a-z])$/i.exec(rawName)?.[1]?.toLowerCase();
  if (letter === undefined) return didYouMean(rawName, known);
  const [only, ...others] = known.filter((name) => name.startsWith(`--${letter}`));
  return only === undefined || others.length > 0 ? '' : `; did you mean ${only}?`;
}

function checkedValue(
  option: OptionSpec,
  token: {
    readonly rawName: string;
    readonly value?: string | undefined;
    readonly inlineValue?: boolean | undefined;
  },
  refuse: (message: string) => never,
): string {
  const { name, value: placeholder, choices } = option;
  const { value } = token;
  if (placeholder === undefined) {
    return value === undefined ? '' : refuse(`--${name} takes no value`);
  }
  const { rawName } = token;
  // A negative number is a value that is wrong, and is refused with those that are right.
  const isNumber = ['N', 'SEQ'].includes(placeholder) && /^-\d+$/.test(value ?? '');
  const isDashed = token.inlineValue !== true && value?.startsWith('-') === true;
  const looksLikeOption = isDashed && !isNumber;
  if (value === undefined || looksLikeOption) {
    const way = looksLikeOption ? `; for a value that begins with -, write --${name}=VALUE` : '';
    return refuse(`${rawName} needs a value (${placeholder})${way}`);
  }
  if (choices !== undefined && !choices.includes(value)) {
    const hint = didYouMean(value, choices);
    return refuse(`--${name} is ${choices.join(' or ')}, not ${quote(value)}${hint}`);
  }
  return value;
}

function requireOptions(command: Command, values: ReadonlyMap<string, readonly string[]>): void {
  for (const { name, value, required } of command.options) {
    if (required === undefined || (values.get(name)?.at(-1) ?? '') !== '') continue;
    throw new UsageError(`--${name} ${value} is missing`, command.name);
  }
}

function takePositionals(
  command: Command,
  given: readonly string[],
  values: Map<string, readonly string[]>,
): void {
  command.positionals.forEach(({ name, required, repeatable }, index) => {
    const end = repeatable === undefined ? index + 1 : given.length;
    const taken = given.slice(index, end);
    if (taken.length > 0) values.set(name, taken);
    else if (required) throw new UsageError(`${name} is missing`, command.name);
  });
  const extra = given[command.positionals.length];
  if (extra !== undefined && command.positionals.at(-1)?.repeatable === undefined) {
    throw new UsageError(`${quote(extra)} is one argument too many`, command.name);
  }
}

function argumentsOf(
  values: ReadonlyMap<string, readonly string[]>,
  written: ReadonlyMap<string, string>,
): Arguments {
  return {
    written: (name) => written.get(name) ?? `--${name}`,
    text: (name) => values.get(name)?.at(-1),
    texts: (name) => values.get(name) ?? [],
    has: (name) => values.has(name),
  };
}

/** A word of the user, made harmless and recognisable. */
export function quote(word: string): string {
  return JSON.stringify(word.length > 80 ? `${word.slice(0, 80)}…` : word);
}
