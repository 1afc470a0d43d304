/**
 * Stores that are open for writing in this thread, by the identity of their directory: a second one
 * of the same directory, by whatever path, is a mistake of the caller that locks would not see.
 *
 * Directories are told apart per machine, and a machine is known by its locks: this one has one
 * object for them in each thread, and inodes of simulated ones mean nothing beside its own.
 */
import { HoldfastError } from '../base/errors.ts';
import type { FileStat } from '../platform/file-system.ts';
import type { Locks } from '../platform/locks.ts';

const openOn = new WeakMap<Locks, Set<string>>();

/** Registers a directory; LOCKED when it is open already. The result takes it out again. */
export function register(
  locks: Locks,
  root: string,
  stat: FileStat,
  owner: { readonly pid: number },
): () => void {
  const open = openOn.get(locks) ?? new Set();
  openOn.set(locks, open);
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
