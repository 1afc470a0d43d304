/**
 * Assertions for programmer mistakes. They stay on in production: a wrong assumption in a storage
 * engine must stop the process before it reaches the disk. They are never caught and have no code.
 */

/** An assumption of the engine itself was wrong. It is a bug in Holdfast, never bad input. */
export class AssertionError extends Error {
  override readonly name = 'HoldfastAssertionError';
}

/** Throws unless the condition holds. The message states the fact that must be true. */
export function assert(condition: boolean, fact: string): asserts condition {
  if (!condition) throw new AssertionError(`Assertion failed: ${fact}`);
}

/** Returns a value that the surrounding invariants prove to be present. */
export function present<T>(value: T | undefined | null, fact: string): T {
  if (value === undefined || value === null) throw new AssertionError(`Assertion failed: ${fact}`);
  return value;
}

/**
 * Ends a `switch` over a closed union: a new kind then fails to compile instead of being skipped.
 */
export function unreachable(value: never): never {
  throw new AssertionError(`Assertion failed: unreachable value ${JSON.stringify(value)}`);
}
