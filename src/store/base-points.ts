/**
 * When a base is worth making, and what it will say. The fold of an open session is ahead of what
 * is settled, so the state is put aside right behind the entry that a base shall sum up, and
 * written when settling comes there.
 *
 * A base pays when reading what is behind the last one costs more than the base does: at 1 MiB, at
 * four times the size of the last base when that is large, but never so late that an opening reads
 * more than `openBytesMax`. A compaction is a base at once.
 */
import { HoldfastError } from '../base/errors.ts';
import {
  baseBytesMax,
  baseCloseEntries,
  baseSpanBytes,
  baseSpanEntries,
  openBytesMax,
} from '../base/quantities.ts';
import { commitEntryBytes } from '../format/control.ts';
import { frameBytes } from '../format/frame.ts';
import type { OpenReading } from '../recovery/open-reading.ts';
import type { Entry } from '../session/event.ts';
import type { Fold } from '../session/fold.ts';
import { encodeFold } from '../session/fold-value.ts';

/** The state behind an entry. */
export interface BasePoint {
  readonly seq: number;
  readonly fold: Uint8Array;
}

/** Where bases of one session shall stand. */
export class BasePoints {
  #entries: number;
  #bytes: number;
  #baseBytes: number;
  /** Something was appended since the session was opened. */
  #isTouched = false;
  /** At most two: the oldest, which settling will reach whatever is appended, and the newest. */
  #points: BasePoint[] = [];

  constructor(behind: OpenReading['behindBase'], fold: Fold, seq: number) {
    this.#entries = behind.entries;
    this.#bytes = behind.bytes;
    this.#baseBytes = behind.baseBytes;
    // A base was lost, or recovery settled more than one is worth: it is made up for.
    if (this.#isDue()) this.#put(fold, seq);
  }

  /** This entry was folded just now. */
  folded(fold: Fold, entry: Entry, payloadBytes: number): void {
    this.#isTouched = true;
    this.#entries += 1;
    this.#bytes += frameBytes(payloadBytes) + commitEntryBytes;
    if (this.#isDue() || entry.event.kind === 'compaction') this.#put(fold, entry.seq);
  }

  /** The session is closed behind its last entry: what is cheap to open is worth a little more. */
  closing(fold: Fold): void {
    const pays = this.#entries >= baseCloseEntries && this.#bytes >= this.#baseBytes;
    if (pays && this.#isTouched) this.#put(fold, fold.lastSeq);
  }

  /**
   * The newest point up to this seq, which makes those in front of it unnecessary, as does what is
   * settled behind them.
   */
  upTo(seq: number, settled: number): BasePoint | null {
    const ahead = this.#points.filter((point) => point.seq >= settled);
    const reached = ahead.filter((point) => point.seq <= seq);
    this.#points = ahead.slice(Math.max(0, reached.length - 1));
    return reached.at(-1) ?? null;
  }

  /** A base stands there, or cannot be made there. */
  done(point: BasePoint): void {
    this.#points = this.#points.filter((one) => one.seq > point.seq);
  }

  #isDue(): boolean {
    const own = this.#baseBytes;
    // An opening reads the base twice, once for what it says and once in the walk that proves it.
    const most = Math.max(openBytesMax - 2 * own - baseSpanBytes / 2, own);
    const span = Math.min(4 * own, most);
    if (this.#bytes < span) return false;
    return this.#bytes >= baseSpanBytes || this.#entries >= baseSpanEntries;
  }

  #put(fold: Fold, seq: number): void {
    this.#entries = 0;
    this.#bytes = 0;
    const bytes = encoded(fold);
    if (bytes === null) return;
    this.#baseBytes = bytes.length;
    const point = { seq, fold: bytes };
    this.#points = [...this.#points.slice(0, 1), point];
  }
}

/** Null for a state that no payload holds, or none that should be written again and again. */
function encoded(fold: Fold): Uint8Array | null {
  try {
    const bytes = encodeFold(fold);
    return bytes.length <= baseBytesMax ? bytes : null;
  } catch (error) {
    if (HoldfastError.is(error, 'TOO_LARGE') || HoldfastError.is(error, 'INVALID')) return null;
    throw error;
  }
}
