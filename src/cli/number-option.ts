/** Options whose value is a whole number, or one of bytes with a unit. */
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

const units = { '': 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

/**
 * A count of bytes, at least `least`: plain digits, or some with KiB, MiB or GiB; undefined when
 * the option is not given. Throws UsageError; `leastText` says the bound in it.
 */
export function bytesOption(
  args: Arguments,
  name: string,
  { least, leastText }: { readonly least: number; readonly leastText: string },
): number | undefined {
  const text = args.text(name);
  if (text === undefined) return undefined;
  const [, digits = '', unit = ''] = /^(\d{1,15}) ?([KMG]iB)?$/.exec(text) ?? [];
  const value = Number(digits) * units[unit as keyof typeof units];
  if (digits !== '' && Number.isSafeInteger(value) && value >= least) return value;
  throw new UsageError(
    `${args.written(name)} is bytes, or a whole number of KiB, MiB or GiB, as in 512MiB, and at ` +
      `least ${leastText}, not ${JSON.stringify(text.slice(0, 80))}`,
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
