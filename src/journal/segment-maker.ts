/**
 * Makes segments ahead of need: header, zeros, sync, name, sync of the directory, in this order. A
 * segment gets its name only when it is complete and synced, so a named segment is whole or
 * damaged, and a full disk shows here and not in the middle of a batch. The work is cut into steps,
 * so that a commit never waits for more than one of them.
 */
import { assert, present } from '../base/assert.ts';
import { fileHeaderBytes } from '../base/quantities.ts';
import { viewOf } from '../format/bytes.ts';
import { encodeSegmentHeader } from '../format/segment-header.ts';
import type { SegmentHeader } from '../format/segment-header.ts';
import type { Clock, Random } from '../platform/clock.ts';
import { writeAll } from '../platform/file-system.ts';
import type { File, FileSystem } from '../platform/file-system.ts';
import { poisoning } from './poison.ts';

/** Zeros that one step writes and syncs. */
const stepBytes = 1024 * 1024;
const zeros = new Uint8Array(stepBytes);

/** What the making of segments needs of the machine. */
export interface SegmentParts {
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly random: Random;
}

/** Whose segment it is. */
export interface SegmentIdentity {
  readonly directory: string;
  readonly writer: Uint8Array;
  readonly store: Uint8Array;
}

/** A segment that is complete, synced and named. */
export interface Segment {
  readonly path: string;
  readonly header: SegmentHeader;
  readonly file: File;
}

/** File name of a segment; the order of names is the order of numbers. */
export function segmentName(number: number): string {
  return `${String(number).padStart(10, '0')}.segment`;
}

/** The number in a segment's name, or null for another name. */
export function segmentNumber(name: string): number | null {
  const digits = /^(\d{10})\.segment$/.exec(name)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** One segment on its way. `step` until it says so, then `take`. */
export class SegmentMaking {
  readonly #parts: SegmentParts;
  readonly #identity: SegmentIdentity;
  readonly #header: SegmentHeader;
  readonly #temporary: string;
  #file: File | null = null;
  #filled = 0;
  #done = false;

  constructor(parts: SegmentParts, identity: SegmentIdentity, number: number, bytes: number) {
    assert(bytes % 8 === 0, 'a segment is a whole number of aligned frames');
    this.#parts = parts;
    this.#identity = identity;
    const { writer, store, directory } = identity;
    const salt = viewOf(parts.random.bytes(8)).getBigUint64(0, true);
    this.#header = { salt, bytes, number, createdMs: parts.clock.nowMs(), writer, store };
    this.#temporary = `${directory}/.new-${segmentName(number)}-${salt.toString(16)}`;
  }

  get bytes(): number {
    return this.#header.bytes;
  }

  get number(): number {
    return this.#header.number;
  }

  /**
   * Does one bounded piece of work; true when the segment can be taken. Fails as the disk fails:
   * while the file has no name yet that harms nobody, but a failed sync of the directory is Poison.
   */
  async step(): Promise<boolean> {
    const { fileSystem } = this.#parts;
    if (this.#done) return true;
    if (this.#file === null) {
      this.#file = await fileSystem.create(this.#temporary);
      await writeAll(this.#file, encodeSegmentHeader(this.#header), 0);
      this.#filled = fileHeaderBytes;
      return false;
    }
    if (this.#filled < this.#header.bytes) {
      const count = Math.min(stepBytes, this.#header.bytes - this.#filled);
      await writeAll(this.#file, zeros.subarray(0, count), this.#filled);
      this.#filled += count;
      await this.#file.sync();
      return false;
    }
    await this.#file.sync();
    await fileSystem.rename(this.#temporary, this.#path());
    await poisoning(() => fileSystem.syncDirectory(this.#identity.directory));
    this.#done = true;
    return true;
  }

  /** All steps at once. */
  async finish(): Promise<void> {
    while (!(await this.step()));
  }

  take(): Segment {
    assert(this.#done, 'the segment is complete');
    return { path: this.#path(), header: this.#header, file: present(this.#file, 'it is open') };
  }

  /** Gives up: closes and removes what was begun. */
  async discard(): Promise<void> {
    if (this.#file === null) return;
    await this.#file.close();
    await this.#parts.fileSystem.remove(this.#done ? this.#path() : this.#temporary);
  }

  #path(): string {
    return `${this.#identity.directory}/${segmentName(this.#header.number)}`;
  }
}

/** Makes a segment in one go. */
export async function makeSegment(
  parts: SegmentParts,
  identity: SegmentIdentity,
  shape: { readonly number: number; readonly bytes: number },
): Promise<Segment> {
  const making = new SegmentMaking(parts, identity, shape.number, shape.bytes);
  try {
    await making.finish();
  } catch (error) {
    await discardQuietly(making);
    throw error;
  }
  return making.take();
}

/** Removes a half-made segment; the error that led here is worth more than one of the removal. */
export async function discardQuietly(making: SegmentMaking): Promise<void> {
  try {
    await making.discard();
  } catch {
    // A leftover temporary file is swept with the journal's directory.
  }
}
