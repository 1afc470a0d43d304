/**
 * Walks the frames of a file of any length through a window of bounded size. Damage is a value.
 * Behind damage, `resume` looks for the next place that is a frame of this file at its own offset.
 */
import { frameHeaderBytes, readChunkBytes } from '../base/quantities.ts';
import { viewOf } from '../format/bytes.ts';
import { decodeFrame, decodeHeader, frameBytes, isFault } from '../format/frame.ts';
import type { Frame, FrameFault } from '../format/frame.ts';
import { readUpTo } from '../platform/file-system.ts';
import type { File } from '../platform/file-system.ts';
import { Waste } from './waste.ts';

/** A walk over frames; holds one window of about a megabyte, or one frame if that is larger. */
export class FrameCursor {
  readonly #file: File;
  readonly #salt: bigint;
  readonly #end: number;
  #window: Uint8Array = new Uint8Array(0);
  #view: DataView = viewOf(this.#window);
  #base = 0;
  readonly #waste: Waste;
  /** Bytes that the last frame claimed whose payload did not hold. */
  #claimed = 0;
  /** Where the next frame is expected. */
  offset: number;

  /**
   * Frames from one offset up to another, at which the content must end. Walks over one content
   * share an account of what they read in vain.
   */
  constructor(file: File, salt: bigint, from: number, to: number, waste: Waste = new Waste()) {
    this.#waste = waste;
    this.#file = file;
    this.#salt = salt;
    this.#end = to;
    this.offset = from;
  }

  /** The frame at `offset`, which moves behind it; a fault leaves it. Null at the end. */
  async next(): Promise<Frame | FrameFault | null> {
    if (this.offset >= this.#end) return null;
    let found = this.#decode();
    // Twice: the first window may end in the middle of a header, the second inside its payload.
    for (let look = 0; look < 2 && endsEarly(found); look += 1) {
      const bytes = found.kind === 'short' ? frameBytes(found.header.payloadBytes) : 0;
      await this.#fill(Math.max(bytes, frameHeaderBytes));
      found = this.#decode();
    }
    this.#take(found);
    return found;
  }

  /**
   * As `next`, from what was read already; null asks for `next`. Most frames come from the window,
   * and a promise for each would cost more than its checksum.
   */
  ready(): Frame | FrameFault | null {
    if (this.offset >= this.#end) return null;
    const found = this.#decode();
    if (endsEarly(found)) return null;
    this.#take(found);
    return found;
  }

  #take(found: Frame | FrameFault): void {
    if (isFault(found)) return this.#account(found);
    const bytes = frameBytes(found.payload.length);
    this.offset += bytes;
    return this.#waste.earn(bytes);
  }

  #account(found: FrameFault): void {
    this.#claimed = 0;
    if (found.kind !== 'payload' && found.kind !== 'short') return;
    this.#claimed = frameBytes(found.header.payloadBytes);
    this.#waste.spend(Math.min(this.#claimed, this.#end - this.offset));
  }

  /** Moves to the next sound header behind `offset`; false when there is none before the end. */
  async resume(): Promise<boolean> {
    const step = this.#waste.isSpent ? Math.max(8, this.#claimed) : 8;
    for (let at = this.offset + step; at + frameHeaderBytes <= this.#end; at += 8) {
      if (at < this.#base || at + frameHeaderBytes > this.#base + this.#window.length) {
        this.offset = at;
        await this.#fill(frameHeaderBytes);
        if (at + frameHeaderBytes > this.#base + this.#window.length) break;
      }
      const local = at - this.#base;
      if (this.#window[local + 4] === 0 || this.#window[local + 5] !== 0) continue;
      const place = { salt: this.#salt, offset: at };
      if (decodeHeader(this.#window, local, place, this.#view) === null) continue;
      this.offset = at;
      return true;
    }
    this.offset = this.#end;
    return false;
  }

  #decode(): Frame | FrameFault {
    const at = this.offset - this.#base;
    if (at < 0 || at > this.#window.length) return { kind: 'end', offset: this.offset };
    return decodeFrame(this.#window, at, { salt: this.#salt, base: this.#base }, this.#view);
  }

  /**
   * A new window that begins at `offset`; the old one stays valid for those who hold views on it.
   */
  async #fill(bytes: number): Promise<void> {
    const length = Math.min(Math.max(bytes, readChunkBytes), this.#end - this.offset);
    this.#window = await readUpTo(this.#file, this.offset, Math.max(0, length));
    this.#view = viewOf(this.#window);
    this.#base = this.offset;
  }
}

/** The bytes at hand end before the frame does. */
function endsEarly(
  found: Frame | FrameFault,
): found is Extract<FrameFault, { kind: 'end' | 'short' }> {
  return isFault(found) && (found.kind === 'end' || found.kind === 'short');
}
