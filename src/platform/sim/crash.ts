/**
 * What power loss leaves of a file. Synced bytes stay. Of the rest, each 512-byte sector may have
 * reached the disk, or not, or may hold zeros (the size was written before the data) or garbage
 * (the sector was being written).
 *
 * Within a sector, only bytes that differ from the synced ones are ever harmed: a disk does not
 * change bytes that were not written (SQLite's "power-safe overwrite"). `sharedSectors: 'torn'`
 * drops this assumption and harms the whole sector.
 */
import type { Content } from './content.ts';
import { pageBytes, sectorBytes } from './content.ts';
import { fileNode, linkNode } from './nodes.ts';
import type { FileNode, SimNode } from './nodes.ts';
import type { Prng } from './prng.ts';
import type { Tree } from './tree.ts';
import { unreachable } from '../../base/assert.ts';

/** How a crash decides what is left. */
export interface CrashOptions {
  /**
   * What happens to that which was not synced: all of it is lost, all of it is kept (but for pages
   * whose sync has failed), or each part is decided by chance. Default `random`.
   */
  readonly keep?: 'none' | 'all' | 'random';
  /**
   * The same for names alone, when they fare otherwise than contents: a rename may reach the disk
   * before the bytes of the file, or the bytes before the rename. Default: as `keep`.
   */
  readonly names?: 'none' | 'all' | 'random';
  /**
   * Decides for every page of 4 KiB, counted in its file, instead of `keep`: for disks that wrote
   * late what was written first.
   */
  readonly keepPage?: (page: number) => boolean;
  /**
   * Decides for every part that is not durable, by its name in `unsyncedParts()` of the machine,
   * instead of all the above: so every disk that power loss may leave can be had, one after the
   * other.
   */
  readonly keepPart?: (part: string) => boolean;
  /** Default `safe`. */
  readonly sharedSectors?: 'safe' | 'torn';
  /** Decides by this seed; by default by the disk's own, which goes on from crash to crash. */
  readonly seed?: number;
}

/** How likely a part survives, drawn anew for each crash, so that extremes come often. */
const keepChances = [0, 0.1, 0.5, 0.9, 1] as const;

/** One possible disk after power loss. The tree that is given stays as it was. */
export function crashTree(tree: Tree, options: CrashOptions, prng: Prng): Tree {
  const keep = options.keep ?? 'random';
  const chances = { names: prng.pick(keepChances), sectors: prng.pick(keepChances) };
  const torn = options.sharedSectors === 'torn';
  const names = options.names ?? keep;
  const keepName = (): boolean =>
    names === 'random' ? prng.chance(chances.names) : names === 'all';
  const { keepPart } = options;
  if (keepPart !== undefined) {
    const kept = (file: FileNode): Content => partsKept(file, keepPart);
    const isNameKept = (index: number): boolean => keepPart(namePart(index));
    return tree.afterPowerLoss(isNameKept, (node) => copyAs(node, kept));
  }
  const content = (file: FileNode): Content => {
    if (options.keepPage !== undefined) return writtenBack(file, options.keepPage);
    switch (keep) {
      case 'none':
        return file.synced.share();
      case 'all':
        return writtenBack(file);
      case 'random':
        return new SectorLottery(file, prng, chances.sectors, torn).run();
      default:
        return unreachable(keep);
    }
  };
  return tree.afterPowerLoss(keepName, (node) => copyAs(node, content));
}

/**
 * Names of all that power loss may keep or drop on its own: changes of names, sizes, and sectors of
 * 512 bytes that differ from what was synced. Those of files that have no name any more are left
 * out, and those of files whose name is not to be looked at.
 */
export function unsyncedParts(tree: Tree, isOfInterest: (name: string) => boolean): string[] {
  const parts = Array.from({ length: tree.unsyncedChanges }, (_, index) => namePart(index));
  for (const [file, name] of tree.files()) {
    if (!isOfInterest(name)) continue;
    if (file.live.size !== file.synced.size) parts.push(sizePart(file));
    for (const { sector } of changedSectors(file)) parts.push(sectorPart(file, sector));
  }
  return parts;
}

const namePart = (index: number): string => `name ${index}`;
const sizePart = (file: FileNode): string => `size ${file.inode}`;
const sectorPart = (file: FileNode, sector: number): string => `sector ${file.inode} ${sector}`;

