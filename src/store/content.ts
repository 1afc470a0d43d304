/**
 * The entries of a session in the order of their seq, from wherever they stand: the history up to
 * its vouched end, and behind it a journal. Reading is streaming; nothing is held but one window.
 */
import { HoldfastError, errnoOf, fromSystem } from '../base/errors.ts';
import { indexBlockBytes, readChunkBytes } from '../base/quantities.ts';
import type { Block, BlockIndex } from '../history/block-index.ts';
import { readHead } from '../history/history-file.ts';
import type { FramePlace, FrameSource } from '../journal/frame-source.ts';
import { parentOf } from '../platform/file-system.ts';
import type { File, FileSystem } from '../platform/file-system.ts';
import type { Head } from '../format/head.ts';
import { incarnationOf } from '../recovery/scan.ts';
import type { Entry } from '../session/event.ts';
import type { ReadOptions } from './api.ts';
import { entryAt, isTouched, readFrames } from './block-content.ts';
import type { BlockContent } from './block-content.ts';
import { requireKnown } from '../base/known-options.ts';
import { shown } from '../base/shown.ts';

/** What a read takes. */
export const readOptions: readonly string[] = ['from', 'to', 'reverse', 'limit', 'signal'];

/** An entry that is still in a journal. */
export interface TailPlace extends FramePlace {
  readonly seq: number;
}

/** What a read works on; asked again at every block, because settling goes on meanwhile. */
export interface ContentView {
  readonly path: string;
  readonly head: Head;
  readonly index: BlockIndex;
  readonly tail: readonly TailPlace[];
  readonly source: FrameSource | null;
  readonly lastSeq: number;
}

/**
 * Entries in order, or in reverse. INVALID for a range that is none or an unknown option; NOT_FOUND
 * when the session was deleted meanwhile; DAMAGED when bytes in the range have rotted, and
 * UNDECODABLE, both behind everything that comes before them in this order.
 */
export async function* readEntries(
  fileSystem: FileSystem,
  view: () => ContentView,
  options: ReadOptions,
): AsyncGenerator<Entry> {
  requireKnown(options, readOptions, 'read');
  const from = boundOf('from', options.from ?? 1);
  const to = Math.min(boundOf('to', options.to ?? Number.MAX_SAFE_INTEGER), view().lastSeq);
  const limit = boundOf('limit', options.limit ?? Number.MAX_SAFE_INTEGER);
  const blocks = options.reverse === true ? backward : forward;
  let count = 0;
  for await (const entries of blocks(fileSystem, view, from, to)) {
    for (const entry of entries) {
      options.signal?.throwIfAborted();
      if (count >= limit) return;
      count += 1;
      yield entry;
    }
    if (count >= limit) return;
  }
}

/** A bound of a read that may be one. INVALID. */
export function boundOf(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  const message = `Cannot read: "${name}" must be a whole number from 0, not ${shown(value)}`;
  throw new HoldfastError('INVALID', message, { path: name });
}

/** What one read gives, and where the ones beside it go on. */
interface Piece extends BlockContent {
  readonly previousSeq: number;
  readonly nextSeq: number;
}

async function* forward(
  fileSystem: FileSystem,
  view: () => ContentView,
  from: number,
  to: number,
): AsyncGenerator<readonly Entry[]> {
  let next = Math.max(1, from);
  let blocks = 1;
  while (next <= to) {
    const { entries, holes, nextSeq } = await readAt(fileSystem, view, next, { to, blocks });
    // Whoever has read so much goes on, and a few entries are not asked for at the price of many.
    blocks = Math.min(blocks * 2, blocksMax);
    const hole = holes.find((one) => isTouched(one, { from, to }));
    const last = Math.min(to, hole?.after ?? to);
    const wanted = entries.filter((entry) => entry.seq >= next && entry.seq <= last);
    if (wanted.length > 0) yield wanted;
    if (hole !== undefined) throw hole.error;
    next = Math.max(next + 1, nextSeq);
  }
}

async function* backward(
  fileSystem: FileSystem,
  view: () => ContentView,
  from: number,
  to: number,
): AsyncGenerator<readonly Entry[]> {
  let next = to;
  while (next >= Math.max(1, from)) {
    const { entries, holes, previousSeq } = await readAt(fileSystem, view, next);
    const hole = holes.findLast((one) => isTouched(one, { from, to }));
    const first = Math.max(from, hole?.before ?? from);
    const wanted = entries.filter((entry) => entry.seq <= next && entry.seq >= first);
    if (wanted.length > 0) yield wanted.reverse();
    if (hole !== undefined) throw hole.error;
    next = Math.min(next - 1, previousSeq);
  }
}

