/**
 * What is remembered of a call of a tool until its result arrives: what it would do if it
 * succeeded. The input itself, which may be a whole file, is not kept.
 */
import type { ToolUseBlock } from '../session/message.ts';
import { patchedFiles } from './patches.ts';
import { isPartial, planOf } from './plan.ts';
import type { Plan } from './plan.ts';
import { shellWrites } from './shell-writes.ts';
import { oneLine } from './text.ts';
import { onlyLooks, plainName } from './tools.ts';
import type { ToolKind } from './tools.ts';

/** What a call is about. */
export interface SeenCall {
  /** Name of the tool, as it was called. */
  readonly name: string;
  readonly isShell: boolean;
  /** A file or a command, for people. */
  readonly subject: string;
  /** The files that it writes; null when it writes none. One that is not named is ''. */
  readonly writes: readonly string[] | null;
  readonly plan: { readonly steps: Plan; readonly extent: 'whole' | 'partial' } | null;
  /** Words of the input that tell the subject of the conversation. */
  readonly about: string;
}

/** Files of one call that are kept. */
const writesMax = 100;
const partCharsMax = 300;
const aboutCharsMax = 1000;

/** Where tools name their file, the most telling field first. */
const pathFields = (
  'file_path path filePath filename file notebook_path target_file relative_path absolute_path ' +
  'AbsolutePath TargetFile'
).split(' ');
/** Where shell tools hold their command. */
const commandFields = ['command', 'cmd', 'commands', 'script', 'CommandLine', 'code', 'input'];
/** Where tools hold a patch. */
const patchFields = ['input', 'patch', 'patchText', 'diff', 'command'];

type Input = Readonly<Record<string, unknown>>;

/** What the call would do. Never throws, whatever the input is. */
export function describeCall(tools: ReadonlyMap<string, ToolKind>, block: ToolUseBlock): SeenCall {
  // A name is text; a value that says otherwise may throw when it is made text.
  const told: unknown = block.name;
  const called = typeof told === 'string' ? told : '';
  const name = oneLine(called, 60) || 'a tool';
  const kind = tools.get(plainName(called));
  const input = asFields(block.input);
  const command = kind === 'shell' ? commandOf(input) : '';
  const writes = writesOf(kind, input, command);
  const plan = kind === 'plan' ? planOf(input) : null;
  const path = pathOf(input);
  return {
    name,
    isShell: kind === 'shell',
    subject: oneLine(command || path || shortValues(input)[0] || '', partCharsMax),
    writes: writes?.slice(0, writesMax).map((one) => oneLine(one, partCharsMax)) ?? null,
    plan: plan === null ? null : { steps: plan, extent: isPartial(input) ? 'partial' : 'whole' },
    about: shortValues(input).join('\n').slice(0, aboutCharsMax),
  };
}

/** The input as an object; a bare string, which some tools take, stands in the field `input`. */
function asFields(input: unknown): Input {
  if (typeof input === 'string') return { input };
  return typeof input === 'object' && input !== null ? (input as Input) : {};
}

function writesOf(
  kind: ToolKind | undefined,
  input: Input,
  command: string,
): readonly string[] | null {
  if (kind === 'shell') return nonEmpty(shellWrites(command));
  if (kind !== 'fileWrite' || onlyLooks(input)) return null;
  const patch = patchFields.map((field) => input[field]).find((v) => typeof v === 'string');
  const patched = typeof patch === 'string' ? patchedFiles(patch) : [];
  return nonEmpty(patched) ?? [pathOf(input)];
}

function nonEmpty(list: readonly string[]): readonly string[] | null {
  return list.length > 0 ? list : null;
}

function pathOf(input: Input): string {
  for (const field of pathFields) {
    const value = input[field];
    if (typeof value === 'string' && value !== '') return value.slice(0, partCharsMax);
  }
  return '';
}

/**
 * The command line; one that is given as words is put together again, or is that of `bash -c`.
 * `commands` are several.
 */
function commandOf(input: Input): string {
  for (const field of commandFields) {
    const value = input[field];
    if (typeof value === 'string' && value !== '') return value;
    if (!Array.isArray(value)) continue;
    const words = (value as readonly unknown[]).map(String);
    if (field === 'commands') return words.join('\n');
    const [shell = '', option = '', script] = words;
    const isScript = /(?:^|\/)(?:ba|z|da)?sh$/.test(shell) && /^-\w*c$/.test(option);
    if (isScript && script !== undefined) return script;
    return words.map(quoted).join(' ');
  }
  return '';
}

function quoted(word: string): string {
  return /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Texts of the input that name something, in contrast to those that are written somewhere. */
function shortValues(input: Input): readonly string[] {
  const texts = Object.values(input).filter((value) => typeof value === 'string');
  return texts.filter((text) => text !== '' && text.length <= partCharsMax);
}
