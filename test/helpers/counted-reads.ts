/** A file system that counts what is read through it, for tests that bound what an opening reads. */
import { peekByVerbs } from '../../src/platform/file-system.ts';
import type { File, FileSystem } from '../../src/platform/file-system.ts';

export class CountedReads {
  readonly fileSystem: FileSystem;
  /** Bytes that were asked for, by the last part of the path. */
  readonly bytes = new Map<string, number>();
  reads = 0;

  constructor(inner: FileSystem) {
    this.fileSystem = {
      list: (directory) => inner.list(directory),
      stat: (path) => inner.stat(path),
      realPath: (path) => inner.realPath(path),
      createDirectory: (path) => inner.createDirectory(path),
      create: async (path) => this.#counted(await inner.create(path)),
      open: async (path, mode) => this.#counted(await inner.open(path, mode)),
      peek: (path, bytes, see) => peekByVerbs(this.fileSystem, path, bytes, see),
      rename: (from, to) => inner.rename(from, to),
      remove: (path) => inner.remove(path),
      removeDirectory: (path) => inner.removeDirectory(path),
      syncDirectory: (path) => inner.syncDirectory(path),
      space: (path) => inner.space(path),
    };
  }

  /** Bytes of all files since the last `reset`. */
  get total(): number {
    return [...this.bytes.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** What the work reads, in bytes. */
  async during(work: () => Promise<unknown>): Promise<number> {
    const before = this.total;
    await work();
    return this.total - before;
  }

  #counted(file: File): File {
    const name = file.path.slice(file.path.lastIndexOf('/') + 1);
    return {
      path: file.path,
      read: (into, at) => {
        this.reads += 1;
        this.bytes.set(name, (this.bytes.get(name) ?? 0) + into.length);
        return file.read(into, at);
      },
      write: (bytes, at) => file.write(bytes, at),
      truncate: (size) => file.truncate(size),
      sync: () => file.sync(),
      stat: () => file.stat(),
      hasName: () => file.hasName(),
      close: () => file.close(),
    };
  }
}
