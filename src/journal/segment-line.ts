/**
 * The line of segments that a writer fills: the active one, and its successor, which is made ahead
 * in small steps. Rotation keeps one rule: nothing in a new segment is acknowledged before the old
 * one is synced through its last commit.
 */
import { assert } from '../base/assert.ts';
import {
  fileHeaderBytes,
  frameHeaderBytes,
  segmentBytesFirst,
  segmentBytesMax,
  segmentReserveBytes,
} from '../base/quantities.ts';
import { aligned } from '../format/bytes.ts';
import { controlBytes, encodeControl, frameType } from '../format/control.ts';
import type { Control } from '../format/control.ts';
import { encodeFrame, frameBytes, noStream } from '../format/frame.ts';
import { xxh64 } from '../format/checksum.ts';
import { writeAll } from '../platform/file-system.ts';
import { discardQuietly, makeSegment, SegmentMaking } from './segment-maker.ts';
import type { Segment, SegmentIdentity, SegmentParts } from './segment-maker.ts';

/**
 * A segment of the usual first size or more that was full sooner is followed by the largest:
 * whoever writes so much would have many waiting to be settled before doubling caught up.
 */
const filledFastMs = 1000;

/** Bytes of a control frame. */
export const controlFrameBytes: number = frameBytes(controlBytes);

/** The active segment and the one that comes after it. */
export class SegmentLine {
  readonly #parts: SegmentParts;
  readonly #identity: SegmentIdentity;
  #active: Segment;
  /** Where the next frame goes. */
  offset: number = fileHeaderBytes;
  /** A write failed here: nothing more goes into it. */
  abandoned = false;
  #making: SegmentMaking | null = null;
  #ready: Segment | null = null;
  #nextBytes: number;
  /** When the active segment was begun. */
  #begunMs: number;

  constructor(parts: SegmentParts, identity: SegmentIdentity, active: Segment) {
    this.#parts = parts;
    this.#identity = identity;
    this.#active = active;
    this.#nextBytes = Math.min(active.header.bytes * 2, segmentBytesMax);
    this.#begunMs = parts.clock.monotonicMs();
  }

  get active(): Segment {
    return this.#active;
  }

  /** True when a batch of so many bytes can go behind the last frame, leaving room for a seal. */
  fits(bytes: number): boolean {
    const end = this.#active.header.bytes - segmentReserveBytes;
    return !this.abandoned && this.offset + bytes <= end;
  }

  /** One step towards the successor; true when there is nothing left to prepare. */
  async prepareStep(): Promise<boolean> {
    if (this.#ready !== null) return true;
    this.#making ??= this.#newMaking(this.#nextBytes);
    try {
      if (!(await this.#making.step())) return false;
    } catch (error) {
      const failed = this.#making;
      this.#making = null;
      await discardQuietly(failed);
      throw error;
    }
    this.#ready = this.#making.take();
    this.#making = null;
    return true;
  }

  /**
   * Makes sure that a successor stands ready that holds a batch of so many bytes. Fails as the disk
   * fails.
   */
  async ensureSuccessor(batch: number): Promise<void> {
    const needed = fileHeaderBytes + controlFrameBytes + batch + segmentReserveBytes;
    const bytes = aligned(Math.max(needed, this.#nextBytes));
    if (this.#ready !== null && this.#ready.header.bytes >= needed) return;
    if (this.#making !== null && this.#making.bytes >= needed) {
      while (!(await this.prepareStep()));
      return;
    }
    if (this.#making !== null) {
      await discardQuietly(this.#making);
      this.#making = null;
    }
    // A larger one replaces a ready one by name: only when it is complete does the smaller one go.
    const number = this.#active.header.number + 1;
    const larger = await makeSegment(this.#parts, this.#identity, { number, bytes });
    const smaller = this.#ready;
    this.#ready = larger;
    if (smaller !== null) await smaller.file.close();
  }

  /** The successor's header, which a seal names. */
  successor(): Segment {
    assert(this.#ready !== null, 'a successor stands ready');
    return this.#ready;
  }

  /** The successor becomes the active segment. The old one was synced by the caller. */
  async advance(): Promise<void> {
    const old = this.#active;
    const next = this.successor();
    this.#active = next;
    this.#ready = null;
    this.offset = fileHeaderBytes;
    this.abandoned = false;
    const nowMs = this.#parts.clock.monotonicMs();
    const isUsual = old.header.bytes >= segmentBytesFirst;
    const isFast = isUsual && nowMs - this.#begunMs < filledFastMs;
    this.#begunMs = nowMs;
    this.#nextBytes = isFast ? segmentBytesMax : Math.min(this.#nextBytes * 2, segmentBytesMax);
    try {
      await old.file.close();
    } catch {
      // It was synced and nothing more goes into it: whatever close says, nothing is lost.
    }
  }

  /** Writes a control frame at the end of the active segment and moves past it. */
  async writeControl(type: number, control: Control, timeMs: number): Promise<void> {
    assert(type !== frameType.commit, 'commits belong to batches');
    const bytes = encodeControlFrame(type, control, timeMs, {
      salt: this.#active.header.salt,
      offset: this.offset,
    });
    await writeAll(this.#active.file, bytes, this.offset);
    this.offset += bytes.length;
  }

  async close(): Promise<void> {
    if (this.#making !== null) await discardQuietly(this.#making);
    this.#making = null;
    if (this.#ready !== null) await this.#ready.file.close();
    await this.#active.file.close();
  }

  #newMaking(bytes: number): SegmentMaking {
    const number = this.#active.header.number + 1;
    return new SegmentMaking(this.#parts, this.#identity, number, bytes);
  }
}

/** The bytes of one control frame. */
export function encodeControlFrame(
  type: number,
  control: Control,
  timeMs: number,
  place: { readonly salt: bigint; readonly offset: number },
): Uint8Array {
  const payload = encodeControl(control);
  const bytes = new Uint8Array(frameBytes(payload.length));
  assert(bytes.length >= frameHeaderBytes, 'a frame has a header');
  const fields = { type, key: noStream, streamSeq: 0, journalSeq: control.lastSeq, timeMs };
  encodeFrame(bytes, 0, place, { ...fields, payloadHash: xxh64(payload) }, payload);
  return bytes;
}
