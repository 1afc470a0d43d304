/** A file system that tells what was changed and synced, once it is, and hands on all the rest. */
import type { File, FileSystem } from '../../../src/platform/file-system.ts';

/** What is told. A change that failed is not. */
export interface FileEvents {
  directoryMade(path: string): void;
  directorySynced(path: string): void;
  renamed(from: string, to: string): void;
  /** A file or a directory. */
  removed(path: string): void;
  written(path: string, bytes: Uint8Array, at: number): void;
  synced(path: string): void;
}

/** The same files, watched. */
export function watchedFiles(inner: FileSystem, events: FileEvents): FileSystem {
  return {
    list: (directory) => inner.list(directory),
    stat: (path) => inner.stat(path),
    realPath: (path) => inner.realPath(path),
    removeDirectory: async (path) => {
      await inner.removeDirectory(path);
      events.removed(path);
    },
    space: (path) => inner.space(path),
    peek: (path, bytes, see) => inner.peek(path, bytes, see),
    createDirectory: async (path) => {
      await inner.createDirectory(path);
      events.directoryMade(path);
    },
    create: async (path) => watchedFile(await inner.create(path), events),
    open: async (path, mode) => watchedFile(await inner.open(path, mode), events),
    rename: async (from, to) => {
      await inner.rename(from, to);
      events.renamed(from, to);
    },
    remove: async (path) => {
      await inner.remove(path);
      events.removed(path);
    },
    syncDirectory: async (path) => {
      await inner.syncDirectory(path);
      events.directorySynced(path);
    },
  };
}

function watchedFile(inner: File, events: FileEvents): File {
  const { path } = inner;
  return {
    path,
    read: (into, at) => inner.read(into, at),
    truncate: (size) => inner.truncate(size),
    stat: () => inner.stat(),
    hasName: () => inner.hasName(),
    close: () => inner.close(),
    write: async (bytes, at) => {
      const count = await inner.write(bytes, at);
      events.written(path, bytes, at);
      return count;
    },
    sync: async () => {
      await inner.sync();
      events.synced(path);
    },
  };
}
