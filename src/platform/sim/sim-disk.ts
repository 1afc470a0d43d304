/**
 * A simulated machine with one disk, for tests that crash it. For every file it keeps what was
 * synced beside what was written, and the same for the names of every directory, so that `crash`
 * can give any disk that power loss may leave. (The idea is that of Pebble's MemFS.)
 *
 * Everything is repeatable: the same seed and the same calls give the same disks. Copies share
 * their pages until one is written, so a copy of a small store costs microseconds.
 */
import { posix } from 'node:path';
import { assert } from '../../base/assert.ts';
import type { FileSystem } from '../file-system.ts';
import type { Locks } from '../locks.ts';
import { systemError } from '../system-error.ts';
import { copyRunning, crashTree, unsyncedParts } from './crash.ts';
import type { CrashOptions } from './crash.ts';
import { SimCrash } from './faults.ts';
import type { BeforeOperation, OperationKind } from './faults.ts';
import {
  directoryNode,
  emptyFile,
  linkNode,
  resizeContent,
  syncContent,
  writeContent,
} from './nodes.ts';
import type { DirectoryNode, SimNode } from './nodes.ts';
import { Prng } from './prng.ts';
import { simClock } from './sim-clock.ts';
import type { SimClock } from './sim-clock.ts';
import { SimFileSystem } from './sim-file-system.ts';
import { SimLocks } from './sim-locks.ts';
import { Tree } from './tree.ts';
import { Volume } from './volume.ts';
import type { SyncFailure } from './volume.ts';

const rootInode = 1n;

/** The machine as a test holds it; the code under test gets `fileSystem()` and `locks()`. */
export class SimDisk {
  readonly #volume: Volume;

  constructor(volume: Volume) {
    this.#volume = volume;
  }

  /** An empty disk with a clock of its own. */
  static create(seed: number): SimDisk {
    const clock = simClock();
    const root = directoryNode(rootInode, clock.nowMs());
    root.links = 1;
    return new SimDisk(new Volume(new Tree(root), clock, Prng.fromSeed(seed), rootInode + 1n));
  }

  get clock(): SimClock {
    return this.#volume.clock;
  }

  /** Operations of all kinds so far, of all processes. */
  get operations(): number {
    return this.#volume.faults.operations;
  }

  /**
   * Operations so far that change the disk or what of it is durable: the points worth crashing at.
   */
  get changes(): number {
    return this.#volume.faults.changes;
  }

  /** Asked before every operation; it may fail it, or cut a write short. */
  set beforeOperation(hook: BeforeOperation | null) {
    this.#volume.faults.beforeOperation = hook;
  }

  /** What a sync that is made to fail does to the live content. Default `clean`. */
  set syncFailure(failure: SyncFailure) {
    this.#volume.syncFailure = failure;
  }

