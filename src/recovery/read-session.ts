/**
 * Reads a session as entries: its history, proven up to the vouched end, and then entries of a
 * journal behind it. Used to tell what a session holds and to check it; `open-reading` opens it.
 */
import { HoldfastError } from '../base/errors.ts';
import { isEntryType } from '../format/control.ts';
import type { Frame } from '../format/frame.ts';
import type { Head } from '../format/head.ts';
import { emptyVouched } from '../format/head.ts';
import { walkHistory } from '../history/history-walk.ts';
import type { Step, WalkResult, WalkStart } from '../history/history-walk.ts';
import { decodeRecovered } from '../history/history-frames.ts';
import { recoveryNotesMax } from '../history/base-frame.ts';
import type { TimedNote } from '../history/base-frame.ts';
import type { FrameSource } from '../journal/frame-source.ts';
import type { Frames } from '../journal/frame-table.ts';
import type { File, FileSystem } from '../platform/file-system.ts';
import { decodeEvent } from '../session/event-codec.ts';
import { isCut } from '../session/cuts.ts';
import type { Cut, Entry } from '../session/event.ts';
import { nextDigest } from '../session/content-digest.ts';
import { foldEntry, foldGlance, foldRecovered, foldUnreadable } from '../session/fold.ts';
import { imageOf, newFold, restoreConversation, undigested } from '../session/fold.ts';
import { glancedDigest } from '../session/glanced-digest.ts';
import { glanceAt } from '../session/message-glance.ts';
import { StaleRewinds } from '../session/stale-rewinds.ts';
import type { StateImage } from '../session/state.ts';
import type { Digest, Fold } from '../session/fold.ts';
import { eventFrameType, isPassedOver, streamFrameType } from '../session/frame-types.ts';
import { BaseCheck } from './base-check.ts';

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
  /** What recovery noted in this session: the newest `recoveryNotesMax`. */
  readonly notes: readonly TimedNote[];
  /** Sequences whose payload does not decode. */
  readonly undecodable: readonly number[];
  /** Bases that are not what they should be: offsets. */
  readonly badBases: readonly number[];
}

/** Entries of a journal, behind those of the history. */
export interface DeadTail {
  readonly frames: Frames;
  readonly source: FrameSource;
  /** `undigested` for who looks at counts only; bases stand in front of a tail. */
  readonly digest?: Digest;
}

/** A place in a history, and what is known there. */
export interface ReadingFrom {
  readonly start: WalkStart;
  readonly fold: Fold;
  readonly notes: readonly TimedNote[];
  /** `undigested` for who looks at counts only, and compares no base with the fold. */
  readonly digest?: Digest;
}

/**
 * Folds a session from the first entry of its history and, behind it, from entries of a journal
 * that died. Every base on the way is compared with what it sums up.
 */
export async function readSession(
  fileSystem: FileSystem,
  path: string,
  head: Head,
  tail: DeadTail | null,
): Promise<SessionReading> {
  const file = await fileSystem.open(path, 'read');
  try {
    return await readWhole(file, head, tail, () => undefined);
  } finally {
    await file.close();
  }
}

/** A whole history, and whether bases stand in it, which were compared with the fold. */
export interface WholeReading extends SessionReading {
  readonly hasBases: boolean;
}

/** The same on an open file. `visit` hears of every sound entry in the history. */
export async function readWhole(
  file: File,
  head: Head,
  tail: DeadTail | null,
  visit: (entry: Frame) => void,
  digest: Digest = nextDigest,
): Promise<WholeReading> {
  const check = new BaseCheck(file, head);
  const from = { start: walkStart, fold: newFold(), notes: [], digest };
  const reading = await readFrom(file, head, from, tail, (frame, step, fold) => {
    if (isEntryType(frame.type) && step.condition === 'sound') visit(frame);
    return check.visit(frame, step, fold);
  });
  // With entries missing, no base can be what it should be.
  const isWhole = reading.walk.damage === null && reading.undecodable.length === 0;
  return { ...reading, badBases: isWhole ? check.finish() : [], hasBases: check.hasSeen };
}

