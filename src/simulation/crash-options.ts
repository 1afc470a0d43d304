/** Options of a simulated power cut, as they come in from outside. */
import { HoldfastError } from '../base/errors.ts';
import { requireKnown } from '../base/known-options.ts';
import { shown } from '../base/shown.ts';
import type { CrashOptions } from '../platform/sim/crash.ts';

const kept = ['none', 'all', 'random'];
const choices: Readonly<Record<string, readonly string[]>> = {
  keep: kept,
  names: kept,
  sharedSectors: ['safe', 'torn'],
};
const functions = ['keepPage', 'keepPart'];

/** INVALID unless all of them are known and have a value that they may have. */
export function requireCrashOptions(options: CrashOptions): void {
  const known = [...Object.keys(choices), ...functions, 'seed'];
  requireKnown(options, known, 'cut the power');
  for (const [name, value] of Object.entries(options) as [string, unknown][]) {
    if (value === undefined) continue;
    const values = choices[name];
    if (values !== undefined && !(typeof value === 'string' && values.includes(value))) {
      throw invalid(name, `one of ${values.join(', ')}`, value);
    }
    if (functions.includes(name) && typeof value !== 'function') {
      throw invalid(name, 'a function', value);
    }
    if (name === 'seed' && !Number.isSafeInteger(value)) throw invalid(name, 'an integer', value);
  }
}

function invalid(path: string, kind: string, value: unknown): HoldfastError<'INVALID'> {
  const message = `Cannot cut the power: "${path}" must be ${kind}, not ${shown(value)}`;
  return new HoldfastError('INVALID', message, { path });
}