  /** The verbs as one process calls them; they throw SimCrash once the process is killed. */
  fileSystem(processName = 'main'): FileSystem {
    return new SimFileSystem(this.#volume, this.#volume.process(processName));
  }

  /**
   * Asks why the process that runs under this name now does not run any more; null while it does.
   */
  endOf(processName: string): () => SimCrash | null {
    const process = this.#volume.process(processName);
    return () => {
      if (!process.alive) return new SimCrash(`The simulated process ${processName} was killed`);
      if (this.isOff) return new SimCrash('The machine is off: its simulated power was cut');
      return null;
    };
  }

  /** The locks as one process takes them. */
  locks(processName: string): Locks {
    return new SimLocks(this.#volume, this.#volume.process(processName));
  }

  /**
   * The same disk, live and durable state alike, on a machine where no process runs, no lock is
   * held and no fault is planned: what a reboot without power loss leaves. The limit of room goes
   * along.
   */
  clone(): SimDisk {
    return this.#with(this.#volume.tree.clone(copyRunning));
  }

  /**
   * One disk that power loss may leave. This machine runs on, so that many crashes can be drawn.
   */
  crash(options: CrashOptions = {}): SimDisk {
    const prng = options.seed === undefined ? this.#volume.prng : Prng.fromSeed(options.seed);
    return this.#with(crashTree(this.#volume.tree, options, prng));
  }

  /**
   * Names of the parts of which power loss may keep any, in files with such names; see
   * `CrashOptions.keepPart`.
   */
  unsyncedParts(isOfInterest: (name: string) => boolean = () => true): readonly string[] {
    return unsyncedParts(this.#volume.tree, isOfInterest);
  }

  /** Turns the machine off after that many more changes; every verb then throws SimCrash. */
  crashAfter(changes: number): void {
    this.#volume.faults.crashAfter(changes);
  }

  /** Whether `crashAfter` has turned it off. */
  get isOff(): boolean {
    return this.#volume.faults.isOff;
  }

  /** SIGKILL: handles and locks of the process are gone, what it wrote stays in the cache. */
  killProcess(name: string): void {
    this.stopProcess(name);
    this.releaseLocks(name);
  }

  /** The first half of a kill: the process runs no more, and its locks have not fallen yet. */
  stopProcess(name: string): void {
    this.#volume.stop(name);
  }

  /**
   * Lets locks of a stopped process fall, all of them or one, since a kernel drops them one by one.
   */
  releaseLocks(name: string, path?: string): void {
    for (const [file, { process, path: lockPath }] of this.#volume.locks) {
      if (process.name !== name || process.alive) continue;
      if (path === undefined || path === lockPath) this.#volume.locks.delete(file);
    }
  }

  /** Room for all files together, in bytes; counted in pages of 4 KiB. */
  limitBytes(bytes: number): void {
    this.#volume.bytesMax = bytes;
  }

  /** Lets the next operations of the kind fail with an errno name, after `skip` that succeed. */
  failNext(kind: OperationKind, errno: string, times = 1, skip = 0): void {
    this.#volume.faults.failNext(kind, errno, times, skip);
  }

  /** Paths of all files, or of all directories or links, sorted. */
  paths(kind: SimNode['kind'] = 'file'): string[] {
    const found: string[] = [];
    const visit = (directory: DirectoryNode, path: string): void => {
      for (const [name, node] of directory.live) {
        const childPath = `${path}/${name}`;
        if (node.kind === kind) found.push(childPath);
        if (node.kind === 'directory') visit(node, childPath);
      }
    };
    visit(this.#volume.tree.root, '');
    return found.sort();
  }

  /** A copy of the live content. No operation, no fault. */
  readFile(path: string): Uint8Array {
    const { node } = this.#volume.tree.resolve(path, 'keep', 'open');
    if (node?.kind !== 'file') throw systemError('ENOENT', 'open', path);
    const bytes = new Uint8Array(node.live.size);
    node.live.read(bytes, 0);
    return bytes;
  }

  /** Puts a file there, durable, with missing parents. A file that is there keeps its inode. */
  writeFile(path: string, bytes: Uint8Array): void {
    this.makeDirectory(posix.dirname(path));
    const volume = this.#volume;
    const { parent, name, node } = volume.tree.resolve(path, 'keep', 'open');
    const nowMs = volume.clock.nowMs();
    const file = node?.kind === 'file' ? node : emptyFile(volume.takeInode(), nowMs);
    if (file !== node) this.#plant(parent, name, file);
    volume.changeContent(file, () => {
      resizeContent(file, 0, nowMs);
      writeContent(file, bytes, 0, nowMs);
    });
    syncContent(file);
  }

  /** Makes a directory, durable, with missing parents; one that is there stays. */
  makeDirectory(path: string): void {
    if (path === '/') return;
    this.makeDirectory(posix.dirname(path));
    const { parent, name, node } = this.#volume.tree.resolve(path, 'follow', 'mkdir');
    if (node !== null) return;
    this.#plant(parent, name, directoryNode(this.#volume.takeInode(), this.clock.nowMs()));
  }

  /** Makes a symbolic link, durable. */
  makeLink(path: string, target: string): void {
    const { parent, name } = this.#volume.tree.resolve(path, 'keep', 'symlink');
    this.#plant(parent, name, linkNode(this.#volume.takeInode(), target, this.clock.nowMs()));
  }

  /** Takes away whatever stands there, with all below it, durably. Open files live on. */
  removePath(path: string): void {
    const { parent, name, node } = this.#volume.tree.resolve(path, 'keep', 'unlink');
    assert(name !== '', 'the root stays');
    if (node?.kind === 'directory') {
      for (const child of node.live.keys()) this.removePath(posix.join(path, child));
    }
    if (node !== null) this.#plant(parent, name, null);
  }

  #plant(parent: DirectoryNode, name: string, to: SimNode | null): void {
    const before = parent.live.get(name) ?? null;
    this.#volume.tree.plant({ parent, name, to });
    this.#volume.released(before);
  }

  #with(tree: Tree): SimDisk {
    const { clock, prng, nextInode, bytesMax, syncFailure } = this.#volume;
    const volume = new Volume(tree, simClock(clock.nowMs()), prng.clone(), nextInode);
    volume.bytesMax = bytesMax;
    volume.syncFailure = syncFailure;
    return new SimDisk(volume);
  }
}
