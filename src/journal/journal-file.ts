/**
 * What stands on disk of one journal, and the operations that change it: bring a batch in, sync,
 * rotate, mark, retire, close. It decides nothing and answers nobody: that is `journal-writer`.
 *
 * - A write that fails abandons the segment at its last commit; the next batch goes to the next
 *   segment, whose first frame says where the old one ends.
 * - A sync counts only while the journal is still ours, see ownership.ts.
 * - A sync that fails, whatever its code, is thrown as Poison: kernels mark failed pages clean, so
 *   a sync that is tried again would lie.
 * - A segment is removed only after a synced frame said that it is no longer needed.
 */
import { assert } from '../base/assert.ts';
import { commitBytes, frameType } from '../format/control.ts';
import type { Control } from '../format/control.ts';
import { frameBytes } from '../format/frame.ts';
import { writeAll } from '../platform/file-system.ts';
import { encodeBatch } from './batch.ts';
import type { JournalSettings, JournalStart, Placement } from './journal-protocol.ts';
import { Ownership } from './ownership.ts';
import { Poison, poisoning } from './poison.ts';
import { controlFrameBytes, encodeControlFrame, SegmentLine } from './segment-line.ts';
import { makeSegment, segmentName, segmentNumber } from './segment-maker.ts';
import type { SegmentParts } from './segment-maker.ts';
import { Streams } from './streams.ts';
import type { Submission } from './submission.ts';
import { Tally } from './tally.ts';

/** A journal that is open for writing. One operation writes at a time, beside one sync. */
export class JournalFile {
  readonly streams: Streams;
  readonly tally: Tally;
  /** Highest journal seq that is written, and that is known to be synced. */
  writtenSeq: number;
  durableSeq: number;
  readonly #parts: SegmentParts;
  readonly #settings: JournalSettings;
  readonly #line: SegmentLine;
  readonly #ownership: Ownership;
  /** Batch checksum of the last commit. */
  #checksum: bigint;
  /** What the first frame of the active segment will say; null once it is written. */
  #origin: JournalStart | null;
  #markedSeq: number;
  /**
   * The first segment still needed: asked for, written in a frame, known to be synced, acted upon.
   */
  readonly #need: { asked: number; written: number; synced: number; retired: number };
  #prepared = false;

  constructor(
    parts: SegmentParts,
    settings: JournalSettings,
    start: { readonly line: SegmentLine; readonly origin: JournalStart },
  ) {
    const { origin } = start;
    this.#parts = parts;
    this.#settings = settings;
    this.#ownership = new Ownership(parts, settings.directory, settings.guard);
    this.#line = start.line;
    this.#origin = origin;
    this.#checksum = origin.checksum;
    this.#markedSeq = origin.lastSeq;
    this.streams = new Streams(origin.lastSeq);
    this.writtenSeq = origin.lastSeq;
    this.durableSeq = origin.lastSeq;
    this.tally = new Tally(parts.clock, start.line.active.header);
    const first = origin.firstSegment;
    this.#need = { asked: first, written: first, synced: first, retired: first };
  }

  /** Makes the first segment. Fails as the disk fails, and leaves nothing behind. */
  static async begin(
    parts: SegmentParts,
    settings: JournalSettings,
    origin: JournalStart,
  ): Promise<JournalFile> {
    const { directory, writer, store } = settings;
    const identity = { directory, writer, store };
    const shape = { number: origin.segmentNumber, bytes: settings.segmentBytes };
    const active = await makeSegment(parts, identity, shape).catch((error: unknown) => {
      // There is nothing yet that could be poisoned: the caller gets what the machine said.
      throw error instanceof Poison ? error.cause : error;
    });
    const line = new SegmentLine(parts, identity, active);
    return new JournalFile(parts, settings, { line, origin });
  }

  /** True when the batch needs the next segment. */
  needsRotation(batch: readonly Submission[]): boolean {
    const bytes = this.#bytesOf(batch);
    return bytes > 0 && !this.#line.fits(bytes + (this.#origin === null ? 0 : controlFrameBytes));
  }

