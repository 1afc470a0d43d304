/**
 * flock(2) through fs-ext, loaded only when a lock is first asked for, so that reading works where
 * the addon is missing. Only `flockSync` with a non-blocking flag is used: its asynchronous calls
 * block the thread pool and end a process that makes them in a worker, and its fcntl calls fail.
 */
import { createRequire } from 'node:module';

/**
 * flockSync of fs-ext. Throws an error with `code`; its `errno` is positive, unlike that of Node.
 */
export type Flock = (fd: number, flags: 'exnb' | 'shnb') => void;

/** Throws what `require` throws when the addon is absent, not built, or built for another Node. */
export function loadFlock(): Flock {
  const require = createRequire(import.meta.url);
  return (require('fs-ext') as { readonly flockSync: Flock }).flockSync;
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
