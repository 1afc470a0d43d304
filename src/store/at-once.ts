/**
 * Work on many sessions, several at a time. To settle or close one is hardly more than waiting for
 * a handful of syncs, and those of several sessions overlap: a file system commits them together.
 */

/**
 * Sessions that are settled or closed at the same time. More than libuv has threads, so that these
 * always have work, and few enough for memory: each may hold a group of entries.
 */
const atOnceMax = 8;

/**
 * Does the work on every session, begun in their order. Also on those that come meanwhile, and on
 * none that has left before its turn. One that fails stops no other; the failures are in the order
 * of the sessions.
 */
export async function failuresAmong<T>(
  sessions: ReadonlySet<T>,
  work: (session: T) => Promise<void>,
): Promise<readonly unknown[]> {
  const failures: { readonly at: number; readonly error: unknown }[] = [];
  const waiting = sessions.values();
  let begun = 0;
  const lane = async (): Promise<void> => {
    for (let next = waiting.next(); next.done !== true; next = waiting.next()) {
      begun += 1;
      const at = begun;
      // Handed on: the caller throws the first of them, once everything else is done.
      await work(next.value).catch((error: unknown) => failures.push({ at, error }));
    }
  };
  await Promise.all(Array.from({ length: atOnceMax }, lane));
  return failures.sort((one, two) => one.at - two.at).map(({ error }) => error);
}
