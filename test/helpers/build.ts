/**
 * Compiles the package once before all tests, when its sources are newer: threads and child processes
 * run from the built files, because Node 20 cannot run TypeScript.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

function newestMs(directory: string): number {
  const entries = readdirSync(directory, { withFileTypes: true });
  const times = entries.map((entry) => {
    const path = `${directory}/${entry.name}`;
    return entry.isDirectory() ? newestMs(path) : statSync(path).mtimeMs;
  });
  return Math.max(0, ...times);
}

/** Called by vitest. Whether the types are right is another check's business. */
export function setup(): void {
  const built = `${root}dist/wal.js`;
  const isFresh = existsSync(built) && statSync(built).mtimeMs > newestMs(`${root}src`);
  if (isFresh) return;
  const compiler = `${root}node_modules/typescript/bin/tsc`;
  try {
    execFileSync(process.execPath, [compiler, '-p', `${root}tsconfig.json`], { stdio: 'pipe' });
  } catch (error) {
    // The compiler writes its output even where types do not fit, and `npm run types` tells those.
    if (!existsSync(built)) throw error;
  }
}