  /** Brings a batch into the active segment. When it fails, nothing of it counts. */
  async put(batch: readonly Submission[]): Promise<readonly Placement[]> {
    const segment = this.#line.active.header.number;
    if (batch.every((submission) => submission.frames.length === 0)) {
      return batch.map(({ ticket }) => {
        return { ticket, segment, offset: 0, firstSeq: 0, journalSeq: this.writtenSeq };
      });
    }
    const timeMs = this.#parts.clock.nowMs();
    // Segments may be let go while this is written: only what it says counts.
    const need = this.#need.asked;
    const { salt } = this.#line.active.header;
    const { frames, numbered } = this.streams.number(batch, segment, timeMs);
    assert(frames[0]?.journalSeq === this.writtenSeq + 1, 'journal sequences are contiguous');
    const origin = this.#origin === null ? null : this.#encodeOrigin(this.#origin, timeMs);
    const encoded = encodeBatch(frames, {
      salt,
      offset: this.#line.offset + (origin?.length ?? 0),
      previousChecksum: this.#checksum,
      durableMark: this.durableSeq,
      firstSegment: need,
      writer: this.#settings.writer,
      timeMs,
    });
    const bytes = origin === null ? encoded.bytes : joined(origin, encoded.bytes);
    const beganMs = this.tally.begin();
    try {
      await this.#append(bytes);
    } catch (error) {
      this.streams.revert();
      throw error;
    }
    this.tally.committed(batch, { segment, bytes: bytes.length }, this.tally.since(beganMs));
    this.streams.keep();
    this.#origin = null;
    this.#checksum = encoded.checksum;
    this.writtenSeq = this.streams.lastJournalSeq;
    this.#need.written = Math.max(this.#need.written, need);
    return numbered.map((one) => {
      const offset = encoded.offsets[one.firstFrame] ?? 0;
      const journalSeq = frames[one.firstFrame]?.journalSeq ?? this.writtenSeq;
      return { ticket: one.submission.ticket, segment, offset, firstSeq: one.firstSeq, journalSeq };
    });
  }

  /** Makes everything durable that was written before the call. Throws Poison. */
  async sync(): Promise<void> {
    const throughSeq = this.writtenSeq;
    const need = this.#need.written;
    const { written } = this.tally;
    const segment = this.#line.active;
    const beganMs = this.tally.begin();
    let durationMs: number | null = null;
    await poisoning(async () => {
      await segment.file.sync();
      durationMs = this.tally.since(beganMs);
      await this.#ownership.check(segment);
    });
    this.tally.synced(written, durationMs);
    this.durableSeq = Math.max(this.durableSeq, throughSeq);
    this.#need.synced = Math.max(this.#need.synced, need);
  }

  /**
   * The next segment must exist before the old one is left. Fails as the disk fails; nothing
   * changed then.
   */
  async ensureSuccessor(batch: readonly Submission[]): Promise<void> {
    await this.#line.ensureSuccessor(this.#bytesOf(batch));
  }

  /**
   * Leaves the active segment: synced through its last commit, and sealed with a second sync,
   * before anything counts in the next one. Throws Poison when a sync fails.
   */
  async rotate(): Promise<void> {
    const old = this.#line.active.header;
    const next = this.#line.successor().header;
    const timeMs = this.#parts.clock.nowMs();
    if (this.#origin !== null && !this.#line.abandoned) await this.#appendOrigin(this.#origin);
    const end = this.#line.offset;
    await this.sync();
    if (!this.#line.abandoned) {
      try {
        const control = this.#control(next.number, next.salt);
        await this.#line.writeControl(frameType.seal, control, timeMs);
        this.#need.written = Math.max(this.#need.written, control.firstSegment);
      } catch {
        // Without a seal the segment counts as abandoned: the origin of the next one says where it
        // ends.
      }
      await this.sync();
    }
    await this.#line.advance();
    this.tally.rotated(next);
    this.#prepared = false;
    // An abandoned segment without its origin says nothing: the next one goes on from the same
    // place.
    this.#origin ??= {
      segmentNumber: next.number,
      previousSegment: old.number,
      previousEnd: end,
      checksum: this.#checksum,
      lastSeq: this.writtenSeq,
      firstSegment: this.#need.asked,
    };
  }

