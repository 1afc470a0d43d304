/**
 * The entries of a session in the order of their seq, from wherever they stand: the history up to
 * its vouched end, and behind it a journal. Reading is streaming; nothing is held but one window.
 */
import { HoldfastError, errnoOf, fromSystem } from '../base/errors.ts';
import { isEntryType } from '../format/control.ts';
import { frameBytes, isFault } from '../format/frame.ts';
import type { Frame } from '../format/frame.ts';
import type { Block, BlockIndex } from '../history/block-index.ts';
import { readHead } from '../history/history-file.ts';
import { derivedInGap, isDerived } from '../history/derived.ts';
import { FrameCursor } from '../journal/frame-cursor.ts';
import type { FramePlace, FrameSource } from '../journal/frame-source.ts';
import type { File, FileSystem } from '../platform/file-system.ts';
import type { Head } from '../format/head.ts';
import { entryOf } from '../recovery/read-session.ts';
import { incarnationOf } from '../recovery/scan.ts';
import type { Entry } from '../session/event.ts';
import { isPassedOver } from '../session/frame-types.ts';
import type { ReadOptions } from './api.ts';
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
 * Entries in order, or in reverse. INVALID for a range that is none or an unknown option; DAMAGED
 * when bytes have rotted; NOT_FOUND when the session was deleted meanwhile.
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
interface Piece {
  readonly entries: readonly Entry[];
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
  while (next <= to) {
    const { entries, nextSeq } = await readAt(fileSystem, view, next);
    const wanted = entries.filter((entry) => entry.seq >= next && entry.seq <= to);
    if (wanted.length > 0) yield wanted;
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
    const { entries, previousSeq } = await readAt(fileSystem, view, next);
    const wanted = entries.filter((entry) => entry.seq <= next && entry.seq >= from);
    if (wanted.length > 0) yield wanted.reverse();
    next = Math.min(next - 1, previousSeq);
  }
}

/** The block of the history around a seq. */
async function readBlock(
  fileSystem: FileSystem,
  view: () => ContentView,
  seq: number,
): Promise<Piece> {
  const file = await fileSystem.open(view().path, 'read');
  try {
    // Head and index of one moment: settling goes on.
    const now = view();
    const block = await now.index.find(file, now.head, seq);
    return { ...block, entries: await entriesOf(file, now, block) };
  } finally {
    await file.close();
  }
}

async function entriesOf(file: File, view: ContentView, block: Block): Promise<readonly Entry[]> {
  const { salt, vouched } = view.head;
  const cursor = new FrameCursor(file, salt, block.from, block.to);
  const entries: Entry[] = [];
  for (;;) {
    const frame = await cursor.next();
    if (frame === null) return entries;
    if (isFault(frame)) {
      if (isDerived(frame)) {
        cursor.offset += frameBytes(frame.header.payloadBytes);
        continue;
      }
      await cursor.resume();
      const gap = { from: frame.offset, to: cursor.offset };
      const derived = await derivedInGap(file, { salt, end: vouched.endOffset }, gap);
      if (derived === null) throw rotten(view, frame.offset);
      continue;
    }
    if (frame.offset === block.from && frame.streamSeq !== block.seq) {
      throw rotten(view, frame.offset);
    }
    if (!isEntryType(frame.type) || isPassedOver(frame.type)) continue;
    entries.push(entryAt(frame));
  }
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
): Promise<Piece> {
  let piece: Piece;
  try {
    piece = await readPiece(fileSystem, view, seq);
  } catch (error) {
    if (await isDeleted(fileSystem, view())) throw deletedMeanwhile(view());
    throw fromSystem(error, `read session ${quoted(view())}`, view().path);
  }
  const isEmpty = piece.entries.length === 0;
  if (isEmpty && (await isDeleted(fileSystem, view()))) throw deletedMeanwhile(view());
  return piece;
}

/** True when this life of the session is over. */
async function isDeleted(fileSystem: FileSystem, { path, head }: ContentView): Promise<boolean> {
  try {
    const { head: found } = await readHead(fileSystem, path);
    return !('kind' in found) && incarnationOf(found) !== incarnationOf(head);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') return false;
    return (await fileSystem.stat(path.slice(0, path.lastIndexOf('/')))) === null;
  }
}

function deletedMeanwhile(view: ContentView): HoldfastError<'NOT_FOUND'> {
  const message = `Cannot read session ${quoted(view)}: it was deleted since it was opened`;
  return new HoldfastError('NOT_FOUND', message, { what: view.head.sessionId });
}

function quoted({ head }: ContentView): string {
  return JSON.stringify(head.sessionId);
}

/** A block of the history, or the one entry in the journal. */
async function readPiece(
  fileSystem: FileSystem,
  view: () => ContentView,
  seq: number,
): Promise<Piece> {
  const now = view();
  if (seq > now.head.vouched.seq) {
    try {
      const entries = await readTail(now, seq);
      return { entries, previousSeq: seq - 1, nextSeq: seq + 1 };
    } catch (error) {
      // Settled, and its segment gone, since it was looked up: the history has it then.
      if (seq > view().head.vouched.seq) throw error;
    }
  }
  return readBlock(fileSystem, view, seq);
}

async function readTail(view: ContentView, seq: number): Promise<readonly Entry[]> {
  const first = view.tail[0]?.seq ?? seq;
  const place = view.tail[seq - first];
  if (place === undefined || place.seq !== seq || view.source === null) return [];
  return [entryAt(await view.source.read(place))];
}

function entryAt(frame: Frame): Entry {
  try {
    return entryOf(frame);
  } catch (cause) {
    throw new HoldfastError(
      'UNDECODABLE',
      `Cannot decode entry ${frame.streamSeq}: its checksums hold, its payload is not an event; ` +
        'please report this',
      { file: null, offset: frame.offset },
      { cause },
    );
  }
}

function rotten(view: ContentView, offset: number): HoldfastError<'DAMAGED'> {
  const id = view.head.sessionId;
  return new HoldfastError(
    'DAMAGED',
    `Cannot read session ${JSON.stringify(id)}: the history is damaged at offset ${offset}; ` +
      'run `recover verify` to see what is lost',
    { sessions: [{ id, lost: [] }], file: view.path, offset },
  );
}
