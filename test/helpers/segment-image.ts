/** Builds the bytes of journal segments by hand, for tests of those who read them. */
import { fileHeaderBytes } from '../../src/base/quantities.ts';
import { xxh64 } from '../../src/format/checksum.ts';
import { attachType, frameType } from '../../src/format/control.ts';
import type { Control } from '../../src/format/control.ts';
import { encodeSegmentHeader } from '../../src/format/segment-header.ts';
import type { SegmentHeader } from '../../src/format/segment-header.ts';
import { encodeBatch } from '../../src/journal/batch.ts';
import type { LooseFrame } from '../../src/journal/batch.ts';
import { encodeControlFrame } from '../../src/journal/segment-line.ts';
import { encodeIntroduction } from '../../src/journal/streams.ts';

export const writerId: Uint8Array = new Uint8Array(16).fill(7);
export const storeId: Uint8Array = new Uint8Array(16).fill(9);
export const streamKey: Uint8Array = new Uint8Array(16).fill(3);

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** A frame of the one stream that these tests have. */
export function loose(
  payload: Uint8Array,
  journalSeq: number,
  streamSeq: number,
  type = 32,
): LooseFrame {
  const payloadHash = xxh64(payload);
  return { type, key: streamKey, streamSeq, journalSeq, timeMs: 1000, payload, payloadHash };
}

/** A segment that grows frame by frame. */
export class SegmentImage {
  readonly header: SegmentHeader;
  readonly bytes: Uint8Array;
  offset: number = fileHeaderBytes;
  checksum = 0n;
  lastSeq = 0;
  streamSeq = 0;
  durableMark = 0;
  firstSegment = 1;
  /** Offset behind each batch. */
  readonly ends: number[] = [];

  constructor(told: Partial<SegmentHeader> = {}) {
    this.header = {
      salt: 0x1234_5678_9abc_def0n,
      bytes: 16_384,
      number: 1,
      createdMs: 1000,
      writer: writerId,
      store: storeId,
      ...told,
    };
    this.bytes = new Uint8Array(this.header.bytes);
    this.bytes.set(encodeSegmentHeader(this.header), 0);
  }

  /** A segment that goes on from another, which it seals if `seal` says so. */
  static after(
    previous: SegmentImage,
    told: Partial<SegmentHeader> & { readonly sealed: 'sealed' | 'abandoned' },
  ): SegmentImage {
    const { sealed, ...header } = told;
    const number = previous.header.number + 1;
    const salt = previous.header.salt + 1n;
    const next = new SegmentImage({ number, salt, ...header });
    const endOffset = previous.offset;
    if (sealed === 'sealed') {
      previous.control(frameType.seal, { segment: next.header.number, salt: next.header.salt });
    }
    next.checksum = previous.checksum;
    next.lastSeq = previous.lastSeq;
    next.streamSeq = previous.streamSeq;
    next.durableMark = previous.lastSeq;
    next.firstSegment = previous.firstSegment;
    next.control(frameType.origin, { segment: previous.header.number, endOffset });
    return next;
  }

  control(type: number, told: Partial<Control> = {}): this {
    const { durableMark, firstSegment, checksum, lastSeq } = this;
    const base = { durableMark, firstSegment, checksum, lastSeq, segment: 0, endOffset: 0 };
    const control = { ...base, salt: 0n, ...told };
    this.put(encodeControlFrame(type, control, 1000, this.place));
    return this;
  }

  origin(): this {
    return this.control(frameType.origin);
  }

  /** A batch of one introduction, for those who follow streams. */
  attach(): this {
    const payload = encodeIntroduction(0n, new Uint8Array(0));
    return this.frames([loose(payload, this.lastSeq + 1, this.streamSeq, attachType)]);
  }

  batch(...payloads: readonly Uint8Array[]): this {
    const frames = payloads.map((payload, index) => {
      return loose(payload, this.lastSeq + 1 + index, this.streamSeq + 1 + index);
    });
    this.streamSeq += payloads.length;
    return this.frames(frames);
  }

  frames(frames: readonly LooseFrame[]): this {
    const encoded = encodeBatch(frames, {
      ...this.place,
      previousChecksum: this.checksum,
      durableMark: this.durableMark,
      firstSegment: this.firstSegment,
      writer: this.header.writer,
      timeMs: 1000,
    });
    this.put(encoded.bytes);
    this.checksum = encoded.checksum;
    this.lastSeq += frames.length;
    this.ends.push(this.offset);
    return this;
  }

  put(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.offset);
    this.offset += bytes.length;
  }

  get place(): { readonly salt: bigint; readonly offset: number } {
    return { salt: this.header.salt, offset: this.offset };
  }
}
