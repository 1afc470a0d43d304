/**
 * Exclusive locks that the kernel releases when their process dies. A lock is a file named LOCK; it
 * is never stale by age, and only its holder may remove it. The text inside names the holder for
 * people.
 */
import type { LockOwner } from '../base/errors.ts';

/** A lock that this process holds. */
export interface Lock {
  readonly path: string;
  /**
   * True while the file at the path is still the file that is locked. False when somebody removed
   * or replaced it by hand: the holder then no longer keeps others out, and must stop
   * acknowledging.
   */
  held(): boolean;
  /** Its directory was renamed, and the lock file stands there now. */
  moved(path: string): void;
  /** Idempotent. Does not remove the file. */
  release(): void;
}

/** What the machine can tell of a lock without taking it. */
export type LockState = 'free' | 'held' | 'missing' | 'unknown';

/** The only way to take, look at or ask about a lock. */
export interface Locks {
  /** Why locks cannot be taken on this machine, or null when they can. */
  unavailable(): string | null;
  /**
   * Takes the lock at the path, creating the file (mode 0600) when it is not there; null when
   * another owner holds it. After locking, the inode at the path is compared with the one that is
   * locked, and a difference means: try again.
   */
  tryLock(path: string): Lock | null;
  /** Looks without keeping anything. `unknown` when locks are unavailable. */
  probe(path: string): LockState;
  /** The text of a lock file, when it can be read. */
  owner(path: string): LockOwner | null;
}
