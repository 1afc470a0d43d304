/** What somebody passed, in the words of an error: short, and never an error itself. */

const charactersMax = 60;

/** A scalar as it is written, and anything else by its kind. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case 'string': {
      const isLong = value.length > charactersMax;
      return JSON.stringify(isLong ? `${value.slice(0, charactersMax)}…` : value);
    }
    case 'bigint':
      return `${value}n`;
    case 'symbol':
      return 'a symbol';
    case 'function':
      return 'a function';
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? 'an array' : 'an object';
    case 'boolean':
    case 'number':
    case 'undefined':
      return String(value);
  }
}
