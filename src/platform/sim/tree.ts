/**
 * The names of a simulated disk, live and durable.
 *
 * A change of names is durable once all directories that it touches were synced after it. Until
 * then power loss may keep it or undo it, in any order, with two limits that journaling file
 * systems keep: a rename happens whole or not at all, and of the changes of one name a prefix
 * survives.
 */
import { posix } from 'node:path';
import { systemError } from '../system-error.ts';
import { directoryNode } from './nodes.ts';
import type { DirectoryNode, FileNode, SimNode } from './nodes.ts';

/** Where a path leads: the directory that has, or would have, the last name, and what is there. */
export interface Place {
  readonly parent: DirectoryNode;
  readonly name: string;
  readonly node: SimNode | null;
  /** The path without links on the way. */
  readonly path: string;
}

/** One name of a change, and what it stands for afterwards. */
export interface NameChange {
  readonly parent: DirectoryNode;
  readonly name: string;
  readonly to: SimNode | null;
}

interface Change {
  readonly names: readonly NameChange[];
  /** Inodes of the directories that were not synced since. */
  readonly unsynced: Set<bigint>;
}

/** As many as Linux follows. */
const linksFollowedMax = 40;

/** All names below one root. */
export class Tree {
  readonly root: DirectoryNode;
  #changes: Change[] = [];

  constructor(root: DirectoryNode) {
    this.root = root;
  }

  /**
   * Finds the place of an absolute path. Links on the way are followed; one at the end if asked.
   */
  resolve(path: string, atEnd: 'follow' | 'keep', syscall: string): Place {
    let current = posix.normalize(path);
    for (let followed = 0; followed <= linksFollowedMax; followed++) {
      const reached = this.#walk(current, atEnd, syscall, path);
      if (typeof reached !== 'string') return reached;
      current = reached;
    }
    throw systemError('ELOOP', syscall, path);
  }

  /**
   * Changes names at once for all who look; durable later. All of them survive power loss, or none.
   */
  change(...names: readonly NameChange[]): void {
    this.#applyLive(names);
    const unsynced = new Set(names.map((name) => name.parent.inode));
    this.#changes.push({ names, unsynced });
  }

  /**
   * Changes one name durably, for the hand of a test; what is under way for this name is overtaken.
   */
  plant(name: NameChange): void {
    this.#applyLive([name]);
    const change = { names: [name], unsynced: new Set<bigint>() };
    this.#changes.push(change);
    this.#commitDurable();
  }

