/** Removes a directory with everything in it, without following links. A second run ends what a first began. */
import type { FileSystem } from '../platform/file-system.ts';

export async function removeTree(fileSystem: FileSystem, path: string): Promise<void> {
  const stat = await fileSystem.stat(path);
  if (stat === null) return;
  if (stat.kind !== 'directory') return fileSystem.remove(path);
  for (const name of await fileSystem.list(path)) await removeTree(fileSystem, `${path}/${name}`);
  await fileSystem.removeDirectory(path);
  return undefined;
}
