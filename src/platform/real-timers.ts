/**
 * Timers as they were when the engine was loaded. Tests of a program that uses it put clocks in
 * their place that stand still, and what waits for the disk must not stand still with them: an
 * append or a close would never end.
 */

/** Calls after a delay, as the global one did. */
export const setTimer: typeof setTimeout = setTimeout;
/** Takes back what `setTimer` gave. */
export const clearTimer: typeof clearTimeout = clearTimeout;
/** Calls in the next turn of the event loop. */
export const inNextTurn: typeof setImmediate = setImmediate;
const kept = Promise.resolve();

/**
 * Calls behind what runs now, and before the event loop goes on. By a promise: `queueMicrotask`
 * makes an asynchronous resource for each call, which costs more than most calls do. What it throws
 * ends the process, as a rejection that nobody handles.
 */
export function inThisTurn(call: () => void): void {
  kept.then(call, neverRejected);
}

function neverRejected(): void {
  // The promise was kept when it was made.
}

/** Milliseconds of a clock that never goes back. */
export const monotonicMs: () => number = performance.now.bind(performance);
