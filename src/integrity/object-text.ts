/** Arguments that were encoded twice, as proxies do that take the text of JSON for its value. */

/**
 * The object that a text is the JSON of, which a proxy wrote down twice; null for anything else,
 * and where a number of it would not come out as it was written.
 */
export function objectIn(input: unknown): object | null {
  if (typeof input !== 'string' || /\d{16}|\d[eE]/u.test(input)) return null;
  try {
    const value: unknown = JSON.parse(input);
    return typeof value === 'object' && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
