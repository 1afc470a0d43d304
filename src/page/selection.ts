/**
 * Which messages of a long session stand in its page: those where something was found or would be
 * changed, what stands around them, the beginning, and the newest. Pure.
 */

/** Around a place that somebody looks at, so many messages tell how it came about. */
const around = 3;
const firstMessages = 20;

/**
 * Numbers of the shown messages, ascending, or null for all of them. `telling` are those that must
 * not be missing, the gravest first.
 */
export function shownMessages(
  messages: number,
  telling: readonly number[],
  max: number,
): ReadonlySet<number> | null {
  if (messages <= max) return null;
  const shown = new Set<number>();
  const add = (message: number): void => {
    if (shown.size < max && message >= 0 && message < messages) shown.add(message);
  };
  // What is told comes before what only surrounds it, and leaves room for the newest.
  const room = Math.floor(max * 0.8);
  for (const message of telling) if (shown.size < room) add(message);
  for (let message = 0; message < firstMessages; message += 1) add(message);
  for (let step = 1; step <= around; step += 1) {
    for (const message of telling) {
      if (shown.size >= room) break;
      add(message - step);
      add(message + step);
    }
  }
  for (let message = messages - 1; message >= 0 && shown.size < max; message -= 1) add(message);
  return shown;
}
