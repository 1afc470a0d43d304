/**
 * Where the entries of a history stand, so that one of them is found without reading the others.
 * Only what lies behind the newest base is held; the part of each older stretch is in the base at
 * its end, and is read when somebody asks for it. A base that is damaged costs one reading of its
 * stretch.
 *
 * Offsets in a history never change while it has its salt, so a part that was read stays true.
 */
import { fileHeaderBytes, indexBlockBytes, indexPartsMax } from '../base/quantities.ts';
import { isEntryType } from '../format/control.ts';
import { frameBytes, isFault } from '../format/frame.ts';
import type { Head } from '../format/head.ts';
import { FrameCursor } from '../journal/frame-cursor.ts';
import type { File } from '../platform/file-system.ts';
import { ladderBehind, readBase } from './base-frame.ts';
import type { Base, BasePlace, Blocks } from './base-frame.ts';

/** An entry and where its frame begins. */
export interface Placed {
  readonly seq: number;
  readonly offset: number;
}

/** A run of frames. */
export interface Block {
  readonly from: number;
  readonly to: number;
  /** Seq of the entry that stands at `from`; null when the history has no entry there. */
  readonly seq: number | null;
  /** Nothing in front of the block has a higher seq. */
  readonly previousSeq: number;
  /** Nothing behind the block has a lower seq. */
  readonly nextSeq: number;
}

/** The index of one stretch: what lies behind one base up to the next. */
interface Part {
  readonly blocks: Blocks;
  readonly earlier: readonly BasePlace[];
}

const nothing: Blocks = { seqs: [], offsets: [] };
const beginning: BasePlace = { number: 0, seq: 0, offset: fileHeaderBytes };

/** The index of one history. A single owner changes it; many may read at the same time. */
export class BlockIndex {
  #newest: Pick<Base, 'place' | 'earlier'> | null;
  /** Blocks behind the newest base. */
  #blocks: Blocks;
  /** Parts that were read, by stretch; least recently used first. */
  readonly #parts = new Map<string, Part>();

  constructor(newest: Pick<Base, 'place' | 'earlier'> | null, blocks: Blocks = nothing) {
    this.#newest = newest;
    this.#blocks = blocks;
  }

