/** What stands at a path that somebody named: a store, a transcript, or a folder of transcripts. */
import { join, resolve } from 'node:path';
import { HoldfastError } from '../base/errors.ts';
import type { FileStat } from '../platform/file-system.ts';
import { nodeFileSystem } from '../platform/node-file-system.ts';
import { UsageError } from './usage-error.ts';

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

/**
 * Throws UsageError for what is neither a file nor a folder: a transcript is read at any place of
 * it, which no pipe allows.
 */
export async function refusePipe(path: string): Promise<void> {
  const found = await standing(resolve(path));
  const isPipe = found === 'other' || (found === 'nothing' && path === '-');
  if (!isPipe) return;
  const what = `${JSON.stringify(path)} is no file`;
  throw new UsageError(`${what}, and pipes are not read; save the input to a file first`);
}

/** As `refusePipe`; and throws NOT_FOUND when nothing stands at a path that somebody named. */
export async function requireThere(path: string): Promise<void> {
  await refusePipe(path);
  if ((await standing(resolve(path))) === 'nothing') throw nothingAt(path);
}

/** False when nothing stands at a path; what may not be seen counts as there. */
export async function isThere(path: string): Promise<boolean> {
  return (await standing(resolve(path))) !== 'nothing';
}

/**
 * What `work` gives, which looks for a store at the path if one was named. Where nothing stands
 * there, nobody can know whether a store or a transcript was meant, and neither is said.
 */
export async function foundAt<T>(path: string | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isLost = HoldfastError.is(error, 'NOT_FOUND') || isLoop(error);
    if (!isLost || path === undefined || path === '') throw error;
    if ((await standing(resolve(path))) === 'nothing') throw nothingAt(path);
    if (await isEmptyFolder(path)) throw nothingIn(path);
    throw error;
  }
}

async function isEmptyFolder(path: string): Promise<boolean> {
  const fileSystem = nodeFileSystem('inline');
  try {
    return (await fileSystem.list(await fileSystem.realPath(resolve(path)))).length === 0;
  } catch {
    // What is no folder, or may not be looked into, is told by the error that there is.
    return false;
  }
}

function nothingIn(path: string): HoldfastError<'NOT_FOUND'> {
  const where = JSON.stringify(path);
  const message = `Nothing is in the folder ${where}: no transcript and no store; check the path`;
  return new HoldfastError('NOT_FOUND', message, { what: path });
}

/** True when links lead in a circle, at the end of which nothing stands. */
function isLoop(error: unknown): boolean {
  return HoldfastError.is(error, 'IO') && error.details.errno === 'ELOOP';
}

function nothingAt(path: string): HoldfastError<'NOT_FOUND'> {
  const where = JSON.stringify(path);
  const message = `There is nothing at ${where}: no file and no folder; check the path`;
  return new HoldfastError('NOT_FOUND', message, { what: path });
}

/** What may not be seen counts as known: who opens it says best why it cannot be read. */
async function standing(path: string): Promise<'known' | 'other' | 'nothing'> {
  const fileSystem = nodeFileSystem('inline');
  try {
    const stat = await fileSystem.stat(path);
    if (stat === null) return 'nothing';
    if (stat.kind !== 'link') return stat.kind === 'other' ? 'other' : 'known';
  } catch {
    return 'known';
  }
  try {
    return await standing(await fileSystem.realPath(path));
  } catch {
    // The link to a pipe names no path; any other link that leads nowhere has lost its file.
    return /^\/(?:dev|proc)\//.test(path) ? 'other' : 'nothing';
  }
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
