/** Reading that can be told to stop while it waits. */

/** The items of a source until one of the signals; the source is then left alone and freed. */
export async function* until<T>(
  source: AsyncIterable<T>,
  signals: readonly AbortSignal[],
): AsyncGenerator<T> {
  const signal = AbortSignal.any([...signals]);
  const iterator = source[Symbol.asyncIterator]();
  let stop = (): void => undefined;
  const stopped = new Promise<null>((resolve) => {
    stop = () => resolve(null);
  });
  signal.addEventListener('abort', stop, { once: true });
  try {
    while (!signal.aborted) {
      const next = await Promise.race([iterator.next(), stopped]);
      if (next === null || next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    if (!signal.aborted) await iterator.return?.();
  }
}
