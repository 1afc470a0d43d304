/**
 * The entries in a run of frames of a history, and the holes between them. A rotten bit costs the
 * frame that it is in: what stands around it is proven by its own checksums, and is given.
 */
import { HoldfastError } from '../base/errors.ts';
import type { SeqRange } from '../base/errors.ts';
import { isEntryType } from '../format/control.ts';
import { frameBytes, isFault } from '../format/frame.ts';
import type { Frame } from '../format/frame.ts';
import type { Head } from '../format/head.ts';
import type { Block } from '../history/block-index.ts';
import { derivedInGap, isDerived } from '../history/derived.ts';
import { decodeLoss } from '../history/history-frames.ts';
import { FrameCursor } from '../journal/frame-cursor.ts';
import type { File } from '../platform/file-system.ts';
import { entryOf } from '../recovery/read-session.ts';
import type { Entry } from '../session/event.ts';
import { isPassedOver, streamFrameType } from '../session/frame-types.ts';

/**
 * A place where a history cannot be read. Both neighbours are whole; nothing may be missing between
 * them, when it is the proof of a batch that has rotted.
 */
export interface Hole {
  /** Seq of the last entry in front of it, or one less than the first that may be lost. */
  readonly after: number;
  /** Seq of the first entry behind it, or one more than the last that may be lost. */
  readonly before: number;
  /** What a reader is told who comes across it. */
  readonly error: HoldfastError;
}

/** What stands in a block; both ascending. */
export interface BlockContent {
  readonly entries: readonly Entry[];
  readonly holes: readonly Hole[];
}

/** True when somebody who reads this range comes across the hole. */
export function isTouched(
  { after, before }: Hole,
  range: { readonly from: number; readonly to: number },
): boolean {
  return range.from < before && range.to > after;
}

/** Reads a block of the history with this head. Fails only as the machine fails. */
export async function readFrames(
  file: File,
  place: { readonly path: string; readonly head: Head },
  block: Block,
): Promise<BlockContent> {
  const { salt, vouched } = place.head;
  const cursor = new FrameCursor(file, salt, block.from, block.to);
  const content = new Content(place, block);
  for (;;) {
    const found = cursor.ready() ?? (await cursor.next());
    if (found === null) break;
    if (!isFault(found)) {
      if (content.take(found) === 'elsewhere') break;
    } else if (isDerived(found)) {
      cursor.offset += frameBytes(found.header.payloadBytes);
    } else {
      await cursor.resume();
      const gap = { from: found.offset, to: cursor.offset };
      const derived = await derivedInGap(file, { salt, end: vouched.endOffset }, gap);
      if (derived === null) content.break(found.offset);
    }
  }
  return content.finish();
}

/** Content that is being read, frame by frame. */
class Content {
  readonly #place: { readonly path: string; readonly head: Head };
  readonly #block: Block;
  readonly #entries: Entry[] = [];
  readonly #holes: Hole[] = [];
  /** Seq of the last entry that is accounted for, here or by a loss that was accepted. */
  #seq: number;
  /** Where a hole begins that no entry ends yet. */
  #brokenAt: number | null = null;

  constructor(place: { readonly path: string; readonly head: Head }, block: Block) {
    this.#place = place;
    this.#block = block;
    this.#seq = block.previousSeq;
  }

  /** `elsewhere` when the index does not speak of what stands here. */
  take(frame: Frame): 'taken' | 'elsewhere' {
    const { from, seq } = this.#block;
    if (seq !== null && frame.offset === from && frame.streamSeq !== seq) {
      this.break(frame.offset);
      return 'elsewhere';
    }
    const loss = frame.type === streamFrameType.loss ? decodeLoss(frame.payload) : null;
    if (!isEntryType(frame.type) && loss === null) return 'taken';
    this.#mend(loss?.from ?? frame.streamSeq);
    this.#seq = loss?.to ?? frame.streamSeq;
    if (loss !== null || isPassedOver(frame.type)) return 'taken';
    try {
      this.#entries.push(entryAt(frame));
    } catch (error) {
      if (!HoldfastError.is(error)) throw error;
      this.#holes.push({ after: frame.streamSeq - 1, before: frame.streamSeq + 1, error });
    }
    return 'taken';
  }

  /** From here up to the next entry nothing can be told. */
  break(offset: number): void {
    this.#brokenAt ??= offset;
  }

  finish(): BlockContent {
    this.#mend(this.#block.nextSeq);
    return { entries: this.#entries, holes: this.#holes };
  }

  #mend(before: number): void {
    if (this.#brokenAt === null) return;
    const after = this.#seq;
    const error = rotten(this.#place, { after, before, offset: this.#brokenAt });
    this.#holes.push({ after, before, error });
    this.#brokenAt = null;
  }
}

/** The entry in a frame whose checksums hold. UNDECODABLE. */
export function entryAt(frame: Frame): Entry {
  try {
    return entryOf(frame);
  } catch (cause) {
    throw new HoldfastError(
      'UNDECODABLE',
      `Cannot decode entry ${frame.streamSeq}: its checksums hold, its payload is not an event; ` +
        'please report this',
      { file: null, offset: frame.offset },
      { cause },
    );
  }
}

function rotten(
  { path, head }: { readonly path: string; readonly head: Head },
  hole: { readonly after: number; readonly before: number; readonly offset: number },
): HoldfastError<'DAMAGED'> {
  const id = head.sessionId;
  const [from, to] = [hole.after + 1, hole.before - 1];
  const lost: SeqRange[] = from > to ? [] : [{ from, to }];
  const what =
    from > to
      ? `between entries ${hole.after} and ${hole.before}`
      : from === to
        ? `at entry ${from}`
        : `at entries ${from} to ${to}`;
  return new HoldfastError(
    'DAMAGED',
    `Cannot read session ${JSON.stringify(id)}: the history is damaged ${what}, at offset ` +
      `${hole.offset}; run \`recover verify\` to see what is lost`,
    { sessions: [{ id, lost }], file: path, offset: hole.offset },
  );
}
