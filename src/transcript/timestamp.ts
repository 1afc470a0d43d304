/** When a message was written, as its source tells it. Pure. */

/** Longer texts are no times. */
const charactersMax = 100;

/** A member to spread into a message: the first of these that is a time as tools write it. */
export function timestampOf(...told: readonly unknown[]): {
  readonly timestamp?: string | number;
} {
  for (const value of told) {
    if (typeof value === 'number' && Number.isFinite(value)) return { timestamp: value };
    if (typeof value !== 'string' || value === '' || value.length > charactersMax) continue;
    return { timestamp: value };
  }
  return {};
}

/** The same for a time in seconds, as a number of milliseconds. */
export function secondsOf(told: unknown): { readonly timestamp?: string | number } {
  return timestampOf(typeof told === 'number' ? told * 1000 : null);
}
