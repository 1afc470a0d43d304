/**
 * Builds the package once before all tests, when its sources are newer: threads and child processes
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
  const build = `${root}scripts/build.mjs`;
  const built = `${root}dist/doors/index.js`;
  const newest = Math.max(newestMs(`${root}src`), statSync(build).mtimeMs);
  const isFresh = existsSync(built) && statSync(built).mtimeMs > newest;
  if (isFresh) return;
  try {
    execFileSync(process.execPath, [build], { stdio: 'pipe' });
  } catch (error) {
    // All is written even where types do not fit, and `npm run types` tells those.
    if (!existsSync(built)) throw error;
  }
}
