/**
 * The arguments of a call whose text says more than the value that is read from it: numbers that no
 * double holds, a name that comes twice. Such a call has the text in `input_json` beside `input`,
 * so that whoever takes arguments as a text gets every digit of them.
 */

/** The exact text of the arguments; null when there is none, or it is not that of the input. */
export function exactInput(block: object): string | null {
  const { input, input_json: text } = block as Readonly<Record<string, unknown>>;
  if (typeof text !== 'string') return null;
  try {
    return JSON.stringify(JSON.parse(text)) === JSON.stringify(input) ? text : null;
  } catch {
    // No JSON: somebody wrote something else there.
    return null;
  }
}