/** Sectors in which live and synced bytes differ, by their number in the file. */
function* changedSectors(file: FileNode): Generator<{ sector: number; bytes: Uint8Array }> {
  const { live, synced } = file;
  for (let page = 0; page < live.pageCount; page++) {
    if (live.page(page) === synced.page(page)) continue;
    for (let from = 0; from < pageBytes; from += sectorBytes) {
      const bytes = live.page(page).subarray(from, from + sectorBytes);
      const before = synced.page(page).subarray(from, from + sectorBytes);
      if (Buffer.compare(bytes, before) === 0) continue;
      yield { sector: (page * pageBytes + from) / sectorBytes, bytes };
    }
  }
}

function partsKept(file: FileNode, keepPart: (part: string) => boolean): Content {
  const result = file.synced.share();
  if (file.live.size !== file.synced.size && keepPart(sizePart(file))) {
    result.resize(file.live.size);
  }
  const ignored = new Set<number>();
  for (const { sector, bytes } of changedSectors(file)) {
    const at = sector * sectorBytes;
    const room = Math.min(bytes.length, result.size - at);
    if (room > 0 && keepPart(sectorPart(file, sector))) {
      result.write(bytes.subarray(0, room), at, ignored);
    }
  }
  return result;
}

/** A copy of a file with all its states, for a machine that runs on. */
export function copyRunning(node: SimNode): SimNode {
  if (node.kind !== 'file') return copyAs(node, (file) => file.live);
  const copy = fileNode(node.inode, node.synced.share(), node.modifiedMs);
  copy.live = node.live.share();
  for (const page of node.dirty) copy.dirty.add(page);
  copy.links = node.links;
  return copy;
}

function copyAs(node: SimNode, content: (file: FileNode) => Content): SimNode {
  if (node.kind === 'link') {
    const link = linkNode(node.inode, node.target, node.modifiedMs);
    link.links = node.links;
    return link;
  }
  return node.kind === 'file' ? fileNode(node.inode, content(node), node.modifiedMs) : node;
}

function writtenBack(file: FileNode, isKept: (page: number) => boolean = () => true): Content {
  const result = file.synced.share();
  result.resize(file.live.size);
  for (const page of file.dirty) {
    if (page < result.pageCount && isKept(page)) result.takePage(page, file.live);
  }
  return result;
}

/** Draws the fate of every sector of one file. */
class SectorLottery {
  readonly #file: FileNode;
  readonly #prng: Prng;
  readonly #keepChance: number;
  readonly #torn: boolean;
  readonly #ignored = new Set<number>();

  constructor(file: FileNode, prng: Prng, keepChance: number, torn: boolean) {
    this.#file = file;
    this.#prng = prng;
    this.#keepChance = keepChance;
    this.#torn = torn;
  }

  run(): Content {
    const { live, synced } = this.#file;
    const result = synced.share();
    result.resize(this.#drawSize());
    const pages = Math.min(live.pageCount, result.pageCount);
    for (let page = 0; page < pages; page++) {
      // The same object is the same bytes; most pages end here.
      if (live.page(page) !== synced.page(page)) this.#drawPage(page, result);
    }
    return result;
  }

  #drawSize(): number {
    const { live, synced } = this.#file;
    if (live.size === synced.size) return live.size;
    const low = Math.min(live.size, synced.size);
    const sectors = Math.ceil(Math.abs(live.size - synced.size) / sectorBytes);
    const between = low + this.#prng.below(sectors) * sectorBytes;
    return this.#prng.pick([live.size, synced.size, between]);
  }

  #drawPage(page: number, result: Content): void {
    const written = this.#file.live.page(page);
    const before = this.#file.synced.page(page);
    const end = Math.min(this.#file.live.size, result.size) - page * pageBytes;
    for (let from = 0; from < Math.min(pageBytes, end); from += sectorBytes) {
      const to = Math.min(from + sectorBytes, end);
      const fresh = written.subarray(from, to);
      const old = before.subarray(from, to);
      if (Buffer.compare(fresh, old) === 0) continue;
      const sector = this.#drawSector(fresh, old);
      if (sector !== null) result.write(sector, page * pageBytes + from, this.#ignored);
    }
  }

  /** What the sector holds afterwards; null when nothing of it was written. */
  #drawSector(fresh: Uint8Array, old: Uint8Array): Uint8Array | null {
    if (this.#prng.chance(this.#keepChance)) return fresh;
    const fate = this.#prng.below(4);
    if (fate < 2) return null;
    const harmed = new Uint8Array(fresh.length);
    if (fate === 3) this.#prng.fill(harmed);
    if (this.#torn) return harmed;
    for (let index = 0; index < harmed.length; index++) {
      const byte = old[index] ?? 0;
      if (byte === fresh[index]) harmed[index] = byte;
    }
    return harmed;
  }
}
