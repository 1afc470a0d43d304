/**
 * Walks a history from one place to its vouched end and proves every step: frames, batches, the
 * order of the session's sequence, and at the end the chain that the head vouches for. Below the
 * vouched end everything must hold; what does not is damage, told as the sequences that are lost.
 * Behind damage the walk goes on with every frame that is valid in itself, so that salvage can have
 * it.
 */
import { decodeCommit, isEntryType, frameType, isControlType } from '../format/control.ts';
import { sameBytes } from '../format/bytes.ts';
import { frameBytes, isFault, nextChain } from '../format/frame.ts';
import type { Frame } from '../format/frame.ts';
import type { Head } from '../format/head.ts';
import type { SeqRange } from '../base/errors.ts';
import { checkCommit } from '../journal/batch.ts';
import { batchBytesMax, batchFramesMax } from '../base/quantities.ts';
import { FrameCursor } from '../journal/frame-cursor.ts';
import { Waste } from '../journal/waste.ts';
import type { File } from '../platform/file-system.ts';
import { eventFrameType, streamFrameType } from '../session/frame-types.ts';
import { derivedInGap, isDerived } from './derived.ts';
import { decodeLoss } from './history-frames.ts';

/**
 * Where a walk begins: the file's first frame, a place that an earlier walk proved, or a base,
 * which the end of the walk proves. The checksum is that of the batch in front of it.
 */
export interface WalkStart {
  readonly offset: number;
  readonly seq: number;
  readonly chain: bigint;
  readonly batchChecksum: bigint;
}

/** Something wrong below the vouched end. */
export interface HistoryDamage {
  readonly offset: number;
  readonly reason: string;
}

/** What a walk proved, and what it found instead. */
export interface WalkResult {
  readonly lastSeq: number;
  /** First damage, or null. */
  readonly damage: HistoryDamage | null;
  /** Entries that should be there and are not. */
  readonly lost: readonly SeqRange[];
  /** Losses that somebody accepted earlier. */
  readonly accepted: readonly SeqRange[];
  /** Derived frames (bases, restore points) that are damaged: a warning, never a loss. */
  readonly damagedDerived: readonly number[];
  /** Sequences of the restore points among them. */
  readonly damagedSnapshots: readonly number[];
}

/** What a walk says of a frame. */
export interface Step {
  /** `damaged`: an entry that is derived; its place is known, its payload and time are not. */
  readonly condition: 'sound' | 'damaged';
  /** Where the frame's batch begins. */
  readonly batch: WalkStart;
}

/** Called for every valid frame but commits, and for every damaged entry that is derived. */
export type Visit = (frame: Frame, step: Step) => void | Promise<void>;

/** Walks to the vouched end. Fails only as the machine fails, or as `visit` fails. */
export async function walkHistory(
  file: File,
  head: Head,
  start: WalkStart,
  visit: Visit,
): Promise<WalkResult> {
  const walk = new Walk(head, start, visit);
  const waste = new Waste();
  const cursor = new FrameCursor(file, head.salt, start.offset, head.vouched.endOffset, waste);
  for (;;) {
    const found = cursor.ready() ?? (await cursor.next());
    if (found === null) break;
    if (walk.isOverfull) await walk.break(found.offset, 'batch without its commit');
    if (!isFault(found)) {
      if (found.type === frameType.commit) await walk.commit(found);
      else walk.hold(found);
      continue;
    }
    if (isDerived(found)) {
      walk.passOver([{ ...found.header, payload: new Uint8Array(0) }]);
      cursor.offset += frameBytes(found.header.payloadBytes);
      continue;
    }
    const goesOn = await cursor.resume();
    const gap = { from: found.offset, to: cursor.offset };
    const place = { salt: head.salt, end: head.vouched.endOffset };
    const derived = found.kind === 'header' ? await derivedInGap(file, place, gap, waste) : null;
    if (derived === null) await walk.break(found.offset, `${found.kind} damaged`);
    else walk.passOver(derived);
    if (!goesOn) break;
  }
  return walk.finish();
}

class Walk {
  readonly #head: Head;
  readonly #visit: Visit;
  readonly #key: Uint8Array;
  #seq: number;
  #chain: bigint;
  #batchChecksum: bigint;
  #batch: WalkStart;
  #pending: Frame[] = [];
  #pendingBytes = 0;
  /** Those of the pending frames that were passed over. */
  readonly #passedOver = new Set<Frame>();
  #damage: HistoryDamage | null = null;
  readonly #lost: SeqRange[] = [];
  readonly #accepted: SeqRange[] = [];
  readonly #damagedDerived: number[] = [];
  readonly #damagedSnapshots: number[] = [];

  constructor(head: Head, start: WalkStart, visit: Visit) {
    this.#head = head;
    this.#visit = visit;
    this.#key = head.incarnation;
    this.#seq = start.seq;
    this.#chain = start.chain;
    this.#batchChecksum = start.batchChecksum;
    this.#batch = start;
  }

