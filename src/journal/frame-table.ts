/**
 * Frames without their payloads, in columns: a journal may hold millions, and as objects they would
 * take more memory than the journal takes room on the disk. A row takes 52 bytes, in a list of
 * chosen rows 4 more. What is given out are small views, made when they are asked for.
 */
import { present } from '../base/assert.ts';
import { sameBytes } from '../format/bytes.ts';
import { keyText } from '../format/frame.ts';
import type { FrameHeader } from '../format/frame.ts';

/** A frame without its payload, and where it stands. Frames of a stream's life keep theirs. */
export interface FrameRef extends Omit<FrameHeader, 'checksum'> {
  readonly segment: number;
  readonly payload: Uint8Array | null;
}

/** Frames in an order. Arrays are such lists too. */
export interface Frames extends Iterable<FrameRef> {
  readonly length: number;
  /** Counted from the end when negative, as for arrays. */
  at(index: number): FrameRef | undefined;
}

/** What of a list holds, as a list. Of an array, whose frames are objects, it is those objects. */
export function framesWhere(frames: Frames, holds: (frame: FrameRef) => boolean): Frames {
  if (Array.isArray(frames)) return (frames as FrameRef[]).filter(holds);
  const picks = new FramePicks();
  for (const frame of frames) if (holds(frame)) picks.push(frame);
  return picks;
}

/** Whether it holds for any of them. */
export function someFrame(frames: Frames, holds: (frame: FrameRef) => boolean): boolean {
  for (const frame of frames) if (holds(frame)) return true;
  return false;
}

/** A copy that stands alone: what a list gives out is a view of it, and keeps all of it. */
export function plainFrame(frame: FrameRef): FrameRef {
  const { offset, payloadBytes, type, streamSeq, journalSeq, timeMs, payloadHash } = frame;
  const { segment, payload } = frame;
  const key = frame.key.slice();
  return {
    offset,
    payloadBytes,
    type,
    key,
    streamSeq,
    journalSeq,
    timeMs,
    payloadHash,
    segment,
    payload,
  };
}

/** Chunks double up to this many rows, so that small segments take little and growing is cheap. */
const chunkRowsMax = 4096;
const chunkRowsMin = 32;

/** Columns of some rows, and the number of the first. */
interface Chunk {
  readonly from: number;
  /** Stream seq, journal seq, time, offset. */
  readonly numbers: Float64Array;
  readonly hashes: BigUint64Array;
  /** Payload bytes, type, index of the key. */
  readonly words: Uint32Array;
}

const noChunk: Chunk = {
  from: 0,
  numbers: new Float64Array(0),
  hashes: new BigUint64Array(0),
  words: new Uint32Array(0),
};

/** Keys are few and repeat: one object for each. */
class Keys {
  readonly list: Uint8Array[] = [];
  readonly #indices = new Map<string, number>();
  #last = -1;

  indexOf(key: Uint8Array): number {
    const last = this.list[this.#last];
    if (last !== undefined && sameBytes(last, key)) return this.#last;
    const text = keyText({ key });
    const known = this.#indices.get(text);
    this.#last = known ?? this.list.push(key.slice()) - 1;
    if (known === undefined) this.#indices.set(text, this.#last);
    return this.#last;
  }
}

/** A list of frames that grows at its end. */
export class FrameTable implements Frames {
  readonly #segment: number;
  readonly #chunks: Chunk[] = [];
  #recent: Chunk = noChunk;
  readonly #keys = new Keys();
  readonly #payloads = new Map<number, Uint8Array>();
  length = 0;

  /** All of them stand in one segment. */
  constructor(segment: number) {
    this.#segment = segment;
  }

  /** Its payload is kept, or another one, or none. */
  push(frame: Omit<FrameRef, 'segment'>, payload: Uint8Array | null = frame.payload): void {
    const row = this.length;
    const chunk = this.#chunkForNext();
    const at = row - chunk.from;
    chunk.numbers[at * 4] = frame.streamSeq;
    chunk.numbers[at * 4 + 1] = frame.journalSeq;
    chunk.numbers[at * 4 + 2] = frame.timeMs;
    chunk.numbers[at * 4 + 3] = frame.offset;
    chunk.hashes[at] = frame.payloadHash;
    chunk.words[at * 3] = frame.payloadBytes;
    chunk.words[at * 3 + 1] = frame.type;
    chunk.words[at * 3 + 2] = this.#keys.indexOf(frame.key);
    if (payload !== null) this.#payloads.set(row, payload);
    this.length += 1;
  }

  at(index: number): FrameRef | undefined {
    const row = index < 0 ? this.length + index : index;
    return row >= 0 && row < this.length ? new TableFrame(this, row) : undefined;
  }

  *[Symbol.iterator](): Generator<FrameRef> {
    for (let row = 0; row < this.length; row += 1) yield new TableFrame(this, row);
  }

  get segment(): number {
    return this.#segment;
  }

  number(row: number, column: 0 | 1 | 2 | 3): number {
    const chunk = this.#chunkOf(row);
    return chunk.numbers[(row - chunk.from) * 4 + column] ?? 0;
  }

  word(row: number, column: 0 | 1 | 2): number {
    const chunk = this.#chunkOf(row);
    return chunk.words[(row - chunk.from) * 3 + column] ?? 0;
  }

  hash(row: number): bigint {
    const chunk = this.#chunkOf(row);
    return chunk.hashes[row - chunk.from] ?? 0n;
  }

