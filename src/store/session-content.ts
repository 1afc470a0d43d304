/**
 * Where the entries of a session that is open for writing stand: in its history up to the vouched
 * end, behind it in the journal. Settling moves the border. Head, index and tail change together,
 * in one step, so that a reader never sees an entry in neither place.
 */
import { HoldfastError } from '../base/errors.ts';
import type { Head } from '../format/head.ts';
import { encodeBase, recoveryNotesMax } from '../history/base-frame.ts';
import type { TimedNote } from '../history/base-frame.ts';
import type { BlockIndex } from '../history/block-index.ts';
import type { HistoryFile, MakeBase } from '../history/history-file.ts';
import type { LooseFrame } from '../journal/batch.ts';
import type { FrameSource } from '../journal/frame-source.ts';
import { fieldsOf, looseFrame } from '../recovery/replay.ts';
import { streamFrameType } from '../session/frame-types.ts';
import type { BasePoint, BasePoints } from './base-points.ts';
import type { ContentView, TailPlace } from './content.ts';
import type { LateFold } from './late-fold.ts';
import type { SessionHost } from './session-host.ts';

/** Bytes of entries that are settled, and synced, at a time. */
const groupBytesMax = 8 * 1024 * 1024;

/** Who settles, as far as the history asks. */
interface Settling {
  readonly source: FrameSource;
  readonly idBytes: Uint8Array;
}

/** The content of one session, and its way from the journal to the history. */
export class SessionContent {
  readonly #history: HistoryFile;
  readonly #index: BlockIndex;
  readonly #points: BasePoints;
  readonly #late: LateFold;
  readonly #notes: readonly TimedNote[];
  readonly #id: string;
  readonly #host: Pick<SessionHost, 'metrics' | 'settled'>;
  readonly #tail: TailPlace[] = [];
  /** The head that index and tail go with; that of the history is ahead of them for a moment. */
  #head: Head;
  #settling: Promise<void> = Promise.resolve();
  /** What a settling that comes too late fails with; null in it when it has nothing left to do. */
  #end: { readonly error: Error | null } | null = null;

  constructor(
    history: HistoryFile,
    own: {
      readonly index: BlockIndex;
      readonly points: BasePoints;
      readonly late: LateFold;
      readonly notes: readonly TimedNote[];
      readonly id: string;
      readonly host: Pick<SessionHost, 'metrics' | 'settled'>;
    },
  ) {
    this.#history = history;
    this.#index = own.index;
    this.#points = own.points;
    this.#late = own.late;
    this.#notes = own.notes.slice(-recoveryNotesMax);
    this.#id = own.id;
    this.#host = own.host;
    this.#head = history.head;
  }

  /** Oldest segment that still holds entries of this session, or null. */
  get oldestSegment(): number | null {
    return this.#tail[0]?.segment ?? null;
  }

  /** An entry was acknowledged; it follows those before it. */
  placed(place: TailPlace): void {
    this.#tail.push(place);
  }

  /** What a read works on. */
  view(source: FrameSource, lastSeq: number): ContentView {
    const { path } = this.#history;
    return { path, head: this.#head, index: this.#index, tail: this.#tail, source, lastSeq };
  }

  /**
   * Moves entries up to this seq, in segments below this one or in all, from the journal to the
   * history. One run at a time. When it fails,
   * what it did not move stays in the journal.
   */
  settle(
    own: Settling,
    durableUpTo: () => number,
    occasion: { readonly below: number } | 'close',
  ): Promise<void> {
    const run = this.#settling.then(() => {
      if (occasion !== 'close') return this.#settle(own, durableUpTo, occasion.below);
      this.#points.closing(this.#late.fold);
      return this.#settle(own, durableUpTo, Number.MAX_SAFE_INTEGER);
    });
    // A failed settling is told to its caller and tried again by the next one; it must not stop it.
    this.#settling = run.catch(() => this.#host.metrics.settleFailed());
    return run;
  }

  /**
   * Nothing is settled any more. Resolves when the settling that is under way has ended, so that
   * the history may be closed. Those behind it fail with this error, or have nothing to do.
   */
  async end(error: Error | null): Promise<void> {
    this.#end ??= { error };
    await this.#settling;
  }

  async #settle(own: Settling, durableUpTo: () => number, below: number): Promise<void> {
    for (;;) {
      if (this.#end !== null) {
        if (this.#end.error === null) return;
        throw this.#end.error;
      }
      // First of all: what is settled before it is folded is past its point.
      this.#late.catchUp();
      const upTo = durableUpTo();
      const point = this.#points.upTo(upTo, this.#head.vouched.seq);
      const places = this.#group(Math.min(upTo, point?.seq ?? upTo), below);
      const last = places.at(-1)?.seq ?? this.#head.vouched.seq;
      const here = point?.seq === last ? point : null;
      if (places.length === 0 && here === null) return;
      const beganMs = this.#host.metrics.begin('settle');
      const group: LooseFrame[] = await own.source.readAll(places);
      await this.#move(own, group, here);
      if (places.length > 0) this.#settled(beganMs, places);
    }
  }

  #settled(beganMs: number | null, places: readonly TailPlace[]): void {
    this.#host.settled();
    const bytes = places.reduce((sum, place) => sum + place.payloadBytes, 0);
    const lastSeq = this.#head.vouched.seq;
    this.#host.metrics.settled(beganMs, {
      session: this.#id,
      entries: places.length,
      bytes,
      lastSeq,
    });
  }

  /**
   * Places of entries up to this seq in segments below this one, as many as are settled at once.
   */
  #group(to: number, below: number): readonly TailPlace[] {
    const places: TailPlace[] = [];
    let bytes = 0;
    for (const place of this.#tail) {
      if (place.seq > to || place.segment >= below || bytes >= groupBytesMax) break;
      places.push(place);
      bytes += place.payloadBytes;
    }
    return places;
  }

  async #move(own: Settling, group: readonly LooseFrame[], point: BasePoint | null): Promise<void> {
    const { number, earlier } = this.#index.next;
    const change = fieldsOf(this.#history.head, group);
    const makeBase = point === null ? () => null : this.#maker(point);
    const { placed, baseOffset } = await this.#history.append(group, own.idBytes, change, makeBase);
    const { seq } = this.#history.head.vouched;
    const base =
      baseOffset === null ? null : { place: { number, seq, offset: baseOffset }, earlier };
    this.#index.take(this.#index.with(placed), base);
    this.#tail.splice(0, group.length);
    this.#head = this.#history.head;
    if (point !== null) this.#points.done(point);
  }

  /** Makes the base of a point; none when it cannot be: settling never fails for that. */
  #maker(point: BasePoint): MakeBase {
    return (at, placed) => {
      const { number, earlier } = this.#index.next;
      const { offset, seq, chain, batchChecksum } = at;
      const place = { number, seq, offset };
      const [{ fold }, blocks, notes] = [point, this.#index.with(placed), this.#notes];
      let payload: Uint8Array;
      try {
        payload = encodeBase({ place, chain, batchChecksum, fold, notes, earlier, blocks });
      } catch (error) {
        if (!HoldfastError.is(error, 'TOO_LARGE')) throw error;
        return null;
      }
      const key = this.#history.head.incarnation;
      const timeMs = this.#history.head.updatedMs;
      return looseFrame({ type: streamFrameType.base, key, streamSeq: seq, timeMs }, payload);
    };
  }
}
