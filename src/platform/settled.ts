/**
 * Synchronous work behind an asynchronous interface, without a turn of the event loop in between.
 */

/** Runs the call now; its result or its error is in a promise that is settled when this returns. */
export function settled<T>(call: () => T): Promise<T> {
  try {
    return Promise.resolve(call());
  } catch (error) {
    // The error is handed on as it is, in the promise.
    return Promise.reject(error as Error);
  }
}