  key(row: number): Uint8Array {
    return present(this.#keys.list[this.word(row, 2)], 'every row has a key');
  }

  payload(row: number): Uint8Array | null {
    return this.#payloads.get(row) ?? null;
  }

  #chunkForNext(): Chunk {
    const last = this.#chunks.at(-1);
    if (last !== undefined && this.length < last.from + last.hashes.length) return last;
    const rows = Math.min(chunkRowsMax, (last?.hashes.length ?? chunkRowsMin / 2) * 2);
    const chunk = {
      from: this.length,
      numbers: new Float64Array(rows * 4),
      hashes: new BigUint64Array(rows),
      words: new Uint32Array(rows * 3),
    };
    this.#chunks.push(chunk);
    return chunk;
  }

  /** The chunk of a row: those of full size follow each other behind a few that are smaller. */
  #chunkOf(row: number): Chunk {
    // Nearly always the one of the row before.
    const { from, hashes } = this.#recent;
    if (row >= from && row < from + hashes.length) return this.#recent;
    const small = Math.log2(chunkRowsMax / chunkRowsMin);
    const rowsOfSmall = chunkRowsMax - chunkRowsMin;
    const index =
      row < rowsOfSmall
        ? Math.floor(Math.log2(row / chunkRowsMin + 1))
        : small + Math.floor((row - rowsOfSmall) / chunkRowsMax);
    this.#recent = present(this.#chunks[index], 'the row is there');
    return this.#recent;
  }
}

/** A view of one row. */
class TableFrame implements FrameRef {
  readonly table: FrameTable;
  readonly row: number;

  constructor(table: FrameTable, row: number) {
    this.table = table;
    this.row = row;
  }

  get segment(): number {
    return this.table.segment;
  }

  get streamSeq(): number {
    return this.table.number(this.row, 0);
  }

  get journalSeq(): number {
    return this.table.number(this.row, 1);
  }

  get timeMs(): number {
    return this.table.number(this.row, 2);
  }

  get offset(): number {
    return this.table.number(this.row, 3);
  }

  get payloadHash(): bigint {
    return this.table.hash(this.row);
  }

  get payloadBytes(): number {
    return this.table.word(this.row, 0);
  }

  get type(): number {
    return this.table.word(this.row, 1);
  }

  get key(): Uint8Array {
    return this.table.key(this.row);
  }

  get payload(): Uint8Array | null {
    return this.table.payload(this.row);
  }
}

/** Lists one behind the other, of which each may end early. */
export class JoinedFrames implements Frames {
  readonly #parts: { readonly frames: Frames; readonly count: number }[] = [];
  length = 0;

  /** Adds the first so many frames of a list, by default all. */
  join(frames: Frames, count: number = frames.length): void {
    if (count === 0) return;
    this.#parts.push({ frames, count });
    this.length += count;
  }

  at(index: number): FrameRef | undefined {
    let left = index < 0 ? this.length + index : index;
    if (left < 0) return undefined;
    for (const { frames, count } of this.#parts) {
      if (left < count) return frames.at(left);
      left -= count;
    }
    return undefined;
  }

  *[Symbol.iterator](): Generator<FrameRef> {
    for (const { frames, count } of this.#parts) {
      if (count === frames.length) yield* frames;
      else for (let at = 0; at < count; at += 1) yield present(frames.at(at), 'it is there');
    }
  }
}

/** Frames chosen from tables: 4 bytes each, as long as those of one table come together. */
export class FramePicks implements Frames {
  readonly #runs: { readonly table: FrameTable; readonly from: number }[] = [];
  #rows = new Uint32Array(8);
  length = 0;

  push(frame: FrameRef): void {
    const { table, row } = frame instanceof TableFrame ? frame : alone(frame);
    if (this.#runs.at(-1)?.table !== table) this.#runs.push({ table, from: this.length });
    if (this.length === this.#rows.length) {
      const grown = new Uint32Array(this.length + Math.max(8, this.length >> 1));
      grown.set(this.#rows);
      this.#rows = grown;
    }
    this.#rows[this.length] = row;
    this.length += 1;
  }

  at(index: number): FrameRef | undefined {
    const place = index < 0 ? this.length + index : index;
    if (place < 0 || place >= this.length) return undefined;
    let [low, high] = [0, this.#runs.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#runs[middle]?.from ?? 0) <= place) low = middle;
      else high = middle - 1;
    }
    const { table } = present(this.#runs[low], 'there is a run');
    return new TableFrame(table, this.#rows[place] ?? 0);
  }

  *[Symbol.iterator](): Generator<FrameRef> {
    for (let run = 0, place = 0; run < this.#runs.length; run += 1) {
      const { table } = present(this.#runs[run], 'there is a run');
      const end = this.#runs[run + 1]?.from ?? this.length;
      for (; place < end; place += 1) yield new TableFrame(table, this.#rows[place] ?? 0);
    }
  }

  /** In ascending order of a sequence; equal ones stay as they are. The same list if it is so. */
  sortedBy(of: (frame: FrameRef) => number): FramePicks {
    const keys = new Float64Array(this.length);
    let [at, isSorted] = [0, true];
    for (const frame of this) {
      keys[at] = of(frame);
      isSorted &&= at === 0 || (keys[at - 1] ?? 0) <= (keys[at] ?? 0);
      at += 1;
    }
    if (isSorted) return this;
    const order = Uint32Array.from({ length: this.length }, (_, index) => index);
    order.sort((one, two) => (keys[one] ?? 0) - (keys[two] ?? 0) || one - two);
    const sorted = new FramePicks();
    for (const index of order) sorted.push(present(this.at(index), 'it is there'));
    return sorted;
  }
}

function alone(frame: FrameRef): { readonly table: FrameTable; readonly row: number } {
  const table = new FrameTable(frame.segment);
  table.push(frame);
  return { table, row: 0 };
}
