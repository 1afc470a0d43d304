/**
 * Stores that are open for writing in this thread, by the identity of their directory: a second one of
 * the same directory, by whatever path, is a mistake of the caller that locks would not see.
 */
import { HoldfastError } from '../base/errors.ts';
import type { FileStat } from '../platform/file-system.ts';

const open = new Set<string>();

/** Registers a directory; LOCKED when it is open already. The result takes it out again. */
export function register(
  root: string,
  stat: FileStat,
  owner: { readonly pid: number },
): () => void {
  const key = `${stat.device}:${stat.inode}`;
  if (open.has(key)) {
    throw new HoldfastError(
      'LOCKED',
      `Cannot open the store at ${JSON.stringify(root)}: this thread of process ${owner.pid} has it ` +
        'open for writing already; use that handle, or close it',
      { path: root, owner: { pid: owner.pid, host: null, since: null } },
    );
  }
  open.add(key);
  return () => {
    open.delete(key);
  };
}
