/**
 * flock(2) through fs-ext, loaded only when a lock is first asked for, so that reading works where
 * the addon is missing. Only `flockSync` with a non-blocking flag is used: its asynchronous calls
 * block the thread pool and end a process that makes them in a worker, and its fcntl calls fail.
 */
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

/**
 * flockSync of fs-ext. Throws an error with `code`; its `errno` is positive, unlike that of Node.
 */
export type Flock = (fd: number, flags: 'exnb' | 'shnb') => void;

interface Addon {
  readonly flock: (fd: number, operation: number) => void;
  readonly constants: Readonly<Record<'LOCK_EX' | 'LOCK_SH' | 'LOCK_NB', number>>;
}

/**
 * Throws what `require` throws when the addon is absent, not built, or built for another Node.
 *
 * The addon keeps handles of V8 in static variables, which each thread that loads it overwrites:
 * with the main thread and two workers after one another, the process aborts. So a worker loads a
 * copy of the file, which the loader of the system takes for another library with variables of its
 * own.
 */
export function loadFlock(): Flock {
  const require = createRequire(import.meta.url);
  if (isMainThread) return (require('fs-ext') as { readonly flockSync: Flock }).flockSync;
  const { flock, constants } = loadCopy(require.resolve('fs-ext'));
  const { LOCK_EX, LOCK_SH, LOCK_NB } = constants;
  return (fd, flags) => flock(fd, (flags === 'exnb' ? LOCK_EX : LOCK_SH) | LOCK_NB);
}

function loadCopy(main: string): Addon {
  const original = join(dirname(main), 'build/Release/fs_ext.node');
  const directory = fs.mkdtempSync(join(tmpdir(), 'holdfast-addon-'));
  try {
    const copy = join(directory, 'fs_ext.node');
    try {
      fs.copyFileSync(original, copy);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw Object.assign(new Error(`Cannot find module '${original}'`), {
        code: 'MODULE_NOT_FOUND',
      });
    }
    const holder: { exports: unknown } = { exports: {} };
    process.dlopen(holder, copy);
    return holder.exports as Addon;
  } finally {
    // What is loaded stays, without its name.
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

const build =
  '`npm install-scripts approve fs-ext && npm rebuild fs-ext` (needs a C++ compiler and python3)';

/** One sentence: which of the known troubles it is, and the commands that end it. */
export function explainLoadFailure(error: unknown): string {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  const text = typeof message === 'string' ? message : String(error);
  const first = text.split('\n', 1)[0] ?? '';
  if (code === 'MODULE_NOT_FOUND' && first.includes("'fs-ext'")) {
    return `fs-ext is not installed: run \`npm install fs-ext\`, then ${build}`;
  }
  if (code === 'MODULE_NOT_FOUND') {
    return `fs-ext is installed but not built, its install script has not run: run ${build}`;
  }
  if (text.includes('NODE_MODULE_VERSION')) {
    return `fs-ext was built for another Node version than ${process.version}: run ${build}`;
  }
  return `fs-ext does not load (${first}): run ${build}`;
}

/** Takes the lock, or tells that another open file holds it. Never waits. */
export function tryFlock(flock: Flock, fd: number, flags: 'exnb' | 'shnb'): boolean {
  for (;;) {
    try {
      flock(fd, flags);
      return true;
    } catch (error) {
      const code = (error as { readonly code?: unknown }).code;
      // Two names of one answer: Linux and macOS give the first, Windows the second.
      if (code === 'EAGAIN' || code === 'EWOULDBLOCK') return false;
      // A signal came in between; the same call is due again.
      if (code !== 'EINTR') throw error;
    }
  }
}
