/**
 * A copy of what a test knows, for each machine that is left by one run: what one check does to it
 * must not be seen by the next. Only of plain data: a copy of an instance of a class would have
 * lost its methods, and one of a function cannot be made.
 */

/** A copy that shares nothing, or the value itself when it holds what is no plain data. */
export function copyOfKnown<T>(known: T): T {
  return isPlain(known, new Set()) ? structuredClone(known) : known;
}

function isPlain(value: unknown, seen: Set<object>): boolean {
  if (typeof value === 'function' || typeof value === 'symbol') return false;
  if (typeof value !== 'object' || value === null || seen.has(value)) return true;
  seen.add(value);
  const inner = partsOf(value);
  return inner !== null && inner.every((part) => isPlain(part, seen));
}

/** What is in a value of a kind that is copied whole; null for any other kind. */
function partsOf(value: object): readonly unknown[] | null {
  const prototype: unknown = Object.getPrototypeOf(value);
  switch (prototype) {
    case Array.prototype:
    case Object.prototype:
    case null:
      return Object.values(value);
    case Map.prototype:
      return [...(value as Map<unknown, unknown>)].flat();
    case Set.prototype:
      return [...(value as Set<unknown>)];
    case Date.prototype:
    case Uint8Array.prototype:
      return [];
    default:
      return null;
  }
}
