/** Arguments of a call, which some tools keep as a text of JSON. */
import { parseText, unparsed } from './decode.ts';

/** The parsed value; arguments that are no JSON stay the text that they were. */
export function argumentsOf(raw: unknown): unknown {
  if (typeof raw !== 'string') return raw ?? {};
  if (raw === '') return {};
  const value = parseText(raw);
  return value === unparsed ? raw : value;
}