/** Folds a session from a place in its history on. */
export async function readFrom(
  file: File,
  head: Head,
  from: ReadingFrom,
  tail: DeadTail | null,
  visit: (frame: Frame, step: Step, fold: Fold) => void | Promise<void>,
): Promise<SessionReading> {
  const { fold } = from;
  const notes = [...from.notes];
  const undecodable: number[] = [];
  const stale = new StaleRewinds(fold.lastSeq);
  const take = (frame: Frame, digest?: Digest): void => {
    if (frame.type === streamFrameType.recovered) {
      foldRecovered(fold);
      const note = decodeRecovered(frame.payload);
      if (note !== null) notes.push({ note, timeMs: frame.timeMs });
      if (notes.length > recoveryNotesMax) notes.shift();
    } else if (frame.type === eventFrameType.message && takeGlance(fold, frame, digest)) {
      stale.passed(frame.streamSeq);
    } else if (isEntryType(frame.type) && !isPassedOver(frame.type)) {
      let entry: Entry;
      try {
        entry = entryOf(frame);
      } catch {
        // Its checksum holds, so nothing was lost on the medium: told apart from damage.
        undecodable.push(frame.streamSeq);
        return;
      }
      foldEntry(fold, entry, digest);
      stale.folded(entry);
    }
  };
  const mend = async (endOffset: number, behind: DeadTail | null): Promise<void> => {
    if (!stale.isStale) return;
    const { cuts } = fold;
    restoreConversation(fold, await branchState(file, head, { cuts, endOffset, tail: behind }));
    stale.mended();
  };
  const see = (frame: Frame, step: Step): void | Promise<void> => {
    if (step.condition === 'sound') take(frame, from.digest);
    else foldUnreadable(fold, frame.streamSeq);
    return visit(frame, step, fold);
  };
  // A promise for each entry would cost as much as to decode it.
  const walk = await walkHistory(file, head, from.start, (frame, step) => {
    const isMended = frame.type !== streamFrameType.base || !stale.isStale;
    return isMended ? see(frame, step) : mend(frame.offset, null).then(() => see(frame, step));
  });
  if (tail !== null) {
    for await (const frames of tail.source.lendRuns(tail.frames)) {
      for (const frame of frames) if (frame.streamSeq > fold.lastSeq) take(frame, tail.digest);
    }
    foldRecovered(fold);
  }
  await mend(head.vouched.endOffset, tail);
  return { fold, walk, notes, undecodable, badBases: [] };
}

/**
 * Folds a message without decoding it, which takes most of the time of whoever reads everything.
 * False when it has to be decoded.
 */
function takeGlance(fold: Fold, frame: Frame, digest: Digest = nextDigest): boolean {
  const { payload, streamSeq: seq, timeMs } = frame;
  const glance = glanceAt(payload);
  if (glance === null) return false;
  const before = fold.contentDigest;
  const next = digest === undigested ? before : glancedDigest(before, payload, glance);
  return next !== null && foldGlance(fold, { seq, timeMs }, glance, next);
}

/** The conversation without its cuts, folded again from the first entry on: see `StaleRewinds`. */
async function branchState(
  file: File,
  head: Head,
  of: {
    readonly cuts: readonly Cut[];
    readonly endOffset: number;
    readonly tail: DeadTail | null;
  },
): Promise<StateImage> {
  const fold = newFold();
  const take = (frame: Frame): void => {
    if (frame.type === streamFrameType.recovered) foldRecovered(fold);
    if (!isEntryType(frame.type) || isPassedOver(frame.type)) return;
    if (isCut(of.cuts, frame.streamSeq)) return;
    try {
      foldEntry(fold, entryOf(frame));
    } catch (error) {
      // The reading that asks has counted it among those that do not decode.
      if (!HoldfastError.is(error)) throw error;
    }
  };
  await walkHistory(file, head, walkStart, (frame, step) => {
    if (frame.offset < of.endOffset && step.condition === 'sound') take(frame);
  });
  if (of.tail !== null) {
    for await (const frames of of.tail.source.lendRuns(of.tail.frames)) {
      for (const frame of frames) if (frame.streamSeq > fold.lastSeq) take(frame);
    }
    foldRecovered(fold);
  }
  return imageOf(fold);
}
