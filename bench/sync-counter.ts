/**
 * Counts the syncs that this thread asks for, which are those of histories and directories; those
 * of the journal are made in its own thread, and the store counts them. The bindings of `node:fs`
 * are live, so the engine, loaded before, sees the functions that count.
 */
import type * as fs from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';

let counter: { count: number } | null = null;

/** From the first call on; the same counter every time. */
export function countSyncs(): { readonly count: number } {
  if (counter !== null) return counter;
  const counting = { count: 0 };
  const counted = createRequire(import.meta.url)('node:fs') as typeof fs;
  for (const name of ['fdatasync', 'fsync'] as const) {
    const original = counted[name];
    Object.assign(counted, {
      [name]: (fd: number, done: fs.NoParamCallback): void => {
        counting.count += 1;
        original(fd, done);
      },
    });
  }
  syncBuiltinESMExports();
  counter = counting;
  return counting;
}
