/**
 * What is on its way out: sessions that were deleted, journals that do not count, half-made things.
 * A deleted session is moved out of sight as a whole, and durably so, before anything in it goes.
 */
import { errnoOf } from '../base/errors.ts';
import { toHex } from '../format/bytes.ts';
import { createDirectories } from '../platform/create-directories.ts';
import type { FileSystem } from '../platform/file-system.ts';
import type { Lock } from '../platform/locks.ts';
import { isGone } from './gate.ts';
import { journalPaths } from './layout.ts';
import type { Layout } from './layout.ts';
import type { Parts } from './parts.ts';
import type { StorePlan } from './plan.ts';
import { removeTree } from './remove-tree.ts';

/** Names in the trash that the next sync makes durable; no session id begins like this. */
const gravePrefix = '.gone-';
/** The same beside the sessions, where the trash is on another device. Nobody lists these. */
const nearGravePrefix = '.new-gone-';

/**
 * Takes a session out of sight; durable when it returns. Where the trash is on another device, or
 * is no directory but a link, it stays beside the sessions under a name that is none. `syncNames`
 * syncs the directory of sessions: a process that makes sessions meanwhile has to hear of a sync
 * that failed.
 */
export async function moveToTrash(
  parts: Parts,
  layout: Layout,
  { id, incarnation }: { readonly id: string; readonly incarnation: string },
  syncNames: () => Promise<void> = () => parts.fileSystem.syncDirectory(layout.sessions),
): Promise<string> {
  const { fileSystem } = parts;
  const from = `${layout.sessions}/${id}`;
  const there = await fileSystem.stat(layout.trash);
  if (there?.kind !== 'link') {
    await createDirectories(fileSystem, layout.trash);
    const target = `${layout.trash}/${id}.${incarnation}`;
    await removeTree(fileSystem, target);
    if (await renameHere(fileSystem, from, target)) {
      await syncNames();
      await fileSystem.syncDirectory(layout.trash);
      return target;
    }
  }
  const near = `${layout.sessions}/${nearGravePrefix}${incarnation}`;
  await fileSystem.rename(from, near);
  await syncNames();
  return near;
}

/** False when the two are on different devices. */
async function renameHere(fileSystem: FileSystem, from: string, to: string): Promise<boolean> {
  try {
    await fileSystem.rename(from, to);
    return true;
  } catch (error) {
    if (errnoOf(error) !== 'EXDEV') throw error;
    return false;
  }
}

/** Nothing is moved, synced or removed through a link that somebody put in its place. */
async function isTrashThere({ fileSystem }: Parts, { trash }: Layout): Promise<boolean> {
  const there = await fileSystem.stat(trash);
  return there !== null && there.kind !== 'link';
}

/** Moves to the trash that were only seen are durable when it returns. */
export async function syncTrash(parts: Parts, layout: Layout): Promise<void> {
  if (await isTrashThere(parts, layout)) await parts.fileSystem.syncDirectory(layout.trash);
}

/** Garbage that no state needs: journals that do not count, half-made things, deleted sessions. */
export async function sweep(parts: Parts, layout: Layout, plan: StorePlan): Promise<void> {
  const { fileSystem } = parts;
  for (const { scan, role } of plan.journals) {
    if (role !== 'dead' && role !== 'leftover') continue;
    await removeTree(fileSystem, journalPaths(layout, scan.writer).directory);
  }
  await emptyTrash(parts, layout);
  for (const parent of [layout.journals, layout.sessions]) {
    if ((await fileSystem.stat(parent)) === null) continue;
    await moveAgain(parts, parent, nearGravePrefix);
    for (const name of await fileSystem.list(parent)) {
      if (!name.startsWith('.new-')) continue;
      await removeHalfMade(parts, `${parent}/${name}`);
    }
    await fileSystem.syncDirectory(parent);
  }
}

/** The directory stays, because a living process may be moving a deleted session in just now. */
export async function emptyTrash(parts: Parts, layout: Layout): Promise<void> {
  const { fileSystem } = parts;
  if (!(await isTrashThere(parts, layout))) return;
  if ((await moveAgain(parts, layout.trash, '')) === 0) return;
  await syncIfThere(parts, layout.sessions);
  await fileSystem.syncDirectory(layout.trash);
  for (const name of await fileSystem.list(layout.trash)) {
    if (name.startsWith(gravePrefix)) await removeTree(fileSystem, `${layout.trash}/${name}`);
  }
}

/**
 * A move that brought something here may not be durable: were the content removed first, power loss
 * could bring an empty session back. So it is moved once more, which makes a sync of its
 * directories mean something also when an earlier one failed. Of the trash the caller syncs both.
 */
async function moveAgain(parts: Parts, directory: string, prefix: string): Promise<number> {
  const { fileSystem, random } = parts;
  const names = (await fileSystem.list(directory)).filter((name) => name.startsWith(prefix));
  for (const name of names) {
    const fresh = `${prefix === '' ? gravePrefix : prefix}${toHex(random.bytes(16))}`;
    try {
      await fileSystem.rename(`${directory}/${name}`, `${directory}/${fresh}`);
    } catch (error) {
      // The process that put it there removed it meanwhile.
      if (errnoOf(error) !== 'ENOENT') throw error;
    }
  }
  if (names.length > 0 && prefix !== '') await fileSystem.syncDirectory(directory);
  return names.length;
}

/**
 * Its maker holds its lock, or is about to: it is removed under the lock, and a maker that comes
 * too late finds it gone and makes another one.
 */
async function removeHalfMade(parts: Parts, path: string): Promise<void> {
  const lockPath = `${path}/LOCK`;
  if (parts.locks.probe(lockPath) === 'held') return;
  let lock: Lock | null;
  try {
    lock = parts.locks.tryLock(lockPath);
  } catch (error) {
    // It got its name meanwhile.
    if (isGone(error)) return;
    throw error;
  }
  if (lock === null) return;
  try {
    await removeTree(parts.fileSystem, path);
  } catch (error) {
    // Its maker came in the middle and made its lock file anew: it is in use, and stays.
    if (errnoOf(error) !== 'ENOTEMPTY') throw error;
  } finally {
    lock.release();
  }
}

/** Makes names durable that are relied on, where there may be none. */
export async function syncIfThere(parts: Parts, directory: string): Promise<void> {
  if ((await parts.fileSystem.stat(directory)) !== null) {
    await parts.fileSystem.syncDirectory(directory);
  }
}
