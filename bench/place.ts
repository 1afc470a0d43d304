/** Where a run works: a directory of its own on the disk that is measured. */
import { mkdtempSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ExplainedError, codeOf, exits, isOfMachine } from './failure.ts';
import { UsageError } from './words.ts';

/** Makes it in the directory that `--dir` names; a UsageError when that is none. */
export function runDirectory(parent: string, prefix: string): string {
  if (!onDisk('look at', parent, () => isDirectory(parent))) {
    const what = `There is no directory ${JSON.stringify(parent)}`;
    throw new UsageError(`${what}; name one with --dir, on the disk that is to be measured`);
  }
  return onDisk('write into', parent, () => mkdtempSync(join(parent, prefix)));
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return false;
    throw error;
  }
}

/** What the machine refuses is told in a sentence with the place. */
export function onDisk<T>(action: string, path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = codeOf(error);
    if (!isOfMachine(code)) throw error;
    const message = `Cannot ${action} ${JSON.stringify(path)}: the machine answered ${code}`;
    throw new ExplainedError({ message, exit: exits.machine });
  }
}