/** How many blocks of the history are read at once, up to a seq, if nothing is wrong with them. */
interface Ahead {
  readonly to: number;
  readonly blocks: number;
}

const oneBlock: Ahead = { to: 0, blocks: 1 };
const blocksMax: number = readChunkBytes / indexBlockBytes;

/** The block of the history around a seq, and those behind it. */
async function readBlock(
  fileSystem: FileSystem,
  view: () => ContentView,
  seq: number,
  ahead: Ahead,
): Promise<Piece> {
  const file = await fileSystem.open(view().path, 'read');
  try {
    // Head and index of one moment: settling goes on.
    const now = view();
    const block = await now.index.find(file, now.head, seq);
    const run = await runFrom(file, now, block, ahead);
    if (run !== block) {
      const content = await readFrames(file, now, run);
      // What is wrong is told of the block that it is in.
      if (content.holes.length === 0) return { ...run, ...content };
    }
    return { ...block, ...(await readFrames(file, now, block)) };
  } finally {
    await file.close();
  }
}

/** The block and those that stand right behind it, about a megabyte at most, as one. */
async function runFrom(
  file: File,
  { head, index }: ContentView,
  first: Block,
  { to, blocks }: Ahead,
): Promise<Block> {
  const last = Math.min(to, head.vouched.seq);
  let run = first;
  for (let count = 1; count < blocks && run.nextSeq <= last; count += 1) {
    const next = await index.find(file, head, run.nextSeq);
    const follows = next.seq === run.nextSeq && next.from >= run.to;
    if (!follows || next.to - first.from > readChunkBytes) break;
    run = { ...run, to: next.to, nextSeq: next.nextSeq };
  }
  return run;
}

/**
 * What stands around a seq. Whatever is read proves by its salt that it is of this session; what
 * cannot be read, or is not there, may be so because the session was deleted meanwhile, and its
 * path is free, or has another life of the same id. NOT_FOUND then.
 */
async function readAt(
  fileSystem: FileSystem,
  view: () => ContentView,
  seq: number,
  ahead: Ahead = oneBlock,
): Promise<Piece> {
  let piece: Piece;
  try {
    piece = await readPiece(fileSystem, view, seq, ahead);
  } catch (error) {
    if (await isDeleted(fileSystem, view())) throw deletedMeanwhile(view());
    throw fromSystem(error, `read session ${quoted(view())}`, view().path);
  }
  const isDoubtful = piece.entries.length === 0 || piece.holes.length > 0;
  if (isDoubtful && (await isDeleted(fileSystem, view()))) throw deletedMeanwhile(view());
  return piece;
}

/** True when this life of the session is over. */
async function isDeleted(fileSystem: FileSystem, { path, head }: ContentView): Promise<boolean> {
  try {
    const { head: found } = await readHead(fileSystem, path);
    return !('kind' in found) && incarnationOf(found) !== incarnationOf(head);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') return false;
    return (await fileSystem.stat(parentOf(path))) === null;
  }
}

function deletedMeanwhile(view: ContentView): HoldfastError<'NOT_FOUND'> {
  const message = `Cannot read session ${quoted(view)}: it was deleted since it was opened`;
  return new HoldfastError('NOT_FOUND', message, { what: view.head.sessionId });
}

function quoted({ head }: ContentView): string {
  return JSON.stringify(head.sessionId);
}

/** Blocks of the history, or the one entry in the journal. */
async function readPiece(
  fileSystem: FileSystem,
  view: () => ContentView,
  seq: number,
  ahead: Ahead,
): Promise<Piece> {
  const now = view();
  if (seq > now.head.vouched.seq) {
    try {
      const entries = await readTail(now, seq);
      return { entries, holes: [], previousSeq: seq - 1, nextSeq: seq + 1 };
    } catch (error) {
      // Settled, and its segment gone, since it was looked up: the history has it then.
      if (seq > view().head.vouched.seq) throw error;
    }
  }
  return readBlock(fileSystem, view, seq, ahead);
}

async function readTail(view: ContentView, seq: number): Promise<readonly Entry[]> {
  const first = view.tail[0]?.seq ?? seq;
  const place = view.tail[seq - first];
  if (place === undefined || place.seq !== seq || view.source === null) return [];
  return [entryAt(await view.source.read(place))];
}
