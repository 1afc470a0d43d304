/** An open file on a simulated disk. It lives on after its name is removed, as POSIX has it. */
import { assert } from '../../base/assert.ts';
import type { File, FileStat } from '../file-system.ts';
import { settled } from '../settled.ts';
import { systemError } from '../system-error.ts';
import { SimCrash } from './faults.ts';
import { resizeContent, syncContent, writeContent } from './nodes.ts';
import type { FileNode, SimNode } from './nodes.ts';
import type { SimProcess, Volume, WriteFate } from './volume.ts';

/** All nodes are on one device. */
const device = 1n;

/** What `stat` tells of a node. */
export function nodeStat(node: SimNode): FileStat {
  const size = node.kind === 'file' ? node.live.size : 0;
  const { kind, inode, links, modifiedMs } = node;
  // Finer than any real clock: two changes never have the same time.
  const changes = node.kind === 'directory' ? node.changes : 0;
  const changedNs = BigInt(Math.round(modifiedMs)) * 1_000_000n + BigInt(changes);
  return { kind, size, device, inode, links, modifiedMs, changedNs };
}

/** One handle; several may be open on the same file. */
export class SimFile implements File {
  readonly path: string;
  readonly #volume: Volume;
  readonly #process: SimProcess;
  readonly #node: FileNode;
  readonly #mode: 'read' | 'write';
  #open = true;

  constructor(
    volume: Volume,
    process: SimProcess,
    node: FileNode,
    path: string,
    mode: 'read' | 'write',
  ) {
    volume.openHandle(process, node);
    this.path = path;
    this.#volume = volume;
    this.#process = process;
    this.#node = node;
    this.#mode = mode;
  }

  read(into: Uint8Array, at: number): Promise<number> {
    return settled(() => {
      this.#begin('read', at, into.length);
      return this.#node.live.read(into, at);
    });
  }

  write(bytes: Uint8Array, at: number): Promise<number> {
    return settled(() => {
      const { bytesMax, flipBit } = this.#begin('write', at, bytes.length);
      if (this.#mode === 'read') throw systemError('EBADF', 'write', this.path);
      const asked = Math.min(bytes.length, bytesMax);
      const fits = this.#volume.bytesThatFit(this.#node.live, at, asked);
      if (fits === 0 && asked > 0) throw systemError('ENOSPC', 'write', this.path);
      const taken = flipBit === null ? bytes : flipped(bytes, flipBit);
      this.#change(() =>
        writeContent(this.#node, taken.subarray(0, fits), at, this.#volume.clock.nowMs()),
      );
      return fits;
    });
  }

  truncate(size: number): Promise<void> {
    return settled(() => {
      this.#begin('truncate', size, 0);
      if (this.#mode === 'read') throw systemError('EINVAL', 'ftruncate', this.path);
      this.#change(() => resizeContent(this.#node, size, this.#volume.clock.nowMs()));
    });
  }

  sync(): Promise<void> {
    return settled(() => {
      try {
        this.#begin('sync', 0, 0);
      } catch (error) {
        if (!(error instanceof SimCrash)) this.#failSync();
        throw error;
      }
      syncContent(this.#node);
    });
  }

  stat(): Promise<FileStat> {
    return settled(() => {
      this.#begin('stat-open', 0, 0);
      return nodeStat(this.#node);
    });
  }

  hasName(): Promise<boolean> {
    return settled(() => {
      this.#begin('stat-open', 0, 0);
      return this.#node.links > 0;
    });
  }

  close(): Promise<void> {
    return settled(() => {
      if (!this.#open) return;
      this.#volume.begin(this.#process, { kind: 'close', path: this.path });
      this.#open = false;
      this.#volume.closeHandle(this.#process, this.#node);
    });
  }

  #begin(
    kind: 'read' | 'write' | 'truncate' | 'sync' | 'stat-open',
    at: number,
    length: number,
  ): WriteFate {
    assert(this.#open, 'a closed file is not used');
    return this.#volume.begin(this.#process, { kind, path: this.path, at, length });
  }

  #change(change: () => void): void {
    this.#volume.changeContent(this.#node, change);
  }

  /**
   * The kernel reports a failed write-back once and marks the pages clean: no later sync writes
   * them.
   */
  #failSync(): void {
    this.#node.dirty.clear();
    if (this.#volume.syncFailure === 'revert') {
      this.#change(() => {
        this.#node.live = this.#node.synced.share();
      });
    }
  }
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  const at = Math.floor(bit / 8) % Math.max(1, copy.length);
  copy[at] = (copy[at] ?? 0) ^ (1 << (bit % 8));
  return copy;
}