  /** Makes the names in the directory durable. */
  sync(directory: DirectoryNode): void {
    for (const change of this.#changes) change.unsynced.delete(directory.inode);
    this.#commitDurable();
  }

  /** A sync that failed: the names stay visible, and no later sync makes them durable. */
  failSync(directory: DirectoryNode): void {
    for (const change of this.#changes) {
      if (change.unsynced.has(directory.inode)) change.unsynced.add(neverSynced);
    }
  }

  /** Changes of names that are not durable; `afterPowerLoss` asks for each by its index. */
  get unsyncedChanges(): number {
    return this.#changes.length;
  }

  /** Every file that has a name, or had one when the names were last synced, and one such name. */
  files(): ReadonlyMap<FileNode, string> {
    const found = new Map<FileNode, string>();
    const seen = new Set<SimNode>();
    const visit = (node: SimNode, name: string): void => {
      if (seen.has(node)) return;
      seen.add(node);
      if (node.kind === 'file') found.set(node, name);
      if (node.kind !== 'directory') return;
      for (const [childName, child] of [...node.live, ...node.synced]) visit(child, childName);
    };
    visit(this.root, '');
    return found;
  }

  /** A copy that shares nothing that can change. `copyNode` copies the files and links. */
  clone(copyNode: (node: SimNode) => SimNode): Tree {
    const copies = new Map<SimNode, SimNode>();
    const copy = (node: SimNode): SimNode => {
      const known = copies.get(node);
      if (known !== undefined) return known;
      if (node.kind !== 'directory') return remember(copies, node, copyNode(node));
      const made = directoryNode(node.inode, node.modifiedMs);
      made.links = node.links;
      made.changes = node.changes;
      copies.set(node, made);
      for (const [name, child] of node.live) made.live.set(name, copy(child));
      for (const [name, child] of node.synced) made.synced.set(name, copy(child));
      return made;
    };
    const tree = new Tree(copy(this.root) as DirectoryNode);
    tree.#changes = this.#changes.map((change) => ({
      unsynced: new Set(change.unsynced),
      names: change.names.map(({ parent, name, to }) => ({
        parent: copy(parent) as DirectoryNode,
        name,
        to: to === null ? null : copy(to),
      })),
    }));
    return tree;
  }

  /**
   * The tree after power loss, all of it durable. `keep` decides on each change that is not
   * durable; `copyNode` gives what is left of a file or link.
   */
  afterPowerLoss(keep: (change: number) => boolean, copyNode: (node: SimNode) => SimNode): Tree {
    const kept = this.#survivors(keep);
    const copy = (node: SimNode): SimNode => {
      if (node.kind !== 'directory') return linked(copyNode(node));
      const made = directoryNode(node.inode, node.modifiedMs);
      for (const [name, child] of kept.get(node) ?? node.synced) made.live.set(name, copy(child));
      for (const [name, child] of made.live) made.synced.set(name, child);
      return linked(made);
    };
    return new Tree(copy(this.root) as DirectoryNode);
  }

  /** The names of each directory that has changes which are not durable. */
  #survivors(keep: (change: number) => boolean): Map<DirectoryNode, Map<string, SimNode>> {
    const names = new Map<DirectoryNode, Map<string, SimNode>>();
    const undone = new Set<string>();
    for (const [index, change] of this.#changes.entries()) {
      const follows = change.names.some((name) => undone.has(keyOf(name)));
      if (follows || !keep(index)) {
        for (const name of change.names) undone.add(keyOf(name));
        continue;
      }
      for (const { parent, name, to } of change.names) {
        const entries = names.get(parent) ?? new Map(parent.synced);
        names.set(parent, entries);
        setEntry(entries, name, to);
      }
    }
    return names;
  }

  /** Applies the changes that are durable, with the earlier ones of the same names. */
  #commitDurable(): void {
    if (this.#changes.every((change) => change.unsynced.size > 0)) return;
    const needed = new Set<string>();
    const durable = new Set<Change>();
    for (const change of this.#changes.toReversed()) {
      const isNeeded = change.names.some((name) => needed.has(keyOf(name)));
      if (change.unsynced.size > 0 && !isNeeded) continue;
      durable.add(change);
      for (const name of change.names) needed.add(keyOf(name));
    }
    const gone = new Set<SimNode>();
    for (const change of this.#changes) {
      if (!durable.has(change)) continue;
      for (const { parent, name, to } of change.names) {
        const before = parent.synced.get(name);
        if (before?.links === 0) gone.add(before);
        setEntry(parent.synced, name, to);
      }
    }
    // What is not durable of a directory that is durably gone no longer matters.
    this.#changes = this.#changes.filter(
      (change) => !durable.has(change) && !change.names.every(({ parent }) => gone.has(parent)),
    );
  }

  #applyLive(names: readonly NameChange[]): void {
    for (const { parent, name, to } of names) {
      const before = parent.live.get(name);
      if (before !== undefined) before.links--;
      if (to !== null) to.links++;
      setEntry(parent.live, name, to);
      parent.changes += 1;
    }
  }

  #walk(path: string, atEnd: 'follow' | 'keep', syscall: string, asked: string): Place | string {
    const names = path.split('/').filter((name) => name !== '');
    let parent = this.root;
    for (const [index, name] of names.entries()) {
      const node = parent.live.get(name) ?? null;
      const isLast = index === names.length - 1;
      if (node?.kind === 'link' && (!isLast || atEnd === 'follow')) {
        const before = `/${names.slice(0, index).join('/')}`;
        return posix.join(posix.resolve(before, node.target), ...names.slice(index + 1));
      }
      if (isLast) return { parent, name, node, path: `/${names.join('/')}` };
      if (node === null) throw systemError('ENOENT', syscall, asked);
      if (node.kind !== 'directory') throw systemError('ENOTDIR', syscall, asked);
      parent = node;
    }
    return { parent, name: '', node: parent, path: '/' };
  }
}

/** Stands in `unsynced` for a sync that failed; no directory has this inode. */
const neverSynced = -1n;

function keyOf(name: NameChange): string {
  return `${name.parent.inode}/${name.name}`;
}

function setEntry(entries: Map<string, SimNode>, name: string, to: SimNode | null): void {
  if (to === null) entries.delete(name);
  else entries.set(name, to);
}

function linked<N extends SimNode>(node: N): N {
  node.links = 1;
  return node;
}

function remember(copies: Map<SimNode, SimNode>, node: SimNode, copy: SimNode): SimNode {
  copies.set(node, copy);
  return copy;
}
