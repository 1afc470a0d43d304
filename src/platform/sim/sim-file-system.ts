/**
 * The verbs of a simulated disk. Each takes effect at once, and its promise is settled on return.
 */
import { peekByVerbs } from '../file-system.ts';
import type { File, FileStat, FileSystem, Peek, Space } from '../file-system.ts';
import { settled } from '../settled.ts';
import { systemError } from '../system-error.ts';
import { SimCrash, syscalls } from './faults.ts';
import type { OperationKind } from './faults.ts';
import { directoryNode } from './nodes.ts';
import type { DirectoryNode } from './nodes.ts';
import { nodeStat, SimFile } from './sim-file.ts';
import type { Place } from './tree.ts';
import type { SimProcess, Volume } from './volume.ts';

/** The disk as one process sees it. */
export class SimFileSystem implements FileSystem {
  readonly #volume: Volume;
  readonly #process: SimProcess;

  constructor(volume: Volume, process: SimProcess) {
    this.#volume = volume;
    this.#process = process;
  }

  list(directory: string): Promise<readonly string[]> {
    return settled(() => [...this.#directory('list', directory).live.keys()].sort());
  }

  stat(path: string): Promise<FileStat | null> {
    return settled(() => {
      this.#begin('stat', path);
      const node = this.#lookUp(path);
      return node === null ? null : nodeStat(node);
    });
  }

  realPath(path: string): Promise<string> {
    return settled(() => {
      const place = this.#place('real-path', path, 'follow');
      if (place.node === null) throw systemError('ENOENT', 'realpath', path);
      return place.path;
    });
  }

  createDirectory(path: string): Promise<void> {
    return settled(() => {
      const { parent, name, node } = this.#place('create-directory', path, 'keep');
      if (node !== null) throw systemError('EEXIST', 'mkdir', path);
      const made = directoryNode(this.#volume.takeInode(), this.#volume.clock.nowMs());
      this.#volume.tree.change({ parent, name, to: made });
    });
  }

  create(path: string): Promise<File> {
    return settled(() => {
      const { parent, name, node } = this.#place('create', path, 'keep');
      if (node !== null) throw systemError('EEXIST', 'open', path);
      const made = this.#volume.createFile(parent, name);
      return new SimFile(this.#volume, this.#process, made, path, 'write');
    });
  }

  open(path: string, mode: 'read' | 'write'): Promise<File> {
    return settled(() => {
      const { node } = this.#place('open', path, 'keep');
      if (node === null) throw systemError('ENOENT', 'open', path);
      if (node.kind === 'link') throw systemError('ELOOP', 'open', path);
      if (node.kind === 'directory') throw systemError('EISDIR', 'open', path);
      return new SimFile(this.#volume, this.#process, node, path, mode);
    });
  }

  peek<T>(path: string, bytes: number, see: (peek: Peek) => T): Promise<T> {
    return peekByVerbs(this, path, bytes, see);
  }

  rename(from: string, to: string): Promise<void> {
    return settled(() => {
      const old = this.#place('rename', from, 'keep');
      const fresh = this.#volume.tree.resolve(to, 'keep', 'rename');
      const node = old.node;
      if (node === null) throw systemError('ENOENT', 'rename', from);
      if (fresh.node === node) return;
      checkRename(old, fresh, from);
      this.#volume.tree.change(
        { parent: old.parent, name: old.name, to: null },
        { parent: fresh.parent, name: fresh.name, to: node },
      );
      this.#volume.released(fresh.node);
    });
  }

  remove(path: string): Promise<void> {
    return settled(() => {
      const { parent, name, node } = this.#place('remove', path, 'keep');
      if (node === null) throw systemError('ENOENT', 'unlink', path);
      if (node.kind === 'directory') throw systemError('EISDIR', 'unlink', path);
      this.#volume.tree.change({ parent, name, to: null });
      this.#volume.released(node);
    });
  }

  removeDirectory(path: string): Promise<void> {
    return settled(() => {
      const { parent, name, node } = this.#place('remove-directory', path, 'keep');
      if (node === null) throw systemError('ENOENT', 'rmdir', path);
      if (node.kind !== 'directory') throw systemError('ENOTDIR', 'rmdir', path);
      if (node.live.size > 0) throw systemError('ENOTEMPTY', 'rmdir', path);
      this.#volume.tree.change({ parent, name, to: null });
    });
  }

  syncDirectory(path: string): Promise<void> {
    return settled(() => {
      const { node } = this.#volume.tree.resolve(path, 'keep', 'open');
      if (node === null) throw systemError('ENOENT', 'open', path);
      if (node.kind !== 'directory') throw systemError('ENOTDIR', 'open', path);
      try {
        this.#begin('sync-directory', path);
      } catch (error) {
        if (!(error instanceof SimCrash)) this.#volume.tree.failSync(node);
        throw error;
      }
      this.#volume.tree.sync(node);
    });
  }

  space(path: string): Promise<Space> {
    return settled(() => {
      if (this.#place('space', path, 'follow').node === null) {
        throw systemError('ENOENT', 'statfs', path);
      }
      return { freeBytes: this.#volume.freeBytes, kind: 'sim' };
    });
  }

  #begin(kind: OperationKind, path: string): void {
    this.#volume.begin(this.#process, { kind, path });
  }

  #place(kind: OperationKind, path: string, atEnd: 'follow' | 'keep'): Place {
    this.#begin(kind, path);
    return this.#volume.tree.resolve(path, atEnd, syscalls[kind]);
  }

  #directory(kind: OperationKind, path: string): DirectoryNode {
    const { node } = this.#place(kind, path, 'follow');
    if (node === null) throw systemError('ENOENT', syscalls[kind], path);
    if (node.kind !== 'directory') throw systemError('ENOTDIR', syscalls[kind], path);
    return node;
  }

  #lookUp(path: string): Place['node'] {
    try {
      return this.#volume.tree.resolve(path, 'keep', 'lstat').node;
    } catch (error) {
      // A part of the path is missing or a file: nothing stands at the path.
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'ENOENT' || code === 'ENOTDIR') return null;
      throw error;
    }
  }
}

/** The cases in which POSIX refuses a rename, in the order in which Linux finds them. */
function checkRename(old: Place, fresh: Place, from: string): void {
  const isDirectory = old.node?.kind === 'directory';
  if (isDirectory && fresh.path.startsWith(`${old.path}/`)) {
    throw systemError('EINVAL', 'rename', from);
  }
  if (fresh.node === null) return;
  if (isDirectory && fresh.node.kind !== 'directory') throw systemError('ENOTDIR', 'rename', from);
  if (fresh.node.kind !== 'directory') return;
  if (!isDirectory) throw systemError('EISDIR', 'rename', from);
  if (fresh.node.live.size > 0) throw systemError('ENOTEMPTY', 'rename', from);
}
