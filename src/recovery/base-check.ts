/**
 * Compares every base of a history with what it sums up, while the history is read as a whole. A
 * base that lies would be believed by whoever opens the session from it: nothing else finds that.
 */
import { frameHeaderBytes } from '../base/quantities.ts';
import { isEntryType } from '../format/control.ts';
import { decodeHeader } from '../format/frame.ts';
import type { Frame } from '../format/frame.ts';
import type { Head } from '../format/head.ts';
import { decodeBase } from '../history/base-frame.ts';
import type { Base, Blocks } from '../history/base-frame.ts';
import { BlockBuilder } from '../history/block-index.ts';
import type { Step } from '../history/history-walk.ts';
import { readUpTo } from '../platform/file-system.ts';
import type { File } from '../platform/file-system.ts';
import type { Fold } from '../session/fold.ts';
import { decodeFold, encodeFold } from '../session/fold-value.ts';
import { streamFrameType } from '../session/frame-types.ts';

/** Looks at the frames of one history, in order. */
export class BaseCheck {
  readonly #file: File;
  readonly #head: Head;
  readonly #bad: number[] = [];
  /** Bases that hold. */
  readonly #good = new Set<number>([0]);
  /** True once there was one to look at. */
  hasSeen = false;
  /** Entries behind the last base at which its index may have a block, as they were seen. */
  #blocks = new BlockBuilder();
  /** An entry was passed over: what bases behind it say of it cannot be compared any more. */
  #isBlind = false;

  constructor(file: File, head: Head) {
    this.#file = file;
    this.#head = head;
  }

  /** A frame, and the fold behind it. */
  visit(frame: Frame, step: Step, fold: Fold): void | Promise<void> {
    if (step.condition === 'damaged') this.#isBlind = true;
    else if (isEntryType(frame.type)) {
      this.#blocks.add({ seq: frame.streamSeq, offset: frame.offset });
    }
    if (frame.type !== streamFrameType.base || step.condition === 'damaged') return undefined;
    this.hasSeen = true;
    return this.#visitBase(frame, step, fold);
  }

  async #visitBase(frame: Frame, step: Step, fold: Fold): Promise<void> {
    const base = decodeBase(frame);
    const { blocks } = this.#blocks;
    this.#blocks = new BlockBuilder();
    const holds = base !== null && this.#agrees(base, step, fold);
    const isGood =
      holds && (this.#isBlind || isSame(base.blocks, blocks) || (await this.#pointsRight(base)));
    if (isGood) this.#good.add(frame.offset);
    else this.#bad.push(frame.offset);
  }

  /** Offsets of bases that do not hold, and where the head says that one is and none is. */
  finish(): readonly number[] {
    const { baseOffset } = this.#head;
    if (this.#good.has(baseOffset) || this.#bad.includes(baseOffset)) return this.#bad;
    return [...this.#bad, baseOffset];
  }

  #agrees(base: Base, { batch }: Step, fold: Fold): boolean {
    const own = decodeFold(base.fold);
    if (own === null || base.place.seq !== batch.seq || base.chain !== batch.chain) return false;
    if (base.batchChecksum !== batch.batchChecksum) return false;
    // Encoded anew, because a newer minor version may have put more into it.
    return this.#isBlind || Buffer.compare(encodeFold(own), encodeFold(fold)) === 0;
  }

  /** Of an index with other blocks than ours, every one is looked at where it points. */
  async #pointsRight({ blocks }: Base): Promise<boolean> {
    for (const [at, offset] of blocks.offsets.entries()) {
      if (offset % 8 !== 0) return false;
      const bytes = await readUpTo(this.#file, offset, frameHeaderBytes);
      const header = decodeHeader(bytes, 0, { salt: this.#head.salt, offset });
      if (header === null || !isEntryType(header.type)) return false;
      if (header.streamSeq !== blocks.seqs[at]) return false;
    }
    return true;
  }
}

function isSame(one: Blocks, other: Blocks): boolean {
  const { seqs, offsets } = other;
  if (one.seqs.length !== seqs.length || one.offsets.length !== offsets.length) return false;
  return (
    one.seqs.every((seq, at) => seq === seqs[at]) &&
    one.offsets.every((offset, at) => offset === offsets[at])
  );
}