  /** More than any batch holds came without a commit. */
  get isOverfull(): boolean {
    return this.#pending.length > batchFramesMax || this.#pendingBytes > batchBytesMax;
  }

  /** Damaged frames that are derived cost nothing but themselves. */
  passOver(frames: readonly Frame[]): void {
    for (const frame of frames) {
      this.#damagedDerived.push(frame.offset);
      if (frame.type === eventFrameType.snapshot) this.#damagedSnapshots.push(frame.streamSeq);
      this.#pending.push(frame);
      this.#passedOver.add(frame);
    }
  }

  /** A frame whose batch is not complete. */
  hold(frame: Frame): void {
    this.#pending.push(frame);
    this.#pendingBytes += frame.payload.length;
  }

  /** The end of a batch. */
  async commit(frame: Frame): Promise<void> {
    const batch = this.#takePending();
    if (this.#damage === null) this.#prove(frame, batch);
    for (const one of batch) {
      const visited = this.#accept(one);
      // A visitor that needs no time is not waited for.
      if (visited !== undefined) await visited;
    }
    this.#begin(frame.offset + frameBytes(frame.payload.length));
  }

  /** Something does not hold here. What came before in the batch is valid in itself. */
  async break(offset: number, reason: string): Promise<void> {
    this.#damage ??= { offset, reason };
    for (const one of this.#takePending()) await this.#accept(one);
    this.#begin(offset);
  }

  async finish(): Promise<WalkResult> {
    const { vouched } = this.#head;
    if (this.#pending.length > 0) await this.break(vouched.endOffset, 'batch without its commit');
    if (this.#seq < vouched.seq) {
      this.#damage ??= { offset: vouched.endOffset, reason: 'entries are missing at the end' };
      this.#lost.push({ from: this.#seq + 1, to: vouched.seq });
    }
    const proven = this.#chain === vouched.chain && this.#batchChecksum === vouched.batchChecksum;
    if (this.#damage === null && (!proven || this.#seq !== vouched.seq)) {
      this.#damage = {
        offset: vouched.endOffset,
        reason: 'content is not what the head vouches for',
      };
    }
    return {
      lastSeq: Math.max(this.#seq, vouched.seq),
      damage: this.#damage,
      lost: this.#lost,
      accepted: this.#accepted,
      damagedDerived: this.#damagedDerived,
      damagedSnapshots: this.#damagedSnapshots,
    };
  }

  #takePending(): readonly Frame[] {
    const batch = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    return batch;
  }

  #prove(frame: Frame, batch: readonly Frame[]): void {
    const expected = { previousChecksum: this.#batchChecksum, nextSeq: null };
    const commit = checkCommit(frame, batch, expected);
    if (typeof commit !== 'string') {
      this.#batchChecksum = commit.checksum;
    } else if (commit === 'checksum' && this.#passedOver.size > 0) {
      // Of a header that is gone the commit is the only witness; the batches behind it, and at last
      // the head, tell whether it speaks the truth.
      this.#batchChecksum = decodeCommit(frame.payload)?.checksum ?? this.#batchChecksum;
    } else {
      this.#damage = { offset: frame.offset, reason: `commit does not hold: ${commit}` };
    }
  }

  #begin(offset: number): void {
    const [seq, chain, batchChecksum] = [this.#seq, this.#chain, this.#batchChecksum];
    this.#batch = { offset, seq, chain, batchChecksum };
    this.#passedOver.clear();
  }

  #accept(frame: Frame): void | Promise<void> {
    if (isControlType(frame.type)) {
      this.#damage ??= { offset: frame.offset, reason: 'frame of a journal in a history' };
      return undefined;
    }
    if (!sameBytes(frame.key, this.#key)) {
      this.#damage ??= { offset: frame.offset, reason: 'frame of another life of the session' };
      return undefined;
    }
    const isEntry = isEntryType(frame.type);
    if (isEntry || frame.type === streamFrameType.loss) {
      if (!this.#advance(frame, isEntry)) return undefined;
    }
    const condition = this.#passedOver.has(frame) ? 'damaged' : 'sound';
    if (condition === 'damaged' && !isEntry) return undefined;
    return this.#visit(frame, { condition, batch: this.#batch });
  }

  /** Takes the next sequence; false for a frame that was there already. */
  #advance(frame: Frame, isEntry: boolean): boolean {
    const loss = isEntry ? null : decodeLoss(frame.payload);
    const from = loss?.from ?? frame.streamSeq;
    const to = loss?.to ?? frame.streamSeq;
    if (from <= this.#seq) {
      this.#damage ??= { offset: frame.offset, reason: `sequence ${from} stands there twice` };
      return false;
    }
    if (from !== this.#seq + 1) {
      this.#damage ??= { offset: frame.offset, reason: `sequence ${this.#seq + 1} is missing` };
      this.#lost.push({ from: this.#seq + 1, to: from - 1 });
    }
    if (loss !== null) this.#accepted.push({ from, to });
    this.#seq = to;
    this.#chain = nextChain(this.#chain, frame);
    return true;
  }
}