  /** The ladder, and the number, of a base that comes next. */
  get next(): { readonly number: number; readonly earlier: readonly BasePlace[] } {
    const number = (this.#newest?.place.number ?? 0) + 1;
    return { number, earlier: ladderBehind(this.#newest) };
  }

  /** What `take` would make of the blocks behind the newest base. */
  with(placed: Iterable<Placed>): Blocks {
    const builder = new BlockBuilder(this.#blocks);
    for (const one of placed) builder.add(one);
    return builder.blocks;
  }

  /** Entries were settled, and with them perhaps a base. */
  take(blocks: Blocks, base: Pick<Base, 'place' | 'earlier'> | null): void {
    this.#blocks = base === null ? blocks : nothing;
    this.#newest = base ?? this.#newest;
  }

  /**
   * The block that holds this seq of a history with this head, or would if it were not lost. Fails
   * as the machine fails.
   */
  async find(file: File, head: Head, seq: number): Promise<Block> {
    const newest = this.#newest;
    if (newest === null || seq > newest.place.seq) {
      const { seq: last, endOffset } = head.vouched;
      const stretch = { before: newest?.place ?? beginning, seq: last, offset: endOffset };
      return blockOf(this.#blocks, seq, stretch);
    }
    const { base, before, part } = await this.#climb(file, head, newest.place, seq);
    const blocks = part?.blocks ?? (await this.#scan(file, head, before, base));
    return blockOf(blocks, seq, { before, ...base });
  }

  /**
   * The newest base that sums up nothing behind this seq; null when there is none, or it is
   * damaged. Fails as the machine fails.
   */
  async baseBefore(file: File, head: Head, seq: number): Promise<Base | null> {
    const newest = this.#newest?.place;
    if (newest === undefined) return null;
    const isNewest = newest.seq <= seq;
    const place = isNewest ? newest : (await this.#climb(file, head, newest, seq + 1)).before;
    const base = place.number === 0 ? null : await readBase(file, head, place.offset);
    return base?.place.number === place.number && base.place.seq === place.seq ? base : null;
  }

  /**
   * From this base, which is not in front of the seq, down to the one in whose stretch the seq may
   * be, and the nearest one in front of it that is known. A part is null when its base is damaged.
   */
  async #climb(
    file: File,
    head: Head,
    from: BasePlace,
    seq: number,
  ): Promise<{ readonly base: BasePlace; readonly before: BasePlace; readonly part: Part | null }> {
    let [base, before] = [from, beginning];
    for (;;) {
      const part = await this.#read(file, head, base);
      if (part === null) return { base, before, part };
      before = part.earlier.find((place) => place.seq < seq) ?? before;
      const next = part.earlier.filter((place) => place.seq >= seq).at(-1);
      if (next === undefined) return { base, before, part };
      base = next;
    }
  }

  /** What the base at this place knows; null when it is damaged, or not the one expected. */
  async #read(file: File, head: Head, place: BasePlace): Promise<Part | null> {
    const key = String(place.offset);
    const known = this.#parts.get(key);
    if (known !== undefined) return this.#keep(key, known);
    const base = await readBase(file, head, place.offset);
    if (base === null || base.place.number !== place.number || base.place.seq !== place.seq) {
      return null;
    }
    return this.#keep(key, { blocks: base.blocks, earlier: base.earlier });
  }

  /** The blocks between two bases, from the frames themselves. */
  async #scan(file: File, head: Head, from: BasePlace, to: BasePlace): Promise<Blocks> {
    const key = `${from.offset}-${to.offset}`;
    const known = this.#parts.get(key);
    if (known !== undefined) return this.#keep(key, known).blocks;
    const builder = new BlockBuilder(nothing);
    const cursor = new FrameCursor(file, head.salt, from.offset, to.offset);
    for (let found = await cursor.next(); found !== null; found = await cursor.next()) {
      const frame = isFault(found) && found.kind === 'payload' ? found.header : found;
      if ('kind' in frame) {
        // What is damaged is told by whoever reads it; here it only has no place of its own.
        if (!(await cursor.resume())) break;
        continue;
      }
      if (isFault(found)) cursor.offset += frameBytes(frame.payloadBytes);
      if (isEntryType(frame.type)) builder.add({ seq: frame.streamSeq, offset: frame.offset });
    }
    return this.#keep(key, { blocks: builder.blocks, earlier: [] }).blocks;
  }

  #keep(key: string, part: Part): Part {
    this.#parts.delete(key);
    this.#parts.set(key, part);
    const oldest = this.#parts.keys().next();
    if (this.#parts.size > indexPartsMax && !oldest.done) this.#parts.delete(oldest.value);
    return part;
  }
}

/** Divides entries, which come in order, into blocks of at least `indexBlockBytes`. */
export class BlockBuilder {
  readonly #seqs: number[];
  readonly #offsets: number[];

  constructor(blocks: Blocks = nothing) {
    this.#seqs = [...blocks.seqs];
    this.#offsets = [...blocks.offsets];
  }

  get blocks(): Blocks {
    return { seqs: this.#seqs, offsets: this.#offsets };
  }

  add({ seq, offset }: Placed): void {
    const last = this.#offsets.at(-1);
    if (last !== undefined && offset < last + indexBlockBytes) return;
    this.#seqs.push(seq);
    this.#offsets.push(offset);
  }
}

/** The last block that begins at or before the seq, in a stretch that ends at this place. */
function blockOf(
  { seqs, offsets }: Blocks,
  seq: number,
  stretch: Placed & { readonly before: BasePlace },
): Block {
  let low = -1;
  let high = seqs.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((seqs[middle] ?? 0) <= seq) low = middle;
    else high = middle - 1;
  }
  const nextSeq = seqs[low + 1] ?? stretch.seq + 1;
  const to = offsets[low + 1] ?? stretch.offset;
  const first = seqs[low];
  // Between the base and the first block behind it stands only a loss, or what is damaged.
  if (first === undefined) {
    const { seq: previousSeq, offset: from } = stretch.before;
    return { from, to, seq: null, previousSeq, nextSeq };
  }
  return { from: offsets[low] ?? to, to, seq: first, previousSeq: first - 1, nextSeq };
}
