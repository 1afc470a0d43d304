/**
 * Syncs of this process's event-loop thread: those of histories and directories. The thread of the
 * journal counts its own.
 */
import type * as fileSystem from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';

/** Counts from now on. The bindings of modules are live, so what was loaded before is counted too. */
export function countSyncs(): { count: number } {
  const counter = { count: 0 };
  const fs = createRequire(import.meta.url)('node:fs') as typeof fileSystem;
  for (const name of ['fdatasync', 'fsync'] as const) {
    const original = fs[name];
    Object.assign(fs, {
      [name]: (file: number, done: fileSystem.NoParamCallback): void => {
        counter.count += 1;
        original(file, done);
      },
    });
  }
  syncBuiltinESMExports();
  return counter;
}
