/**
 * Reads a whole session as entries: its history, proven up to the vouched end, and then entries of
 * a journal behind it. Used to tell what a session holds, to check it, and to open it.
 */
import { isEntryType } from '../format/control.ts';
import type { Frame } from '../format/frame.ts';
import type { Head } from '../format/head.ts';
import { emptyVouched } from '../format/head.ts';
import { walkHistory } from '../history/history-walk.ts';
import type { WalkResult, WalkStart } from '../history/history-walk.ts';
import { decodeRecovered } from '../history/history-frames.ts';
import type { RecoveredNote } from '../history/history-frames.ts';
import type { FrameSource } from '../journal/frame-source.ts';
import type { FrameRef } from '../journal/segment-reader.ts';
import type { File, FileSystem } from '../platform/file-system.ts';
import type { Entry } from '../session/event.ts';
import { decodeEvent } from '../session/event-codec.ts';
import { foldEntry, foldRecovered, newFold } from '../session/fold.ts';
import type { Fold } from '../session/fold.ts';
import { isPassedOver, streamFrameType } from '../session/frame-types.ts';

/** Where the first frame of a history stands. */
export const walkStart: WalkStart = {
  offset: emptyVouched.endOffset,
  seq: 0,
  chain: emptyVouched.chain,
  batchChecksum: emptyVouched.batchChecksum,
};

/** The entry in a frame. UNDECODABLE when its payload is none. */
export function entryOf(frame: Frame): Entry {
  const { event, idempotencyKey } = decodeEvent(frame.type, frame.payload);
  const entry = { seq: frame.streamSeq, timeMs: frame.timeMs, event };
  return idempotencyKey === undefined ? entry : { ...entry, idempotencyKey };
}

/** A session, folded, and what reading it found. */
export interface SessionReading {
  readonly fold: Fold;
  readonly walk: WalkResult;
  readonly notes: readonly { readonly note: RecoveredNote; readonly timeMs: number }[];
  /** Sequences whose payload does not decode. */
  readonly undecodable: readonly number[];
}

/** Folds a session from its history and, behind it, from entries of a journal that died. */
export async function readSession(
  fileSystem: FileSystem,
  path: string,
  head: Head,
  tail: { readonly frames: readonly FrameRef[]; readonly source: FrameSource } | null,
  visit: (entry: Entry, batchOffset: number) => void = () => undefined,
): Promise<SessionReading> {
  const file = await fileSystem.open(path, 'read');
  try {
    return await foldFile(file, head, tail, visit);
  } finally {
    await file.close();
  }
}

async function foldFile(
  file: File,
  head: Head,
  tail: { readonly frames: readonly FrameRef[]; readonly source: FrameSource } | null,
  visit: (entry: Entry, batchOffset: number) => void,
): Promise<SessionReading> {
  const fold = newFold();
  const notes: { note: RecoveredNote; timeMs: number }[] = [];
  const undecodable: number[] = [];
  const take = (frame: Frame, batchOffset: number): void => {
    if (frame.type === streamFrameType.recovered) {
      foldRecovered(fold);
      const note = decodeRecovered(frame.payload);
      if (note !== null) notes.push({ note, timeMs: frame.timeMs });
    } else if (isEntryType(frame.type) && !isPassedOver(frame.type)) {
      let entry: Entry;
      try {
        entry = entryOf(frame);
      } catch {
        // Its checksum holds, so nothing was lost on the medium: told apart from damage.
        undecodable.push(frame.streamSeq);
        return;
      }
      foldEntry(fold, entry);
      visit(entry, batchOffset);
    }
  };
  const walk = await walkHistory(file, head, walkStart, take);
  if (tail !== null) {
    for (const ref of tail.frames) {
      if (ref.streamSeq > fold.lastSeq) take(await tail.source.read(ref), -1);
    }
    foldRecovered(fold);
  }
  return { fold, walk, notes, undecodable };
}
