/**
 * Names of options. One that is not known is refused: whoever misspells `durability` must not get
 * the default in silence.
 */
import { HoldfastError } from './errors.ts';

/** INVALID unless these are options, all of them known. `action` says what they are for. */
export function requireKnown(options: object, known: readonly string[], action: string): void {
  if (typeof options !== 'object' || options === null) {
    const message = `Cannot ${action}: options are an object with some of ${known.join(', ')}`;
    throw new HoldfastError('INVALID', message, { path: 'options' });
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const path = JSON.stringify(name);
    const message = `Cannot ${action}: ${path} is not an option; known are ${known.join(', ')}`;
    throw new HoldfastError('INVALID', message, { path: name });
  }
}
