/**
 * A file that a command makes for its user: written aside, synced, renamed. Whoever finds it under
 * its name has all of it, and nothing that was there before is written over.
 */
import { basename, dirname, join } from 'node:path';
import { HoldfastError, errnoOf, fromSystem } from '../base/errors.ts';
import { writeAll } from '../platform/file-system.ts';
import type { File, FileSystem } from '../platform/file-system.ts';
import { nodeFileSystem } from '../platform/node-file-system.ts';
import { isAlive } from '../platform/process-info.ts';

/** Names that are tried for a file aside. */
const asidesMax = 100;
/** Characters that are gathered before they are written. */
const writeCharacters = 64 * 1024;

/** Takes text or bytes for a file, in order. Bytes are written before it resolves. */
export type WriteText = (content: string | Uint8Array) => Promise<void>;

/**
 * Makes the file at this absolute path from what `work` writes, durable when it returns. INVALID
 * when something is there, or its directory is not; when `work` fails, nothing is. What a killed
 * run left beside it is removed, and `tell` says so.
 */
export async function writeNewFile<T>(
  path: string,
  tell: (line: string) => Promise<void>,
  work: (write: WriteText) => Promise<T>,
): Promise<T> {
  const fileSystem = nodeFileSystem('pool');
  try {
    if ((await fileSystem.stat(dirname(path))) === null) {
      const where = JSON.stringify(dirname(path));
      const message = `Cannot write ${JSON.stringify(path)}: there is no directory ${where}; make it`;
      throw new HoldfastError('INVALID', message, { path: 'to' });
    }
    if ((await fileSystem.stat(path)) !== null) {
      const message = `Cannot write ${JSON.stringify(path)}: something is there; name a new file`;
      throw new HoldfastError('INVALID', message, { path: 'to' });
    }
    await sweepLeftovers(fileSystem, path, tell);
    const { file, aside } = await createAside(fileSystem, path);
    let done: T;
    try {
      done = await writeThrough(file, work);
      await file.close();
    } catch (error) {
      await file.close();
      await fileSystem.remove(aside);
      throw error;
    }
    if ((await fileSystem.stat(path)) !== null) {
      await fileSystem.remove(aside);
      const message = `Cannot write ${JSON.stringify(path)}: something came there meanwhile`;
      throw new HoldfastError('INVALID', message, { path: 'to' });
    }
    await fileSystem.rename(aside, path);
    await fileSystem.syncDirectory(dirname(path));
    return done;
  } catch (error) {
    throw fromSystem(error, 'write a file', path);
  }
}

/**
 * A file of a name that nobody has, so that two runs never share one and nothing of the user's is
 * taken away.
 */
async function createAside(
  fileSystem: FileSystem,
  path: string,
): Promise<{ readonly file: File; readonly aside: string }> {
  for (let number = 1; ; number += 1) {
    const aside = `${path}.${process.pid}-${number}.holdfast-partial`;
    try {
      return { file: await fileSystem.create(aside), aside };
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST' || number === asidesMax) throw error;
    }
  }
}

/**
 * Takes away what runs to this very name have left that were killed: files of our own pattern whose
 * process is gone. What a living one writes stays, whoever's it is.
 */
async function sweepLeftovers(
  fileSystem: FileSystem,
  path: string,
  tell: (line: string) => Promise<void>,
): Promise<void> {
  const directory = dirname(path);
  for (const name of await fileSystem.list(directory)) {
    if (!name.startsWith(`${basename(path)}.`)) continue;
    const rest = name.slice(basename(path).length);
    const pid = Number(/^\.([1-9]\d{0,9})-[1-9]\d?\d?\.holdfast-partial$/.exec(rest)?.[1] ?? 0);
    const left = join(directory, name);
    if (pid === 0 || isAlive(pid) || (await fileSystem.stat(left))?.kind !== 'file') continue;
    await fileSystem.remove(left);
    await tell(`Removed ${JSON.stringify(left)}: a run that was killed had left it`);
  }
}

async function writeThrough<T>(file: File, work: (write: WriteText) => Promise<T>): Promise<T> {
  let [at, text] = [0, ''];
  const flush = async (): Promise<void> => {
    const bytes = new TextEncoder().encode(text);
    text = '';
    await writeAll(file, bytes, at);
    at += bytes.length;
  };
  const done = await work(async (more) => {
    if (typeof more === 'string') {
      text += more;
      if (text.length >= writeCharacters) await flush();
      return;
    }
    await flush();
    await writeAll(file, more, at);
    at += more.length;
  });
  await flush();
  await file.sync();
  return done;
}