  /** Segments below this number, at most the active one, are settled. */
  release(below: number): void {
    assert(below <= this.#line.active.header.number, 'the active segment stays');
    this.#need.asked = Math.max(this.#need.asked, below);
  }

  /** The first segment that was not removed. */
  get retiredBelow(): number {
    return this.#need.retired;
  }

  /** True when segments can be removed now. */
  get canRetire(): boolean {
    return this.#need.synced > this.#need.retired;
  }

  /**
   * Removes what a synced frame said is no longer needed; the result is the first number that
   * stays.
   */
  async retire(): Promise<number> {
    const { directory } = this.#settings;
    const below = this.#need.synced;
    for (const name of await this.#parts.fileSystem.list(directory)) {
      const number = segmentNumber(name);
      if (number === null || name >= segmentName(below)) continue;
      await this.#parts.fileSystem.remove(`${directory}/${name}`);
      this.tally.removed(number);
    }
    await poisoning(() => this.#parts.fileSystem.syncDirectory(directory));
    this.#need.retired = below;
    return below;
  }

  /** Forgets about segments that could not be removed; the next release tries them again. */
  giveUpRetiring(): void {
    const { retired } = this.#need;
    Object.assign(this.#need, { asked: retired, written: retired, synced: retired });
  }

  /** True when quiet time could be used. */
  get hasIdleWork(): boolean {
    return !this.#prepared || this.#wantsMark;
  }

  /**
   * One bounded piece of work for quiet time: tell what is durable, or prepare the next segment.
   * Fails as the disk fails only when segments wait to be let go; otherwise a later batch meets the
   * trouble.
   */
  async idleStep(): Promise<void> {
    if (this.#need.asked > this.#need.synced) await this.#tellNeed();
    else if (this.#wantsMark) await this.#mark();
    else this.#prepared = await this.#prepareStep();
  }

  /** Writes and syncs the close frame when there is something to close. Throws Poison. */
  async finish(): Promise<void> {
    await this.sync();
    if (this.#origin !== null || !this.#line.fits(0)) return;
    const control = this.#control(0, 0n);
    await this.#line.writeControl(frameType.close, control, this.#parts.clock.nowMs());
    await this.sync();
  }

  async close(): Promise<void> {
    await this.#line.close();
  }

  get #wantsMark(): boolean {
    return this.#markedSeq < this.durableSeq || this.#need.asked > this.#need.synced;
  }

  /** A mark is not synced: it is a courtesy to recovery. */
  async #mark(): Promise<void> {
    this.#markedSeq = this.durableSeq;
    if (this.#origin !== null || !this.#line.fits(controlFrameBytes)) return;
    try {
      const control = this.#control(0, 0n);
      await this.#line.writeControl(frameType.mark, control, this.#parts.clock.nowMs());
      this.#need.written = Math.max(this.#need.written, control.firstSegment);
    } catch {
      // Half a mark may stand there now: the segment is left, and nothing that counts is lost.
      this.#line.abandoned = true;
    }
  }

  /**
   * Says durably which segments are no longer needed, in the next one when this one has no room.
   */
  async #tellNeed(): Promise<void> {
    if (!this.#line.fits(controlFrameBytes)) {
      await this.#line.ensureSuccessor(0);
      await this.rotate();
    }
    if (this.#origin === null) await this.#mark();
    else await this.#appendOrigin(this.#origin);
    await this.sync();
  }

  async #appendOrigin(origin: JournalStart): Promise<void> {
    const need = this.#need.asked;
    await this.#append(this.#encodeOrigin(origin, this.#parts.clock.nowMs()));
    this.#origin = null;
    this.#need.written = Math.max(this.#need.written, need);
  }

  async #prepareStep(): Promise<boolean> {
    try {
      return await this.#line.prepareStep();
    } catch (error) {
      if (error instanceof Poison) throw error;
      // No room for a successor yet: the batch that needs it tries again and tells its callers.
      return true;
    }
  }

  #bytesOf(batch: readonly Submission[]): number {
    let [bytes, frames] = [0, 0];
    for (const submission of batch) {
      bytes += submission.bytes;
      frames += submission.frames.length;
    }
    if (frames === 0) return 0;
    const introductions = this.streams.introductionPayloads(batch);
    for (const payload of introductions) bytes += frameBytes(payload);
    return bytes + frameBytes(commitBytes(frames + introductions.length));
  }

  async #append(bytes: Uint8Array): Promise<void> {
    try {
      await writeAll(this.#line.active.file, bytes, this.#line.offset);
    } catch (error) {
      this.#line.abandoned = true;
      throw error;
    }
    this.#line.offset += bytes.length;
    this.tally.wrote(bytes.length);
  }

  #encodeOrigin(origin: JournalStart, timeMs: number): Uint8Array {
    const control = {
      ...this.#control(origin.previousSegment, 0n),
      endOffset: origin.previousEnd,
    };
    const place = { salt: this.#line.active.header.salt, offset: this.#line.offset };
    return encodeControlFrame(frameType.origin, control, timeMs, place);
  }

  #control(segment: number, salt: bigint): Control {
    return {
      durableMark: this.durableSeq,
      firstSegment: this.#need.asked,
      segment,
      endOffset: 0,
      salt,
      checksum: this.#checksum,
      lastSeq: this.writtenSeq,
    };
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first, 0);
  bytes.set(second, first.length);
  return bytes;
}
