/**
 * Removes a directory with everything in it, without following links. A second run ends what a
 * first began, and two at once do not get in each other's way.
 */
import { errnoOf } from '../base/errors.ts';
import type { FileSystem } from '../platform/file-system.ts';

/** Fails as the machine fails; what is not there is no failure. */
export async function removeTree(fileSystem: FileSystem, path: string): Promise<void> {
  const stat = await fileSystem.stat(path);
  if (stat === null) return;
  try {
    if (stat.kind !== 'directory') return await fileSystem.remove(path);
    await removeChildren(fileSystem, path);
    await fileSystem.removeDirectory(path);
  } catch (error) {
    // Another process removes the same garbage.
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
  return undefined;
}

/** Empties a directory that stays, because others may be putting things into it. */
export async function removeChildren(fileSystem: FileSystem, path: string): Promise<void> {
  for (const name of await fileSystem.list(path)) await removeTree(fileSystem, `${path}/${name}`);
}
