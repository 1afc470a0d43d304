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
