/**
 * Reads entries of a bare log from its segments, streaming, every frame checked as if for the first
 * time. It reads up to a fixed sequence, and so never meets what a writer is just bringing in.
 */
import { HoldfastError } from '../base/errors.ts';
import { fileHeaderBytes } from '../base/quantities.ts';
import { isEntryType } from '../format/control.ts';
import { isFault } from '../format/frame.ts';
import type { Frame } from '../format/frame.ts';
import { decodeSegmentHeader } from '../format/segment-header.ts';
import { FrameCursor } from '../journal/frame-cursor.ts';
import { segmentName } from '../journal/segment-maker.ts';
import { readUpTo } from '../platform/file-system.ts';
import type { FileSystem } from '../platform/file-system.ts';
import type { Span } from './spans.ts';

/** Frames of entries have this type. */
export const logEntryType = 32;

/** One entry; the bytes are the caller's own. */
export interface LogEntry {
  readonly seq: number;
  readonly bytes: Uint8Array;
}

/**
 * What is read: spans as they were when the reading began, and the ends of the range, inclusive.
 */
export interface EntryRange {
  readonly spans: readonly Span[];
  readonly from: number;
  readonly to: number;
}

/** The entries of the range, in order. DAMAGED when one is no longer what it was. */
export async function* readEntries(
  fileSystem: FileSystem,
  directory: string,
  range: EntryRange,
  signal: AbortSignal | undefined,
): AsyncGenerator<LogEntry, void, undefined> {
  for (const span of range.spans) {
    signal?.throwIfAborted();
    if (span.lastSeq < range.from || span.firstSeq > range.to) continue;
    const path = `${directory}/${segmentName(span.segment)}`;
    const file = await fileSystem.open(path, 'read');
    try {
      const header = decodeSegmentHeader(await readUpTo(file, 0, fileHeaderBytes));
      if ('kind' in header) throw changed(path, 0, span.firstSeq, span.lastSeq);
      const cursor = new FrameCursor(file, header.salt, fileHeaderBytes, header.bytes);
      for (let seq = span.firstSeq; seq <= Math.min(span.lastSeq, range.to); seq += 1) {
        signal?.throwIfAborted();
        const frame = await nextEntry(cursor);
        if (frame?.streamSeq !== seq) throw changed(path, cursor.offset, seq, span.lastSeq);
        if (seq >= range.from && frame.type === logEntryType)
          yield { seq, bytes: frame.payload.slice() };
      }
    } finally {
      await file.close();
    }
  }
}

async function nextEntry(cursor: FrameCursor): Promise<Frame | null> {
  for (;;) {
    const frame = await cursor.next();
    if (frame === null || isFault(frame)) return null;
    if (isEntryType(frame.type)) return frame;
  }
}

function changed(path: string, offset: number, from: number, to: number): HoldfastError<'DAMAGED'> {
  return new HoldfastError(
    'DAMAGED',
    `Cannot read entry ${from} at offset ${offset} of ${JSON.stringify(path)}: its bytes have ` +
      'changed; close the log and open it again to see what is left',
    { sessions: [{ id: 'log', lost: [{ from, to }] }], file: path, offset },
  );
}
