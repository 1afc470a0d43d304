/**
 * A file that a command makes for its user: written aside, synced, renamed. Whoever finds it under
 * its name has all of it, and nothing that was there before is written over.
 */
import { dirname } from 'node:path';
import { HoldfastError, fromSystem } from '../base/errors.ts';
import { writeAll } from '../platform/file-system.ts';
import type { File } from '../platform/file-system.ts';
import { nodeFileSystem } from '../platform/node-file-system.ts';

/** Characters that are gathered before they are written. */
const writeCharacters = 64 * 1024;

/** Takes text or bytes for a file, in order. Bytes are written before it resolves. */
export type WriteText = (content: string | Uint8Array) => Promise<void>;

/**
 * Makes the file at this absolute path from what `work` writes, durable when it returns. INVALID
 * when something is there, or its directory is not; when `work` fails, nothing is.
 */
export async function writeNewFile<T>(
  path: string,
  work: (write: WriteText) => Promise<T>,
): Promise<T> {
  const fileSystem = nodeFileSystem('pool');
  const aside = `${path}.holdfast-partial`;
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
    // A run that was killed left it.
    if ((await fileSystem.stat(aside)) !== null) await fileSystem.remove(aside);
    const file = await fileSystem.create(aside);
    let done: T;
    try {
      done = await writeThrough(file, work);
      await file.close();
    } catch (error) {
      await file.close();
      await fileSystem.remove(aside);
      throw error;
    }
    await fileSystem.rename(aside, path);
    await fileSystem.syncDirectory(dirname(path));
    return done;
  } catch (error) {
    throw fromSystem(error, 'write a file', path);
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
