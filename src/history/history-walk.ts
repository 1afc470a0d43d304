/**
 * Walks a history from one place to its vouched end and proves every step: frames, batches, the
 * order of the session's sequence, and at the end the chain that the head vouches for. Below the
 * vouched end everything must hold; what does not is damage, told as the sequences that are lost.
 * Behind damage the walk goes on with every frame that is valid in itself, so that salvage can have
 * it.
 */
import { isEntryType, frameType, ignorableBit, isControlType } from '../format/control.ts';
import { isFault, nextChain } from '../format/frame.ts';
import type { Frame, FrameFault } from '../format/frame.ts';
import type { Head } from '../format/head.ts';
import type { SeqRange } from '../base/errors.ts';
import { checkCommit } from '../journal/batch.ts';
import { FrameCursor } from '../journal/frame-cursor.ts';
import type { File } from '../platform/file-system.ts';
import { streamFrameType } from '../session/frame-types.ts';
import { decodeLoss } from './history-frames.ts';

/** Where a walk begins: the file's first frame, or a place that an earlier walk proved. */
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
  /** Derived frames (snapshots, indexes) that are damaged: a warning, never a loss. */
  readonly damagedDerived: readonly number[];
}

/** Called for every valid frame but commits, in order. `batchOffset` is where its batch begins. */
export type Visit = (frame: Frame, batchOffset: number) => void | Promise<void>;

/** Walks to the vouched end. Fails only as the machine fails, or as `visit` fails. */
export async function walkHistory(
  file: File,
  head: Head,
  start: WalkStart,
  visit: Visit,
): Promise<WalkResult> {
  const walk = new Walk(head, start, visit);
  const cursor = new FrameCursor(file, head.salt, start.offset, head.vouched.endOffset);
  for (;;) {
    const found = await cursor.next();
    if (found === null) break;
    if (!isFault(found)) {
      await walk.take(found);
      continue;
    }
    if (walk.passOver(found)) {
      cursor.offset += 64;
    } else {
      await walk.break(found.offset, `${found.kind} damaged`);
    }
    if (!(await cursor.resume())) break;
  }
  return walk.finish();
}

/** True for a damaged payload under the sound header of a frame that can be made again. */
export function isDerived(
  fault: FrameFault,
): fault is Extract<FrameFault, { readonly kind: 'payload' }> {
  if (fault.kind !== 'payload') return false;
  const { type } = fault.header;
  return (type & ignorableBit) !== 0 && !isEntryType(type);
}

class Walk {
  readonly #head: Head;
  readonly #visit: Visit;
  readonly #key: Uint8Array;
  #seq: number;
  #chain: bigint;
  #batchChecksum: bigint;
  #batchOffset: number;
  #pending: Frame[] = [];
  #damage: HistoryDamage | null = null;
  readonly #lost: SeqRange[] = [];
  readonly #accepted: SeqRange[] = [];
  readonly #damagedDerived: number[] = [];

  constructor(head: Head, start: WalkStart, visit: Visit) {
    this.#head = head;
    this.#visit = visit;
    this.#key = head.incarnation;
    this.#seq = start.seq;
    this.#chain = start.chain;
    this.#batchChecksum = start.batchChecksum;
    this.#batchOffset = start.offset;
  }

  /** A damaged payload under a sound header of a derived frame costs nothing but that frame. */
  passOver(fault: FrameFault): boolean {
    if (!isDerived(fault)) return false;
    this.#damagedDerived.push(fault.offset);
    // The batch checksum covers headers only, so its batch still holds.
    this.#pending.push({ ...fault.header, payload: new Uint8Array(0) });
    return true;
  }

  async take(frame: Frame): Promise<void> {
    if (frame.type !== frameType.commit) {
      this.#pending.push(frame);
      return;
    }
    const batch = this.#pending;
    this.#pending = [];
    if (this.#damage === null) {
      const expected = { previousChecksum: this.#batchChecksum, nextSeq: null };
      const commit = checkCommit(frame, batch, expected);
      if (typeof commit === 'string') {
        this.#damage = { offset: frame.offset, reason: `commit does not hold: ${commit}` };
      } else {
        this.#batchChecksum = commit.checksum;
      }
    }
    for (const one of batch) await this.#accept(one);
    this.#batchOffset = frame.offset + 64 + Math.ceil(frame.payload.length / 8) * 8;
  }

  /** Something does not hold here. What came before in the batch is valid in itself. */
  async break(offset: number, reason: string): Promise<void> {
    this.#damage ??= { offset, reason };
    const batch = this.#pending;
    this.#pending = [];
    for (const one of batch) await this.#accept(one);
    this.#batchOffset = offset;
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
    };
  }

  async #accept(frame: Frame): Promise<void> {
    if (isControlType(frame.type)) {
      this.#damage ??= { offset: frame.offset, reason: 'frame of a journal in a history' };
      return;
    }
    if (frame.key.some((byte, index) => byte !== this.#key[index])) {
      this.#damage ??= { offset: frame.offset, reason: 'frame of another life of the session' };
      return;
    }
    const isEntry = isEntryType(frame.type);
    if (isEntry || frame.type === streamFrameType.loss) {
      if (!this.#advance(frame, isEntry)) return;
    }
    await this.#visit(frame, this.#batchOffset);
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
