/**
 * A file system on which many files can be open while few descriptors are: a file that nobody uses
 * is closed, and opened again when somebody does.
 *
 * - A file with writes that were not synced is never closed: the error of a later writeback belongs
 *   to the descriptor that wrote, and whoever opens the file anew may never hear of it.
 * - What is opened again must be the same file (device and inode). Another one in its place, or
 *   none, fails with ESTALE or ENOENT: nothing is ever written to it.
 * - A rename through this file system moves the files that are open below it.
 * - When the process has no descriptor left, all idle files give theirs up, and it is tried again.
 */
import { assert } from '../base/assert.ts';
import { errnoOf, isOpenFailure } from '../base/errors.ts';
import type { File, FileStat, FileSystem } from './file-system.ts';
import { systemError } from './system-error.ts';

/**
 * Wraps a file system; at most so many idle files that were opened for writing keep a descriptor.
 */
export function poolFiles(inner: FileSystem, idleMax: number): FileSystem {
  const pool = new Pool(inner, idleMax);
  return {
    list: (directory) => inner.list(directory),
    stat: (path) => inner.stat(path),
    realPath: (path) => inner.realPath(path),
    createDirectory: (path) => inner.createDirectory(path),
    create: async (path) => pool.adopt(path, await pool.opening(() => inner.create(path))),
    open: async (path, mode) => {
      const file = await pool.opening(() => inner.open(path, mode));
      return mode === 'read' ? file : pool.adopt(path, file);
    },
    peek: (path, bytes, see) => inner.peek(path, bytes, see),
    rename: async (from, to) => {
      await inner.rename(from, to);
      pool.moved(from, to);
    },
    remove: (path) => inner.remove(path),
    removeDirectory: (path) => inner.removeDirectory(path),
    syncDirectory: (path) => pool.opening(() => inner.syncDirectory(path)),
    space: (path) => inner.space(path),
  };
}

/** The process, or the machine, has no descriptor left. */
const noDescriptor = new Set(['EMFILE', 'ENFILE']);

/** Which files are open, and which of them nobody uses, the longest unused first. */
class Pool {
  readonly inner: FileSystem;
  readonly #idleMax: number;
  readonly #files = new Set<PooledFile>();
  readonly #idle = new Set<PooledFile>();

  constructor(inner: FileSystem, idleMax: number) {
    this.inner = inner;
    this.#idleMax = idleMax;
  }

  async adopt(path: string, file: File): Promise<File> {
    try {
      const pooled = new PooledFile(this, path, file, await file.stat());
      this.#files.add(pooled);
      this.idle(pooled);
      return pooled;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  busy(file: PooledFile): void {
    this.#idle.delete(file);
  }

  idle(file: PooledFile): void {
    this.#idle.add(file);
    for (const one of this.#idle) {
      if (this.#idle.size <= this.#idleMax) return;
      this.#idle.delete(one);
      // It does not fail, and nobody needs to wait for it.
      one.rest().catch(() => undefined);
    }
  }

  /** Opens something, if it must with the descriptors of idle files. */
  async opening<T>(open: () => Promise<T>): Promise<T> {
    try {
      return await open();
    } catch (error) {
      // Only when it failed in opening: a sync that failed is not tried again.
      if (!isOpenFailure(error) || !noDescriptor.has(errnoOf(error) ?? '')) throw error;
      const idle = [...this.#idle];
      this.#idle.clear();
      await Promise.all(idle.map((file) => file.rest()));
      return open();
    }
  }

  forget(file: PooledFile): void {
    this.#files.delete(file);
    this.#idle.delete(file);
  }

  moved(from: string, to: string): void {
    for (const file of this.#files) {
      if (file.path === from) file.path = to;
      else if (file.path.startsWith(`${from}/`)) file.path = to + file.path.slice(from.length);
    }
  }
}

class PooledFile implements File {
  path: string;
  readonly #pool: Pool;
  readonly #identity: Pick<FileStat, 'device' | 'inode'>;
  /** The descriptor, being opened, open, or null while the file rests. */
  #open: Promise<File> | null;
  /** Ends when the descriptor that was given up last is closed. */
  #resting: Promise<void> = Promise.resolve();
  #users = 0;
  /** Written since the last sync that succeeded. */
  #dirty = false;
  #closed: Promise<void> | null = null;

  constructor(pool: Pool, path: string, file: File, { device, inode }: FileStat) {
    this.#pool = pool;
    this.path = path;
    this.#open = Promise.resolve(file);
    this.#identity = { device, inode };
  }

  read(into: Uint8Array, at: number): Promise<number> {
    return this.#use((file) => file.read(into, at));
  }

  write(bytes: Uint8Array, at: number): Promise<number> {
    this.#dirty = true;
    return this.#use((file) => file.write(bytes, at));
  }

  truncate(size: number): Promise<void> {
    this.#dirty = true;
    return this.#use((file) => file.truncate(size));
  }

  sync(): Promise<void> {
    return this.#use(async (file) => {
      // Writes that are begun while the sync runs are not covered by it.
      const wasAlone = this.#users === 1;
      await file.sync();
      if (wasAlone) this.#dirty = false;
    });
  }

  stat(): Promise<FileStat> {
    return this.#use((file) => file.stat());
  }

  hasName(): Promise<boolean> {
    return this.#use((file) => file.hasName());
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /**
   * Gives the descriptor up, unless it is needed. A close that fails is of no interest: all is
   * synced.
   */
  rest(): Promise<void> {
    if (this.#users > 0 || this.#dirty || this.#open === null) return Promise.resolve();
    const open = this.#open;
    this.#open = null;
    this.#resting = open.then((file) => file.close()).catch(() => undefined);
    return this.#resting;
  }

  async #use<T>(work: (file: File) => Promise<T>): Promise<T> {
    assert(this.#closed === null, 'a closed file is not used');
    this.#users += 1;
    this.#pool.busy(this);
    try {
      this.#open ??= this.#reopen();
      return await work(await this.#open);
    } finally {
      this.#users -= 1;
      if (this.#users === 0 && this.#closed === null) this.#pool.idle(this);
    }
  }

  async #reopen(): Promise<File> {
    try {
      const file = await this.#pool.opening(() => this.#pool.inner.open(this.path, 'write'));
      const { device, inode } = await file.stat();
      if (device === this.#identity.device && inode === this.#identity.inode) return file;
      await file.close();
      throw systemError('ESTALE', 'open', this.path);
    } catch (error) {
      this.#open = null;
      throw error;
    }
  }

  async #close(): Promise<void> {
    this.#pool.forget(this);
    await this.#resting;
    if (this.#open !== null) await (await this.#open).close();
  }
}
