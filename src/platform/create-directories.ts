/**
 * A directory with all its parents, durable when it returns: power loss cannot take back a parent
 * under which data was already acknowledged.
 */
import { posix } from 'node:path';
import { errnoOf } from '../base/errors.ts';
import type { FileSystem } from './file-system.ts';
import { systemError } from './system-error.ts';

/**
 * Makes the directory and its missing parents (mode 0700), each durable before the next is made. An
 * existing parent may be a symbolic link to a directory. Fails with ENOTDIR when a part is a file.
 * A directory whose name could not be made durable is taken away again.
 */
export async function createDirectories(fileSystem: FileSystem, path: string): Promise<void> {
  const missing: string[] = [];
  let top = posix.resolve(path);
  while ((await fileSystem.stat(top)) === null) {
    missing.push(posix.basename(top));
    top = posix.dirname(top);
  }
  let directory = await fileSystem.realPath(top);
  if ((await fileSystem.stat(directory))?.kind !== 'directory') {
    throw systemError('ENOTDIR', 'mkdir', path);
  }
  await syncObserved(fileSystem, posix.dirname(directory));
  for (const name of missing.reverse()) {
    const next = posix.join(directory, name);
    const origin = await createUnlessThere(fileSystem, next);
    try {
      await fileSystem.syncDirectory(directory);
    } catch (error) {
      // Whoever finds it later would believe a sync that then succeeds. The failure of this one is
      // worth more than that of the removal.
      if (origin === 'made') await fileSystem.removeDirectory(next).catch(() => undefined);
      throw error;
    }
    directory = next;
  }
}

/**
 * The topmost directory that is there may be the last one that a killed run made, without having
 * synced its name. One level is enough: that run had synced all names above it.
 */
async function syncObserved(fileSystem: FileSystem, parent: string): Promise<void> {
  try {
    await fileSystem.syncDirectory(parent);
  } catch (error) {
    // A parent that may not be read (a locked-down /home) was set up by somebody else, long before.
    if (!['EACCES', 'EPERM'].includes(errnoOf(error) ?? '')) throw error;
  }
}

async function createUnlessThere(fileSystem: FileSystem, path: string): Promise<'made' | 'found'> {
  try {
    await fileSystem.createDirectory(path);
    return 'made';
  } catch (error) {
    // Another process may have made it since it was seen missing; that is as good, if it is one.
    if (errnoOf(error) !== 'EEXIST') throw error;
    if ((await fileSystem.stat(path))?.kind !== 'directory') throw error;
    return 'found';
  }
}
