/**
 * What is on its way out: sessions that were deleted, journals that do not count, half-made things.
 * A deleted session is moved out of sight as a whole, and durably so, before anything in it goes.
 */
import { errnoOf, HoldfastError } from '../base/errors.ts';
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

/** Garbage that the machine refused to remove: it stays, and harms nobody but the disk. */
export interface Unremoved {
  readonly path: string;
  readonly reason: string;
}

/**
 * Takes a session out of sight; durable when it returns. Where the trash is on another device, or
 * is no directory, it stays beside the sessions under a name that is none. `syncNames`
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
  if (there === null || there.kind === 'directory') {
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

/** Nothing is moved, synced or removed through what somebody put in its place. */
async function isTrashThere({ fileSystem }: Parts, { trash }: Layout): Promise<boolean> {
  const there = await fileSystem.stat(trash);
  return there?.kind === 'directory';
}

/**
 * Moves out of sight that were only seen are durable when it returns, also where a sync that should
 * have made them so had failed: whoever lets the tombstone go behind this relies on them.
 */
export async function proveMoves(parts: Parts, layout: Layout): Promise<void> {
  const isThere = await isTrashThere(parts, layout);
  // What cannot be moved is synced as it is; the sweep tells of it.
  const left: Unremoved[] = [];
  if (isThere) await moveAgain(parts, layout.trash, '', left);
  if ((await parts.fileSystem.stat(layout.sessions)) !== null) {
    await moveAgain(parts, layout.sessions, nearGravePrefix, left);
    await parts.fileSystem.syncDirectory(layout.sessions);
  }
  if (isThere) await parts.fileSystem.syncDirectory(layout.trash);
}

/**
 * Garbage that no state needs: journals that do not count, half-made things, deleted sessions. What
 * cannot be removed keeps no store shut, and is returned. Syncs that fail are thrown.
 */
export async function sweep(
  parts: Parts,
  layout: Layout,
  plan: StorePlan,
): Promise<readonly Unremoved[]> {
  const { fileSystem } = parts;
  const left: Unremoved[] = [];
  for (const { scan, role } of plan.journals) {
    if (role !== 'dead' && role !== 'leftover') continue;
    const { directory } = journalPaths(layout, scan.writer);
    await attempt(left, directory, () => removeTree(fileSystem, directory));
  }
  left.push(...(await emptyTrash(parts, layout)));
  for (const parent of [layout.journals, layout.sessions]) {
    if ((await fileSystem.stat(parent)) === null) continue;
    const moved = await moveAgain(parts, parent, nearGravePrefix, left);
    for (const name of await fileSystem.list(parent)) {
      // The content of a grave stays as long as its own move may not be durable.
      const isMoved = !name.startsWith(nearGravePrefix) || moved.has(name);
      if (!name.startsWith('.new-') || !isMoved) continue;
      const path = `${parent}/${name}`;
      await attempt(left, path, () => removeHalfMade(parts, path));
    }
    await fileSystem.syncDirectory(parent);
  }
  return left;
}

/**
 * The directory stays, because a living process may be moving a deleted session in just now.
 * Returns what the machine refused to remove.
 */
export async function emptyTrash(parts: Parts, layout: Layout): Promise<readonly Unremoved[]> {
  const { fileSystem } = parts;
  const { trash } = layout;
  const left: Unremoved[] = [];
  if (!(await isTrashThere(parts, layout))) {
    const there = await fileSystem.stat(trash);
    const isStray = there !== null && there.kind !== 'link';
    return isStray ? [{ path: trash, reason: 'it is no directory' }] : [];
  }
  const moved = await moveAgain(parts, trash, '', left);
  if (moved.size === 0) return left;
  await syncIfThere(parts, layout.sessions);
  await fileSystem.syncDirectory(trash);
  for (const name of moved) {
    const path = `${trash}/${name}`;
    await attempt(left, path, () => removeTree(fileSystem, path));
  }
  return left;
}

/** Notes what the machine refuses, and goes on. */
async function attempt(
  left: Unremoved[],
  path: string,
  work: () => Promise<void>,
): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    // A lock tells what the machine said in an error of ours, and so it does of what is no file.
    const isRefused = HoldfastError.is(error, 'IO') || HoldfastError.is(error, 'INVALID');
    if (errnoOf(error) === null && !isRefused) throw error;
    left.push({ path, reason: error instanceof Error ? error.message : String(error) });
    return false;
  }
}

/**
 * A move that brought something here may not be durable: were the content removed first, power loss
 * could bring an empty session back. So it is moved once more, which makes a sync of its
 * directories mean something also when an earlier one failed. Of the trash the caller syncs both.
 * Returns the new names: only what has one may be removed.
 */
async function moveAgain(
  parts: Parts,
  directory: string,
  prefix: string,
  left: Unremoved[],
): Promise<ReadonlySet<string>> {
  const { fileSystem, random } = parts;
  const names = (await fileSystem.list(directory)).filter((name) => name.startsWith(prefix));
  const moved = new Set<string>();
  for (const name of names) {
    const fresh = `${prefix === '' ? gravePrefix : prefix}${toHex(random.bytes(16))}`;
    const path = `${directory}/${name}`;
    const isMoved = await attempt(left, path, async () => {
      try {
        await fileSystem.rename(path, `${directory}/${fresh}`);
      } catch (error) {
        // The process that put it there removed it meanwhile.
        if (errnoOf(error) !== 'ENOENT') throw error;
      }
    });
    if (isMoved) moved.add(fresh);
  }
  if (names.length > 0 && prefix !== '') await fileSystem.syncDirectory(directory);
  return moved;
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
async function syncIfThere(parts: Parts, directory: string): Promise<void> {
  if ((await parts.fileSystem.stat(directory)) !== null) {
    await parts.fileSystem.syncDirectory(directory);
  }
}
