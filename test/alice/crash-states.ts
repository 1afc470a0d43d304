/**
 * Disks that POSIX allows after a power cut. Of every file stays what is durable, and of the changes
 * since: none, all, the first few, any of them in any order, and any sectors of one; a file may have
 * the size of a write without its bytes. Of the names stays what is durable, and any of the others that
 * do not hang on one that is lost.
 */
import { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { changed, setName } from './traced-disk.ts';
import type {
  DirectoryChange,
  FileChange,
  NameChange,
  TracedDirectory,
  TracedDisk,
  TracedFile,
  TracedNode,
} from './traced-disk.ts';

const sectorBytes = 512;

/** How much of what is not durable stays, drawn anew for every state so that extremes come often. */
const keepChances = [0, 0.2, 0.5, 0.8, 1] as const;

/** Numbers of 0 to 1. */
export type Chance = () => number;

/** One disk, all of it durable, that the power may leave of this one. */
export function crashState(disk: TracedDisk, next: Chance): SimDisk {
  const state = SimDisk.create(1);
  const names = survivingNames(disk, next);
  const visit = (directory: TracedDirectory, path: string): void => {
    for (const [name, node] of names.get(directory) ?? directory.durable) {
      const place = `${path}/${name}`;
      if (node.kind === 'file') state.writeFile(place, survivingContent(node, next));
      else {
        state.makeDirectory(place);
        visit(node, place);
      }
    }
  };
  visit(disk.root, '');
  return state;
}

/** The names of each directory in which some changes are not durable. */
function survivingNames(
  { directoryChanges }: TracedDisk,
  next: Chance,
): ReadonlyMap<TracedDirectory, ReadonlyMap<string, TracedNode>> {
  const keeps = keeper(directoryChanges, next);
  const names = new Map<TracedDirectory, Map<string, TracedNode>>();
  const lost = new Map<TracedDirectory, Set<string>>();
  const isLost = ({ parent, name }: NameChange): boolean => lost.get(parent)?.has(name) === true;
  for (const change of directoryChanges) {
    if (!keeps(change) || change.names.some(isLost)) {
      for (const { parent, name } of change.names) {
        lost.set(parent, (lost.get(parent) ?? new Set()).add(name));
      }
      continue;
    }
    for (const { parent, name, to } of change.names) {
      const entries = names.get(parent) ?? new Map(parent.durable);
      names.set(parent, entries);
      setName(entries, name, to);
    }
  }
  return names;
}

function survivingContent(file: TracedFile, next: Chance): Uint8Array {
  const { changes } = file;
  if (changes.length === 0) return file.durable;
  const keeps = keeper(changes, next);
  const isShuffled = next() < 0.3;
  const kept = changes.filter(keeps);
  let content = file.durable;
  for (const change of isShuffled ? shuffled(kept, next) : kept) content = changed(content, change);
  // One of those that did not stay may have come in part.
  const lost = changes.filter((change) => !kept.includes(change));
  const torn = lost[Math.floor(next() * lost.length)];
  if (torn === undefined || next() < 0.3) return content;
  return withPart(content, torn, next);
}

/** Which changes stay: none, all, the first few, or each by chance. */
function keeper<T extends DirectoryChange | FileChange>(
  changes: readonly T[],
  next: Chance,
): (change: T) => boolean {
  const kind = next();
  if (kind < 0.4) {
    const last = changes[Math.floor(next() * (changes.length + 1))];
    if (last === undefined) return () => true;
    const end = changes.indexOf(last);
    return (change) => changes.indexOf(change) < end;
  }
  const keepChance = keepChances[Math.floor(next() * keepChances.length)] ?? 0.5;
  const kept = new Set(changes.filter(() => next() < keepChance));
  return (change) => kept.has(change);
}

function shuffled<T>(items: readonly T[], next: Chance): readonly T[] {
  const keyed = items.map((item) => ({ item, key: next() }));
  return keyed.toSorted((one, other) => one.key - other.key).map(({ item }) => item);
}

/** Some sectors of a write; of its others come zeros, garbage, or nothing. */
function withPart(content: Uint8Array, change: FileChange, next: Chance): Uint8Array {
  if (change.kind === 'size') return changed(content, change);
  const { at, bytes } = change;
  const end = at + bytes.length;
  const keepChance = keepChances[Math.floor(next() * keepChances.length)] ?? 0.5;
  const grows = end > content.length;
  // The size may be there before the bytes, or stop at a sector of them.
  const size = grows ? Math.max(content.length, at + Math.floor(next() * (bytes.length + 1))) : 0;
  const result = new Uint8Array(Math.max(size, content.length));
  result.set(content);
  for (let from = at; from < Math.min(end, result.length); ) {
    const to = Math.min((Math.floor(from / sectorBytes) + 1) * sectorBytes, end, result.length);
    const fate = next();
    if (fate < keepChance) result.set(bytes.subarray(from - at, to - at), from);
    else if (fate > 0.95) harm(result, content, { from, to, bytes, at }, next);
    from = to;
  }
  return result;
}

/** Zeros or garbage, but only where the write would have changed a byte: see src/platform/sim/crash. */
function harm(
  result: Uint8Array,
  content: Uint8Array,
  part: {
    readonly from: number;
    readonly to: number;
    readonly bytes: Uint8Array;
    readonly at: number;
  },
  next: Chance,
): void {
  const isZero = next() < 0.5;
  for (let index = part.from; index < part.to; index += 1) {
    if (content[index] === part.bytes[index - part.at]) continue;
    result[index] = isZero ? 0 : Math.floor(next() * 256);
  }
}
