/** Options whose value is a whole number. */
import type { Arguments } from './command.ts';
import { UsageError } from './usage-error.ts';

/** The number, at least `least`; undefined when the option is not given. Throws UsageError. */
export function numberOf(args: Arguments, name: string, least: 0 | 1 = 1): number | undefined {
  const text = args.text(name);
  if (text === undefined) return undefined;
  if (/^(0|[1-9]\d{0,14})$/.test(text) && Number(text) >= least) return Number(text);
  throw new UsageError(
    `${args.written(name)} is a whole number from ${least}, not ${JSON.stringify(text.slice(0, 80))}`,
  );
}

/** The number from 1 as a member, or no member. */
export function numberOption<K extends string>(
  args: Arguments,
  name: K,
): { readonly [P in K]?: number } {
  const value = numberOf(args, name);
  return value === undefined ? {} : ({ [name]: value } as { readonly [P in K]?: number });
}
