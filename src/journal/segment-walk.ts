/**
 * What follows what in a segment: an origin, then batches, marks and at last a seal or a close. The
 * rule stands here once, for those who read a segment whole and for those who read along while it
 * is written. Pure.
 */
import { batchFramesMax, fileHeaderBytes } from '../base/quantities.ts';
import { decodeControl, frameType, isControlType } from '../format/control.ts';
import type { CommitSummary, Control } from '../format/control.ts';
import { frameBytes } from '../format/frame.ts';
import type { Frame } from '../format/frame.ts';
import { checkCommit, journalSeqsFollow } from './batch.ts';

/** The end of a batch. */
export interface BatchEnd {
  readonly endOffset: number;
  /** Journal seq of its last frame. */
  readonly lastSeq: number;
  /** Its checksum, which the next batch repeats. */
  readonly checksum: bigint;
}

/** What a frame changed: a batch is whole, something else follows, or why it does not follow. */
export type SegmentStep =
  | { readonly kind: 'batch'; readonly frames: readonly Frame[]; readonly end: BatchEnd }
  | { readonly kind: 'follows' }
  | { readonly kind: 'fault'; readonly reason: string };

const follows: SegmentStep = { kind: 'follows' };

/** A walk through one segment, from its first frame on. Frames are given in order. */
export class SegmentWalk {
  origin: Control | null = null;
  seal: Control | null = null;
  close: Control | null = null;
  /** Offset behind the last frame that follows; a batch without its commit does not. */
  end: number = fileHeaderBytes;
  /** Batch checksum and journal seq there. */
  checksum = 0n;
  lastSeq = 0;
  /** Highest durable mark, and first needed segment, told so far. */
  durableMark = 0;
  firstSegment = 0;
  #pending: Frame[] = [];

  /** Takes the next frame. After a fault nothing follows any more, but for `again`. */
  take(frame: Frame): SegmentStep {
    if (this.seal !== null || this.close !== null) {
      return fault(`frame behind the end at ${frame.offset}`);
    }
    if (frame.type === frameType.commit) return this.#commit(frame);
    if (isControlType(frame.type)) return this.#control(frame);
    if (this.origin === null) return fault(`no origin before the frame at ${frame.offset}`);
    if (this.#pending.length === batchFramesMax) return fault(`no commit before ${frame.offset}`);
    this.#pending.push(frame);
    return follows;
  }

  /** The next frame will be the one at `end` again: what was there is still being written. */
  again(): void {
    this.#pending = [];
  }

  /** Takes over what any valid frame tells. */
  learn(told: { readonly durableMark: number; readonly firstSegment: number }): void {
    this.durableMark = Math.max(this.durableMark, told.durableMark);
    this.firstSegment = Math.max(this.firstSegment, told.firstSegment);
  }

  #commit(frame: Frame): SegmentStep {
    const frames = this.#pending;
    const commit = this.#checked(frame, frames);
    if (typeof commit === 'string') return fault(`commit does not hold: ${commit}`);
    this.#pending = [];
    this.checksum = commit.checksum;
    this.lastSeq = commit.lastSeq;
    this.end = endOf(frame);
    this.learn(commit);
    const end = { endOffset: this.end, lastSeq: commit.lastSeq, checksum: commit.checksum };
    return { kind: 'batch', frames, end };
  }

  #checked(frame: Frame, frames: readonly Frame[]): CommitSummary | string {
    if (this.origin === null) return 'no origin';
    const expected = { previousChecksum: this.checksum, nextSeq: this.lastSeq + 1 };
    const commit = checkCommit(frame, frames, expected);
    if (typeof commit === 'string') return commit;
    return journalSeqsFollow(frames, commit) ? commit : 'sequence';
  }

  #control(frame: Frame): SegmentStep {
    if (this.#pending.length > 0) return fault(`control frame inside a batch at ${frame.offset}`);
    const control = decodeControl(frame.payload);
    if (control === null) return fault(`control frame without its layout at ${frame.offset}`);
    if (frame.type === frameType.origin) {
      if (this.origin !== null) return fault(`second origin at ${frame.offset}`);
      this.origin = control;
      this.checksum = control.checksum;
      this.lastSeq = control.lastSeq;
    } else {
      if (this.origin === null) return fault(`no origin before the frame at ${frame.offset}`);
      const isHere = control.checksum === this.checksum && control.lastSeq === this.lastSeq;
      if (!isHere) return fault(`control frame of another place at ${frame.offset}`);
      if (frame.type === frameType.seal) this.seal = control;
      if (frame.type === frameType.close) this.close = control;
    }
    this.learn(control);
    this.end = endOf(frame);
    return follows;
  }
}

function fault(reason: string): SegmentStep {
  return { kind: 'fault', reason };
}

function endOf(frame: Frame): number {
  return frame.offset + frameBytes(frame.payload.length);
}
