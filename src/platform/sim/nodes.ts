/**
 * What stands on a simulated disk. Every node has two states: *live*, which all processes see, and
 * *synced*, which alone is sure to be there after power loss.
 */
import { Content } from './content.ts';

/** A plain file. */
export interface FileNode {
  readonly kind: 'file';
  readonly inode: bigint;
  live: Content;
  synced: Content;
  /** Pages that the next sync writes. A page may differ and not be in here: its sync has failed. */
  readonly dirty: Set<number>;
  /** Names that the file has: 0 or 1. */
  links: number;
  /** Open handles; a file without name lives on as long as it has some. */
  opens: number;
  modifiedMs: number;
}

/** A directory; the names in it are changed by the tree alone. */
export interface DirectoryNode {
  readonly kind: 'directory';
  readonly inode: bigint;
  readonly live: Map<string, SimNode>;
  readonly synced: Map<string, SimNode>;
  links: number;
  modifiedMs: number;
  /** How often a name in it came, went or was replaced. */
  changes: number;
}

/** A symbolic link, so that its refusal can be tested. Always durable once its name is. */
export interface LinkNode {
  readonly kind: 'link';
  readonly inode: bigint;
  readonly target: string;
  links: number;
  modifiedMs: number;
}

/** Anything that a name can stand for. */
export type SimNode = FileNode | DirectoryNode | LinkNode;

/** A file without a name yet, of which all the content is synced. Shares the pages given. */
export function fileNode(inode: bigint, content: Content, modifiedMs: number): FileNode {
  const synced = content.share();
  return {
    kind: 'file',
    inode,
    live: content,
    synced,
    dirty: new Set(),
    links: 0,
    opens: 0,
    modifiedMs,
  };
}

/** A new file without a name yet. */
export function emptyFile(inode: bigint, modifiedMs: number): FileNode {
  return fileNode(inode, new Content(), modifiedMs);
}

/** A new directory without a name yet. */
export function directoryNode(inode: bigint, modifiedMs: number): DirectoryNode {
  const [live, synced] = [new Map<string, SimNode>(), new Map<string, SimNode>()];
  return { kind: 'directory', inode, live, synced, links: 0, modifiedMs, changes: 0 };
}

/** A symbolic link without a name yet; the target may be relative, or lead nowhere. */
export function linkNode(inode: bigint, target: string, modifiedMs: number): LinkNode {
  return { kind: 'link', inode, target, links: 0, modifiedMs };
}

/** Makes the dirty pages and the size durable, as fdatasync does. */
export function syncContent(file: FileNode): void {
  if (file.synced.size !== file.live.size) file.synced.resize(file.live.size);
  for (const index of file.dirty) {
    if (index < file.synced.pageCount) file.synced.takePage(index, file.live);
  }
  file.dirty.clear();
}

/** Writes to the live content and remembers what the next sync has to write. */
export function writeContent(file: FileNode, bytes: Uint8Array, at: number, nowMs: number): void {
  file.live.write(bytes, at, file.dirty);
  file.modifiedMs = nowMs;
}

/** Cuts or grows the live content. */
export function resizeContent(file: FileNode, size: number, nowMs: number): void {
  const pagesBefore = file.live.pageCount;
  file.live.resize(size);
  // What was cut may still stand in the synced state, and must read as zeros if the file grows
  // again.
  for (let page = Math.max(0, file.live.pageCount - 1); page < pagesBefore; page++)
    file.dirty.add(page);
  file.modifiedMs = nowMs;
}
