/** Reading that can be told to stop while it waits. */

/** The items of a source until one of the signals; the source is then left alone and freed. */
export async function* until<T>(
  source: AsyncIterable<T>,
  signals: readonly AbortSignal[],
): AsyncGenerator<T> {
  const signal = AbortSignal.any([...signals]);
  const iterator = source[Symbol.asyncIterator]();
  // A new promise for each wait: one that lives as long as the input would remember every wait.
  let stop = (): void => undefined;
  const stopNow = (): void => stop();
  signal.addEventListener('abort', stopNow, { once: true });
  try {
    while (!signal.aborted) {
      const next = await new Promise<IteratorResult<T> | null>((resolve, reject) => {
        stop = () => resolve(null);
        iterator.next().then(resolve, reject);
      });
      if (next === null || next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', stopNow);
    // A source that is still waiting would make us wait for it.
    if (!signal.aborted) await iterator.return?.();
  }
}
