/**
 * Locks of the machine: flock on a LOCK file, which the kernel releases when the process dies.
 *
 * Invariants:
 * - A held lock is a raw descriptor. A collected FileHandle would free the lock while the process
 *   lives; so would the end of a worker that opened it, so locks are taken on the thread that owns
 *   the store.
 * - The descriptor is never handed to a child: a child that inherits it keeps the lock after our
 *   death. Node opens with O_CLOEXEC.
 * - After locking, the inode that is locked is the one at the path. Without this, a process that
 *   waited at a LOCK that was meanwhile deleted would own an orphan beside the owner of the new
 *   file.
 */
import * as fs from 'node:fs';
import { assert } from '../base/assert.ts';
import { errnoOf, fromSystem, HoldfastError } from '../base/errors.ts';
import type { LockOwner } from '../base/errors.ts';
import { explainLoadFailure, loadFlock, tryFlock } from './flock.ts';
import type { Flock } from './flock.ts';
import { linkRefused, lockText, lockTextBytesMax, parseLockText } from './lock-text.ts';
import type { Lock, Locks, LockState } from './locks.ts';
import { createFlags, fileMode, openFlags } from './node-file-system.ts';
import { processInfo } from './process-info.ts';

/**
 * A LOCK that changes under us this often is not being deleted by a peer, but by something broken.
 */
const lockAttemptsMax = 64;

/** Descriptors of all locks that this thread holds. Nobody else may close one. */
const descriptors = new Set<number>();

/** Locks through fs-ext. `load` stands for the addon, so that its absence can be tested. */
export function nodeLocks(load: () => Flock = loadFlock): Locks {
  return new NodeLocks(load);
}

class NodeLocks implements Locks {
  readonly #load: () => Flock;
  #loaded: { readonly flock: Flock } | { readonly reason: string } | null = null;

  constructor(load: () => Flock) {
    this.#load = load;
  }

  unavailable(): string | null {
    const loaded = this.#addon();
    return 'reason' in loaded ? loaded.reason : null;
  }

  tryLock(path: string): Lock | null {
    const loaded = this.#addon();
    if ('reason' in loaded) throw lockUnavailable(path, loaded.reason);
    for (let attempt = 0; attempt < lockAttemptsMax; attempt++) {
      const fd = openLockFile(path, createFlags);
      let kept = false;
      try {
        if (!flockOn(loaded.flock, fd, 'exnb', path)) return null;
        if (!standsAt(fd, path)) continue;
        writeHolder(fd);
        kept = true;
        return new NodeLock(fd, path);
      } finally {
        if (!kept) fs.closeSync(fd);
      }
    }
    throw new HoldfastError(
      'LOCKED',
      `Cannot lock ${JSON.stringify(path)}: the file was replaced ${lockAttemptsMax} times while` +
        ' it was being locked; find out what removes it',
      { path, owner: this.owner(path) },
    );
  }

  /**
   * For the moment of the look, the file is share-locked, and a `tryLock` elsewhere may then be
   * refused: whoever locks, tries again for a while. Opened for reading only, so that a reader
   * without the right to write can look.
   */
  probe(path: string): LockState {
    const loaded = this.#addon();
    if ('reason' in loaded) return 'unknown';
    const fd = openIfThere(path);
    if (fd === null) return 'missing';
    try {
      return flockOn(loaded.flock, fd, 'shnb', path) ? 'free' : 'held';
    } finally {
      fs.closeSync(fd);
    }
  }

  owner(path: string): LockOwner | null {
    try {
      const fd = fs.openSync(path, openFlags.read);
      try {
        const text = new Uint8Array(lockTextBytesMax);
        const length = fs.readSync(fd, text, 0, text.length, 0);
        return parseLockText(new TextDecoder().decode(text.subarray(0, length)));
      } finally {
        fs.closeSync(fd);
      }
    } catch {
      // The name is a courtesy in an error message; not to have it must not hide that error.
      return null;
    }
  }

  #addon(): { readonly flock: Flock } | { readonly reason: string } {
    if (this.#loaded !== null) return this.#loaded;
    try {
      this.#loaded = { flock: this.#load() };
    } catch (error) {
      // Whatever is wrong with the addon becomes the reason that `unavailable` tells.
      this.#loaded = { reason: explainLoadFailure(error) };
    }
    return this.#loaded;
  }
}

class NodeLock implements Lock {
  path: string;
  #fd: number | null;

  constructor(fd: number, path: string) {
    assert(!descriptors.has(fd), 'only this module closes the descriptor of a lock');
    descriptors.add(fd);
    this.path = path;
    this.#fd = fd;
  }

  held(): boolean {
    if (this.#fd === null) return false;
    try {
      return standsAt(this.#fd, this.path);
    } catch {
      // What cannot be shown to be held does not count as held: the caller stops acknowledging.
      return false;
    }
  }

  moved(path: string): void {
    this.path = path;
  }

  release(): void {
    const fd = this.#fd;
    if (fd === null) return;
    this.#fd = null;
    descriptors.delete(fd);
    fs.closeSync(fd);
  }
}

function openLockFile(path: string, flags: number): number {
  let fd: number;
  try {
    fd = fs.openSync(path, flags, fileMode);
  } catch (error) {
    throw errnoOf(error) === 'ELOOP'
      ? linkRefused(path)
      : fromSystem(error, 'open the lock file', path);
  }
  if (fs.fstatSync(fd).isFile()) return fd;
  fs.closeSync(fd);
  throw new HoldfastError(
    'INVALID',
    `Cannot lock ${JSON.stringify(path)}: it is not a plain file; move it out of the store`,
    { path },
  );
}

function openIfThere(path: string): number | null {
  try {
    return openLockFile(path, openFlags.read);
  } catch (error) {
    if (HoldfastError.is(error, 'IO') && error.details.errno === 'ENOENT') return null;
    throw error;
  }
}

/** True when the open file still has a name, and it is this path. */
function standsAt(fd: number, path: string): boolean {
  const open = fs.fstatSync(fd, { bigint: true });
  const there = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return there !== undefined && open.nlink > 0n && there.dev === open.dev && there.ino === open.ino;
}

function flockOn(flock: Flock, fd: number, flags: 'exnb' | 'shnb', path: string): boolean {
  try {
    return tryFlock(flock, fd, flags);
  } catch (error) {
    // ENOLCK, EOPNOTSUPP and the like: the file system, not another owner, says no.
    const reason = `the file system does not lock files (${errnoOf(error) ?? String(error)})`;
    throw lockUnavailable(path, reason, error);
  }
}

/** Written in place and then cut to length, so that a reader never finds the file empty. */
function writeHolder(fd: number): void {
  const { pid, host, bootId } = processInfo();
  const text = new TextEncoder().encode(lockText({ pid, host, sinceMs: Date.now(), bootId }));
  try {
    const length = fs.writeSync(fd, text, 0, text.length, 0);
    fs.ftruncateSync(fd, length);
  } catch {
    // The kernel holds the lock whatever the text says. On a full disk, recovery must still start.
  }
}

function lockUnavailable(path: string, reason: string, cause?: unknown): HoldfastError {
  const message = `Cannot lock ${JSON.stringify(path)}: ${reason}`;
  return new HoldfastError('LOCK_UNAVAILABLE', message, { reason }, { cause });
}
