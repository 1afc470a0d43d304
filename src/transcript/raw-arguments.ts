/** Arguments of a call, which some tools keep as a text of JSON. */
import { parseText, unparsed } from './decode.ts';
import { inexactIn } from './inexact.ts';

/** The parsed value; arguments that are no JSON stay the text that they were. */
export function argumentsOf(raw: unknown): unknown {
  if (typeof raw !== 'string') return raw ?? {};
  if (raw === '') return {};
  const value = parseText(raw);
  return value === unparsed ? raw : value;
}

/** Arguments as the members of a call; a text that says more than its value is kept beside it. */
export function inputOf(raw: unknown): { readonly input: unknown; readonly input_json?: string } {
  return { input: argumentsOf(raw), ...exactTextOf(raw) };
}

/** The text of arguments as a member of a call, when it says more than its value. */
export function exactTextOf(raw: unknown): { readonly input_json?: string } {
  if (typeof raw !== 'string' || parseText(raw) === unparsed) return {};
  return inexactIn(raw).length > 0 ? { input_json: raw } : {};
}
