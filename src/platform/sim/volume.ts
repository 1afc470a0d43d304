/**
 * The state of one simulated machine that its file systems and locks share: names, room, faults,
 * locks, and which of its processes live.
 */
import { assert } from '../../base/assert.ts';
import { systemError } from '../system-error.ts';
import { pageBytes } from './content.ts';
import type { Content } from './content.ts';
import { Faults, SimCrash, syscalls } from './faults.ts';
import type { Operation } from './faults.ts';
import { emptyFile } from './nodes.ts';
import type { DirectoryNode, FileNode, SimNode } from './nodes.ts';
import type { Prng } from './prng.ts';
import type { SimClock } from './sim-clock.ts';
import type { Tree } from './tree.ts';

/** A process of the simulated machine. Once it is dead, whatever it still calls throws SimCrash. */
export interface SimProcess {
  readonly name: string;
  readonly pid: number;
  alive: boolean;
  /** One entry for each of its open handles. */
  readonly open: FileNode[];
}

/** A lock that somebody holds. */
export interface HeldLock {
  readonly process: SimProcess;
  readonly path: string;
}

/**
 * What a failed sync does to the live content: it stays in the cache marked clean, or it is taken
 * back.
 */
export type SyncFailure = 'clean' | 'revert';

/** What a disk makes of a write: how many bytes it takes, and which bit it changes. */
export interface WriteFate {
  readonly bytesMax: number;
  readonly flipBit: number | null;
}

const wholeWrite: WriteFate = { bytesMax: Number.POSITIVE_INFINITY, flipBit: null };

/** Room of a disk that was given no limit. */
const bytesMaxDefault: number = 2 ** 40;

/** One machine. Nothing in it is shared with another, but for pages that are copied on write. */
export class Volume {
  readonly tree: Tree;
  readonly clock: SimClock;
  readonly prng: Prng;
  readonly faults: Faults = new Faults();
  readonly locks: Map<FileNode, HeldLock> = new Map();
  bytesMax: number = bytesMaxDefault;
  syncFailure: SyncFailure = 'clean';
  #usedPages = 0;
  #nextInode: bigint;
  #nextPid = 1000;
  readonly #processes = new Map<string, SimProcess>();

  constructor(tree: Tree, clock: SimClock, prng: Prng, nextInode: bigint) {
    this.tree = tree;
    this.clock = clock;
    this.prng = prng;
    this.#nextInode = nextInode;
    this.#usedPages = allocatedPages(tree.root);
  }

  get nextInode(): bigint {
    return this.#nextInode;
  }

  get freeBytes(): number {
    return Math.max(0, this.bytesMax - this.#usedPages * pageBytes);
  }

  /** Inodes are never used twice, so that a replaced file is always told from the one before. */
  takeInode(): bigint {
    return this.#nextInode++;
  }

  /** The living process of this name; a new one when there is none, or the last was killed. */
  process(name: string): SimProcess {
    const known = this.#processes.get(name);
    if (known !== undefined) return known;
    const process = { name, pid: this.#nextPid++, alive: true, open: [] };
    this.#processes.set(name, process);
    return process;
  }

  /** Ends the process: its handles are closed, its locks stay until they are released. */
  stop(name: string): void {
    const process = this.#processes.get(name);
    if (process === undefined) return;
    this.#processes.delete(name);
    process.alive = false;
    for (const file of process.open.splice(0)) this.#dropHandle(file);
  }

  /**
   * Counts the operation, and throws as it has to fail. Returns what becomes of a write.
   */
  begin(process: SimProcess, operation: Operation): WriteFate {
    if (!process.alive) throw new SimCrash(`The process ${process.name} was killed`);
    const fault = this.faults.begin(operation);
    if (fault === null) return wholeWrite;
    if ('shortWrite' in fault) return { ...wholeWrite, bytesMax: fault.shortWrite };
    if ('flipBit' in fault) return { ...wholeWrite, flipBit: fault.flipBit };
    throw systemError(fault.errno, syscalls[operation.kind], operation.path);
  }

  /** Makes an empty file under a name that is free. */
  createFile(parent: DirectoryNode, name: string): FileNode {
    const file = emptyFile(this.takeInode(), this.clock.nowMs());
    this.tree.change({ parent, name, to: file });
    return file;
  }

  openHandle(process: SimProcess, file: FileNode): void {
    file.opens++;
    process.open.push(file);
  }

  closeHandle(process: SimProcess, file: FileNode): void {
    const index = process.open.indexOf(file);
    assert(index >= 0, 'a handle is closed once');
    process.open.splice(index, 1);
    this.#dropHandle(file);
  }

  /** Frees the room of a node that has lost its name, unless a handle keeps it. */
  released(node: SimNode | null): void {
    if (node?.kind !== 'file' || node.links > 0 || node.opens > 0) return;
    this.#usedPages -= node.live.allocatedPages;
  }

  /** Changes the live content of a file, keeping account of the room that it takes. */
  changeContent(file: FileNode, change: () => void): void {
    const before = file.live.allocatedPages;
    change();
    this.#usedPages += file.live.allocatedPages - before;
  }

  /** How many of the bytes find room: what is written already takes none a second time. */
  bytesThatFit(content: Content, at: number, length: number): number {
    let freePages = Math.floor(this.freeBytes / pageBytes);
    if (freePages * pageBytes >= length + 2 * pageBytes) return length;
    let end = at;
    while (end < at + length) {
      const page = Math.floor(end / pageBytes);
      if (content.isHole(page) && freePages-- <= 0) break;
      end = Math.min(at + length, (page + 1) * pageBytes);
    }
    return end - at;
  }

  #dropHandle(file: FileNode): void {
    file.opens--;
    this.released(file);
  }
}

function allocatedPages(node: SimNode): number {
  if (node.kind === 'file') return node.live.allocatedPages;
  if (node.kind === 'link') return 0;
  let pages = 0;
  for (const child of node.live.values()) pages += allocatedPages(child);
  return pages;
}
