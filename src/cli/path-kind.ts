/** What stands at a path that somebody named: a store, a transcript, or a folder of transcripts. */
import { join, resolve } from 'node:path';
import type { FileStat } from '../platform/file-system.ts';
import { nodeFileSystem } from '../platform/node-file-system.ts';

/**
 * `store` also for what is missing or cannot be seen: who looks for a store there says so best.
 */
export type PathKind = 'store' | 'file' | 'folder';

/** Any one of these makes a directory a store, so that one with lost files is still told as one. */
const storeNames: readonly string[] = ['store.json', 'writers', 'GATE', 'journals', 'sessions'];
const storeNamesMin = 2;
/** Folders that no tool keeps transcripts in, and that may be very large. */
const passedOver: ReadonlySet<string> = new Set(['node_modules', '.git']);

/** What stands at a path, symbolic links followed. Never rejects. */
export async function pathKind(path: string): Promise<PathKind> {
  const fileSystem = nodeFileSystem('inline');
  try {
    const real = await fileSystem.realPath(resolve(path));
    const stat = await fileSystem.stat(real);
    if (stat?.kind === 'file') return 'file';
    if (stat?.kind !== 'directory') return 'store';
    const names = await fileSystem.list(real);
    const marks = names.filter((name) => storeNames.includes(name)).length;
    return marks >= storeNamesMin || names.length === 0 ? 'store' : 'folder';
  } catch {
    return 'store';
  }
}

/** True when something stands at the path. */
export async function isThere(path: string): Promise<boolean> {
  return (await statOf(resolve(path))) !== null;
}

/** Files and folders in a folder, in the order of names; symbolic links in it are not followed. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  const fileSystem = nodeFileSystem('inline');
  const paths: string[] = [];
  for (const name of await fileSystem.list(folder)) {
    const path = join(folder, name);
    const kind = (await statOf(path))?.kind;
    if (kind === 'file' || (kind === 'directory' && !passedOver.has(name))) paths.push(path);
  }
  return paths;
}

async function statOf(path: string): Promise<FileStat | null> {
  try {
    return await nodeFileSystem('inline').stat(path);
  } catch {
    // It went away meanwhile, or may not be seen: a look at a whole folder goes on without it.
    return null;
  }
}
