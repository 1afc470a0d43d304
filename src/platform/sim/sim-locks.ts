/**
 * Locks of a simulated machine, with the meaning of flock: bound to the inode, gone with the
 * process.
 */
import { fromSystem, HoldfastError } from '../../base/errors.ts';
import type { LockOwner } from '../../base/errors.ts';
import { linkRefused, lockText, lockTextBytesMax, parseLockText } from '../lock-text.ts';
import type { Lock, Locks, LockState } from '../locks.ts';
import { systemError } from '../system-error.ts';
import { SimCrash } from './faults.ts';
import { writeContent, resizeContent } from './nodes.ts';
import type { FileNode, SimNode } from './nodes.ts';
import type { Place } from './tree.ts';
import type { HeldLock, SimProcess, Volume } from './volume.ts';

/** The locks as one process takes them. */
export class SimLocks implements Locks {
  readonly #volume: Volume;
  readonly #process: SimProcess;

  constructor(volume: Volume, process: SimProcess) {
    this.#volume = volume;
    this.#process = process;
  }

  unavailable(): string | null {
    return null;
  }

  tryLock(path: string): Lock | null {
    const place = this.#place('lock', path);
    const file = lockable(place.node, path) ?? this.#volume.createFile(place.parent, place.name);
    if (this.#volume.locks.has(file)) return null;
    const held = { process: this.#process, path };
    this.#volume.locks.set(file, held);
    this.#writeHolder(file);
    return new SimLock(this.#volume, file, held);
  }

  probe(path: string): LockState {
    const file = lockable(this.#placeIfThere('probe', path)?.node ?? null, path);
    if (file === null) return 'missing';
    return this.#volume.locks.has(file) ? 'held' : 'free';
  }

  owner(path: string): LockOwner | null {
    const node = this.#placeIfThere('probe', path)?.node;
    if (node?.kind !== 'file') return null;
    const text = new Uint8Array(lockTextBytesMax);
    const length = node.live.read(text, 0);
    return parseLockText(new TextDecoder().decode(text.subarray(0, length)));
  }

  #place(kind: 'lock' | 'probe', path: string): Place {
    try {
      this.#volume.begin(this.#process, { kind, path });
      return this.#volume.tree.resolve(path, 'keep', 'open');
    } catch (error) {
      throw error instanceof SimCrash ? error : fromSystem(error, 'open the lock file', path);
    }
  }

  #placeIfThere(kind: 'lock' | 'probe', path: string): Place | null {
    try {
      return this.#place(kind, path);
    } catch (error) {
      // A missing parent means a missing lock file.
      if (HoldfastError.is(error, 'IO') && error.details.errno === 'ENOENT') return null;
      throw error;
    }
  }

  #writeHolder(file: FileNode): void {
    const sinceMs = this.#volume.clock.nowMs();
    const { pid, name } = this.#process;
    const text = lockText({ pid, host: name, sinceMs, bootId: null });
    const bytes = new TextEncoder().encode(text);
    // As on a real disk: without room the lock is held all the same, only unnamed.
    if (this.#volume.bytesThatFit(file.live, 0, bytes.length) < bytes.length) return;
    this.#volume.changeContent(file, () => {
      writeContent(file, bytes, 0, sinceMs);
      resizeContent(file, bytes.length, sinceMs);
    });
  }
}

class SimLock implements Lock {
  path: string;
  readonly #volume: Volume;
  readonly #file: FileNode;
  readonly #held: HeldLock;

  constructor(volume: Volume, file: FileNode, held: HeldLock) {
    volume.openHandle(held.process, file);
    this.path = held.path;
    this.#volume = volume;
    this.#file = file;
    this.#held = held;
  }

  held(): boolean {
    if (!this.#held.process.alive || this.#volume.faults.isOff) {
      throw new SimCrash(`The process ${this.#held.process.name} does not run`);
    }
    if (this.#volume.locks.get(this.#file) !== this.#held) return false;
    try {
      return this.#volume.tree.resolve(this.path, 'keep', 'lstat').node === this.#file;
    } catch {
      // A part of the path is gone, and the lock file with it.
      return false;
    }
  }

  moved(path: string): void {
    this.path = path;
  }

  /** Of a process that is dead, or a machine that is off, nothing is released here. */
  release(): void {
    if (!this.#held.process.alive || this.#volume.faults.isOff) return;
    if (this.#volume.locks.get(this.#file) !== this.#held) return;
    this.#volume.locks.delete(this.#file);
    this.#volume.closeHandle(this.#held.process, this.#file);
  }
}

function lockable(node: SimNode | null, path: string): FileNode | null {
  if (node === null || node.kind === 'file') return node;
  if (node.kind === 'link') throw linkRefused(path);
  throw fromSystem(systemError('EISDIR', 'open', path), 'open the lock file', path);
}
