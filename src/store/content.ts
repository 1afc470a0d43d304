/**
 * The entries of a session in the order of their seq, from wherever they stand: the history up to
 * its vouched end, and behind it a journal. Reading is streaming; nothing is held but one window.
 */
import { HoldfastError } from '../base/errors.ts';
import { frameHeaderBytes } from '../base/quantities.ts';
import { isEntryType } from '../format/control.ts';
import { isFault } from '../format/frame.ts';
import type { Frame } from '../format/frame.ts';
import { isDerived } from '../history/history-walk.ts';
import { FrameCursor } from '../journal/frame-cursor.ts';
import type { FramePlace, FrameSource } from '../journal/frame-source.ts';
import type { FileSystem } from '../platform/file-system.ts';
import type { Head } from '../format/head.ts';
import { entryOf } from '../recovery/read-session.ts';
import type { Entry } from '../session/event.ts';
import { isPassedOver } from '../session/frame-types.ts';
import type { ReadOptions } from './api.ts';
import { requireKnown } from './known-options.ts';

const readOptions = ['from', 'to', 'reverse', 'limit', 'signal'];

/** An entry that is still in a journal. */
export interface TailPlace extends FramePlace {
  readonly seq: number;
}

/** Where batches of a history begin: seq of their first entry, and offset. Ascending. */
export interface BatchIndex {
  readonly seqs: number[];
  readonly offsets: number[];
}

/** Fills an index while a history is walked. */
export function indexer(index: BatchIndex): (entry: Entry, batchOffset: number) => void {
  return (entry, batchOffset) => {
    // Entries that are still in a journal stand in no batch of the history.
    if (batchOffset < 0 || index.offsets.at(-1) === batchOffset) return;
    index.seqs.push(entry.seq);
    index.offsets.push(batchOffset);
  };
}

/** What a read works on; asked again at every block, because settling goes on meanwhile. */
export interface ContentView {
  readonly path: string;
  readonly head: Head;
  readonly index: BatchIndex;
  readonly tail: readonly TailPlace[];
  readonly source: FrameSource | null;
  readonly lastSeq: number;
}

/**
 * Entries in order, or in reverse. INVALID for a range that is none or an unknown option; DAMAGED
 * when bytes have rotted.
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
  const message = `Cannot read: "${name}" must be a whole number from 0, not ${String(value)}`;
  throw new HoldfastError('INVALID', message, { path: name });
}

async function* forward(
  fileSystem: FileSystem,
  view: () => ContentView,
  from: number,
  to: number,
): AsyncGenerator<readonly Entry[]> {
  let next = Math.max(1, from);
  while (next <= to) {
    const entries = await readAt(fileSystem, view, next);
    const wanted = entries.filter((entry) => entry.seq >= next && entry.seq <= to);
    if (wanted.length > 0) yield wanted;
    const last = entries.at(-1)?.seq ?? 0;
    next = last >= next ? last + 1 : behindGap(view(), next);
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
    const entries = await readAt(fileSystem, view, next);
    const wanted = entries.filter((entry) => entry.seq <= next && entry.seq >= from);
    if (wanted.length > 0) yield wanted.reverse();
    next = Math.min(next, entries[0]?.seq ?? next) - 1;
  }
}

/** A loss that somebody accepted may span many sequences: the next batch begins behind it. */
function behindGap({ index, head }: ContentView, seq: number): number {
  const start = index.seqs[blockOf(index, seq) + 1] ?? head.vouched.seq + 1;
  return Math.max(seq + 1, start);
}

/** The last batch that begins at or before the seq. */
function blockOf(index: BatchIndex, seq: number): number {
  let low = 0;
  let high = index.seqs.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((index.seqs[middle] ?? 0) <= seq) low = middle;
    else high = middle - 1;
  }
  return low;
}

async function readBlock(
  fileSystem: FileSystem,
  view: ContentView,
  block: number,
): Promise<readonly Entry[]> {
  const { head, index, path } = view;
  const start = index.offsets[block] ?? head.vouched.endOffset;
  const end = index.offsets[block + 1] ?? head.vouched.endOffset;
  const file = await fileSystem.open(path, 'read');
  try {
    const cursor = new FrameCursor(file, head.salt, start, end);
    const entries: Entry[] = [];
    for (;;) {
      const frame = await cursor.next();
      if (frame === null) return entries;
      if (isFault(frame)) {
        if (!isDerived(frame)) throw rotten(view, frame.offset);
        cursor.offset += frameHeaderBytes;
        if (!(await cursor.resume())) return entries;
        continue;
      }
      if (!isEntryType(frame.type) || isPassedOver(frame.type)) continue;
      entries.push(entryAt(frame));
    }
  } finally {
    await file.close();
  }
}

/** The block around a seq: a batch of the history, or the one entry in the journal. */
async function readAt(
  fileSystem: FileSystem,
  view: () => ContentView,
  seq: number,
): Promise<readonly Entry[]> {
  const now = view();
  if (seq > now.head.vouched.seq) {
    try {
      return await readTail(now, seq);
    } catch (error) {
      // Settled, and its segment gone, since it was looked up: the history has it then.
      if (seq > view().head.vouched.seq) throw error;
    }
  }
  const later = view();
  return readBlock(fileSystem, later, blockOf(later.index, seq));
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
