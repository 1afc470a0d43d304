/** Words of a command line: what is no option is told in a sentence of ours, and not in Node's. */
import { parseArgs } from 'node:util';

/** What was asked for cannot be done; the message says why, and what to do. */
export class UsageError extends Error {}

/** What an option is; a text is followed by its value. */
export type OptionKinds = Readonly<Record<string, 'text' | 'flag'>>;

export interface Words<Kinds extends OptionKinds> {
  readonly flags: ReadonlySet<keyof Kinds>;
  readonly texts: ReadonlyMap<keyof Kinds, string>;
  /** What is no option, in order. */
  readonly names: readonly string[];
}

/** Throws a UsageError. `-h` is `--help`. */
export function wordsOf<Kinds extends OptionKinds>(
  args: readonly string[],
  kinds: Kinds,
): Words<Kinds> {
  const [flags, texts, names] = [new Set<string>(), new Map<string, string>(), [] as string[]];
  const options = Object.fromEntries(
    Object.entries(kinds).map(([name, kind]) => {
      const type = kind === 'text' ? ('string' as const) : ('boolean' as const);
      return [name, name === 'help' ? { type, short: 'h' } : { type }];
    }),
  );
  // Not strict: then a value such as -1 is one, and the reader of numbers says what is wrong.
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind === 'positional') names.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName, value } = token;
    const kind = kinds[name];
    if (kind === undefined) {
      const known = Object.keys(kinds).map((one) => `--${one}`);
      throw new UsageError(`There is no option ${rawName}; there are ${known.join(', ')}`);
    }
    if (kind === 'text') texts.set(name, valueOf(rawName, value, token.inlineValue));
    else if (value === undefined) flags.add(name);
    else throw new UsageError(`${rawName} takes no value, and was given ${JSON.stringify(value)}`);
  }
  return { flags, texts, names };
}

function valueOf(
  rawName: string,
  value: string | undefined,
  isInline: boolean | undefined,
): string {
  if (value === undefined || value === '') throw new UsageError(`${rawName} needs a value`);
  if (isInline === true || !value.startsWith('--')) return value;
  const inline = `${rawName}=${value}`;
  throw new UsageError(`${rawName} needs a value; if ${value} is meant to be one, write ${inline}`);
}

/** A number above 0. */
export function numberOf(name: string, text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new UsageError(`--${name} must be a number above 0, not ${JSON.stringify(text)}`);
}
