/**
 * The file system of the machine.
 *
 * Invariants: nothing is opened through a symbolic link in the last part of a path; what is opened
 * is a plain file; what is made is for its owner alone (0600, 0700).
 */
import { constants } from 'node:fs';
import type { File, FileStat, FileSystem, Peek, Space } from './file-system.ts';
import { fileSystemKind } from './file-system-kind.ts';
import { fileStat, NodeFile } from './node-file.ts';
import { Peeks, peekNow } from './peek.ts';
import { settled } from './settled.ts';
import { inlineCalls, lookCalls, poolCalls } from './system-calls.ts';
import type { SystemCalls } from './system-calls.ts';
import { systemError, withPath } from './system-error.ts';

/** Mode of every file that is made. */
export const fileMode = 0o600;
/** Mode of every directory that is made. */
export const directoryMode = 0o700;

// Windows knows neither flag. O_NONBLOCK: to open a named pipe that somebody put into a store must
// fail, not wait for ever; it changes nothing for a plain file.
const careful: number = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Flags under which a file that exists is opened. */
export const openFlags: { readonly read: number; readonly write: number } = {
  read: constants.O_RDONLY | careful,
  write: constants.O_RDWR | careful,
};
/** Flags under which a file is made and opened; O_EXCL decides whether it may exist already. */
export const createFlags: number = openFlags.write | constants.O_CREAT;

/**
 * The file system of this machine. `pool` leaves the calls to libuv's threads; `inline` makes them
 * on this thread, and each promise is settled when the verb returns (see system-calls.ts).
 */
export function nodeFileSystem(mode: 'pool' | 'inline'): FileSystem {
  return new NodeFileSystem(mode === 'pool' ? poolCalls : inlineCalls);
}

class NodeFileSystem implements FileSystem {
  readonly #calls: SystemCalls;
  readonly #peeks = new Peeks(openFlags.read);

  constructor(calls: SystemCalls) {
    this.#calls = calls;
  }

  async list(directory: string): Promise<readonly string[]> {
    return (await this.#calls.list(directory)).sort();
  }

  async stat(path: string): Promise<FileStat | null> {
    try {
      return fileStat(await this.#calls.statLink(path));
    } catch (error) {
      // ENOTDIR: a part of the path is a file, so nothing can stand at the path either.
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'ENOENT' || code === 'ENOTDIR') return null;
      throw error;
    }
  }

  realPath(path: string): Promise<string> {
    return this.#calls.realPath(path);
  }

  createDirectory(path: string): Promise<void> {
    return this.#calls.makeDirectory(path, directoryMode);
  }

  async create(path: string): Promise<File> {
    const fd = await this.#calls.open(path, createFlags | constants.O_EXCL, fileMode);
    return new NodeFile(this.#calls, fd, path);
  }

  async open(path: string, mode: 'read' | 'write'): Promise<File> {
    const fd = await this.#calls.open(path, openFlags[mode], 0);
    const file = new NodeFile(this.#calls, fd, path);
    try {
      const { kind } = await file.stat();
      if (kind === 'file') return file;
      throw systemError(kind === 'directory' ? 'EISDIR' : 'EINVAL', 'open', path);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  peek<T>(path: string, bytes: number, see: (peek: Peek) => T): Promise<T> {
    if (this.#calls === poolCalls) return this.#peeks.peek(path, bytes, see);
    const into = new Uint8Array(bytes);
    return settled(() => see(peekNow(lookCalls, path, into, openFlags.read)));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#calls.rename(from, to);
  }

  remove(path: string): Promise<void> {
    return this.#calls.unlink(path);
  }

  removeDirectory(path: string): Promise<void> {
    return this.#calls.removeDirectory(path);
  }

  /**
   * A link to a directory is refused (ENOTDIR), so that the names meant are the ones made durable.
   */
  async syncDirectory(path: string): Promise<void> {
    const flags = openFlags.read | (constants.O_DIRECTORY ?? 0);
    const fd = await this.#calls.open(path, flags, 0);
    try {
      await this.#calls.syncAll(fd);
    } catch (error) {
      throw withPath(error, path);
    } finally {
      await this.#calls.close(fd);
    }
  }

  async space(path: string): Promise<Space> {
    const stats = await this.#calls.space(path);
    return { freeBytes: Number(stats.bavail * stats.bsize), kind: fileSystemKind(stats.type) };
  }
}
