/**
 * An open file on a real disk.
 *
 * Invariant: the descriptor is closed only when no call on it is under way. With a pool of threads,
 * a close may otherwise overtake a queued write, and the number may by then belong to another file.
 */
import { assert } from '../base/assert.ts';
import type { BigIntStats } from 'node:fs';
import type { File, FileStat } from './file-system.ts';
import type { SystemCalls } from './system-calls.ts';
import { withPath } from './system-error.ts';

/** One call moves at most this much; Linux would cut it a little below 2 GiB anyway. */
const transferBytesMax: number = 1024 * 1024 * 1024;

/** Reads the numbers of lstat or fstat into ours. */
export function fileStat(stats: BigIntStats): FileStat {
  return {
    kind: kindOf(stats),
    size: Number(stats.size),
    device: stats.dev,
    inode: stats.ino,
    links: Number(stats.nlink),
    modifiedMs: Number(stats.mtimeMs),
    changedNs: stats.ctimeNs,
  };
}

function kindOf(stats: BigIntStats): FileStat['kind'] {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'link' : 'other';
}

/** Owns the descriptor from construction to `close`. */
export class NodeFile implements File {
  readonly path: string;
  readonly #calls: SystemCalls;
  readonly #fd: number;
  readonly #running = new Set<Promise<unknown>>();
  #closed: Promise<void> | null = null;

  constructor(calls: SystemCalls, fd: number, path: string) {
    this.#calls = calls;
    this.#fd = fd;
    this.path = path;
  }

  read(into: Uint8Array, at: number): Promise<number> {
    return this.#use(() => this.#fill(into, at));
  }

  write(bytes: Uint8Array, at: number): Promise<number> {
    const length = Math.min(bytes.length, transferBytesMax);
    return this.#use(() => this.#calls.write(this.#fd, bytes, length, at));
  }

  truncate(size: number): Promise<void> {
    return this.#use(() => this.#calls.truncate(this.#fd, size));
  }

  sync(): Promise<void> {
    return this.#use(() => this.#calls.syncData(this.#fd));
  }

  async stat(): Promise<FileStat> {
    return fileStat(await this.#use(() => this.#calls.statOpen(this.#fd)));
  }

  /**
   * By the kernel's name for the descriptor where there is one. A stat would mark the times of the
   * file as seen, and since Linux 6.13 the next write must then log them: 0.08 ms on every append.
   */
  async hasName(): Promise<boolean> {
    try {
      const name = await this.#use(() => this.#calls.readLink(`/proc/self/fd/${this.#fd}`));
      return !name.endsWith(' (deleted)');
    } catch {
      // Another system, or /proc is not mounted: then the stat, whatever it costs.
      return (await this.stat()).links > 0;
    }
  }

  /** Waits for the calls under way. A second close does nothing and waits for the first. */
  close(): Promise<void> {
    this.#closed ??= this.#closeWhenIdle();
    return this.#closed;
  }

  async #fill(into: Uint8Array, at: number): Promise<number> {
    let done = 0;
    while (done < into.length) {
      const length = Math.min(into.length - done, transferBytesMax);
      const count = await this.#calls.read(this.#fd, into, done, length, at + done);
      if (count === 0) break;
      done += count;
    }
    return done;
  }

  async #use<T>(call: () => Promise<T>): Promise<T> {
    assert(this.#closed === null, 'a closed file is not used');
    const running = call();
    this.#running.add(running);
    try {
      return await running;
    } catch (error) {
      throw withPath(error, this.path);
    } finally {
      this.#running.delete(running);
    }
  }

  async #closeWhenIdle(): Promise<void> {
    await Promise.allSettled(this.#running);
    await this.#calls.close(this.#fd);
  }
}
