/** Help, derived from the commands. It is what was asked for, so it goes to stdout. */
import { largest } from '../base/lists.ts';
import { exitMeanings } from './exit-codes.ts';
import { optionsOf } from './command.ts';
import type { Command, OptionSpec } from './command.ts';
import { groupOf } from './groups.ts';
import type { Io } from './io.ts';
import type { Style } from './talk.ts';
import { wrapped } from './text.ts';

/** How a command is called: `recover scan` is a program of its own as well. */
export function invocation(program: Io['program'], name: string): string {
  return program === 'recover' && name.startsWith('recover') ? name : `holdfast ${name}`;
}

/** One line that shows how a command is used. */
export function usageOf(program: Io['program'], command: Command): string {
  const options = command.options.map((option) => {
    const value = option.value === undefined ? '' : ` ${option.choices?.join('|') ?? option.value}`;
    const words = `--${option.name}${value}`;
    if (option.required) return words;
    return `[${words}]${option.repeatable === undefined ? '' : '...'}`;
  });
  const words = command.positionals.map(({ name, required, repeatable }) => {
    return `${required ? name : `[${name}]`}${repeatable === undefined ? '' : '...'}`;
  });
  return [invocation(program, command.name), ...words, ...options].join(' ');
}

/** Help about one command. */
export function commandHelp(program: Io['program'], command: Command, style: Style): string {
  const parts = [
    `${command.summary}.`,
    `${style.bold('Usage')}\n${wrapped(usageOf(program, command), 2, 6)}`,
    ...command.details.map((paragraph) => wrapped(paragraph, 0)),
  ];
  if (command.positionals.length > 0) {
    const rows = command.positionals.map(({ name, summary }) => [name, summary] as const);
    parts.push(`${style.bold('Arguments')}\n${table(rows)}`);
  }
  parts.push(`${style.bold('Options')}\n${table(optionsOf(command).map(optionRow))}`);
  const examples = command.examples.map(({ line, why }) => `  ${style.dim(`# ${why}`)}\n  ${line}`);
  if (examples.length > 0) parts.push(`${style.bold('Examples')}\n${examples.join('\n')}`);
  const exits = command.exits.map((code) => [String(code), exitMeanings[code]] as const);
  parts.push(`${style.bold('Exit codes')}\n${table(exits)}`);
  parts.push(`With --json the schema is ${command.schema}.`);
  return `${parts.join('\n\n')}\n`;
}

/** Help about everything, or about the commands of a group. */
export function overview(
  program: Io['program'],
  group: string | null,
  commands: readonly Command[],
  style: Style,
): string {
  const shown = commands.filter(({ name }) => group === null || name.startsWith(`${group} `));
  const rows = shown.map(({ name, summary }) => [name, summary] as const);
  const {
    lead = 'holdfast keeps the sessions of AI agents safe through crashes and power cuts.',
    alone = null,
  } = groupOf(group) ?? {};
  const name = group === null ? 'holdfast' : invocation(program, group);
  const note =
    alone === null
      ? ''
      : `\nAlone, or with only a DIR, it is \`${name} ${alone}\`, which changes nothing.\n`;
  return [
    `${lead}\n${note}`,
    `${style.bold('Usage')}\n  ${name} COMMAND [ARGUMENTS] [OPTIONS]\n`,
    `${style.bold('Commands')}\n${table(rows)}\n`,
    `${name} COMMAND --help tells more. The store is DIR, --store DIR, HOLDFAST_STORE,`,
    '$XDG_STATE_HOME/holdfast or ~/.local/state/holdfast; the first one that is given counts.\n',
  ].join('\n');
}

function optionRow(option: OptionSpec): readonly [string, string] {
  const short = option.short === undefined ? '' : `-${option.short}, `;
  const value = option.value === undefined ? '' : ` ${option.value}`;
  return [`${short}--${option.name}${value}`, option.summary];
}

function table(rows: readonly (readonly [string, string])[]): string {
  const width =
    largest(
      rows.map(([left]) => left.length),
      0,
    ) + 4;
  return rows
    .map(([left, right]) => `  ${left.padEnd(width - 2)}${wrapped(right, 0, width).trimStart()}`)
    .join('\n');
}
