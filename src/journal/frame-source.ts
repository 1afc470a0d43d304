/**
 * Reads single frames of a journal again: for settling, and for readers. Every frame is checked as
 * if it were read for the first time. Segments stay open while they are in use; one window is kept,
 * because frames are asked for in the order in which they stand.
 */
import { present } from '../base/assert.ts';
import { HoldfastError } from '../base/errors.ts';
import { fileHeaderBytes, readChunkBytes } from '../base/quantities.ts';
import { viewOf } from '../format/bytes.ts';
import { decodeFrame, frameBytes, isFault } from '../format/frame.ts';
import type { Frame } from '../format/frame.ts';
import { decodeSegmentHeader } from '../format/segment-header.ts';
import { readUpTo } from '../platform/file-system.ts';
import type { File, FileSystem } from '../platform/file-system.ts';
import { ReadRoom } from '../platform/read-room.ts';
import { segmentName } from './segment-maker.ts';

/** A read of its own costs more than to read this many bytes that nobody asked for. */
const gapBytesMax = 32 * 1024;

/** Whole segments that are kept in memory while many sessions settle. */
const keptMax = 3;

/** Where a frame stands. */
export interface FramePlace {
  readonly segment: number;
  readonly offset: number;
  readonly payloadBytes: number;
}

interface OpenSegment {
  readonly file: File;
  readonly salt: bigint;
  readonly bytes: number;
}

/** Bytes of a segment, and where in it they begin. */
interface Window {
  readonly segment: number;
  readonly base: number;
  readonly bytes: Uint8Array;
}

/** Frames of one journal by their place. Closed by its owner. */
export class FrameSource {
  readonly #fileSystem: FileSystem;
  readonly #directory: string;
  readonly #open = new Map<number, Promise<OpenSegment>>();
  #window: Window | null = null;
  /** Whole segments, see `keep`. */
  readonly #kept = new Map<number, Window>();

  constructor(fileSystem: FileSystem, directory: string) {
    this.#fileSystem = fileSystem;
    this.#directory = directory;
  }

  /** The frame at this place. DAMAGED when it is not there any more. */
  async read(place: FramePlace): Promise<Frame> {
    const segment = await this.#segment(place.segment);
    for (const window of [this.#window, null]) {
      // A window may be older than the frame: segments are filled while they are read. Only bytes
      // that were read just now can tell that a frame has changed.
      this.#window = window;
      const { bytes, base } = await this.#windowFor(segment, place);
      const frame = decodeFrame(bytes, place.offset - base, { salt: segment.salt, base });
      if (!isFault(frame) && frame.payload.length === place.payloadBytes) return frame;
    }
    throw changed(place);
  }

  /**
   * Reads full segments as a whole, at most `keptMax` from the first one on, and keeps them until
   * others are asked for: for settling many sessions, whose frames stand between each other
   * everywhere.
   */
  async keep(from: number, below: number): Promise<void> {
    const wanted = Array.from({ length: Math.min(below - from, keptMax) }, (_, at) => from + at);
    for (const number of this.#kept.keys()) if (!wanted.includes(number)) this.#kept.delete(number);
    for (const number of wanted) {
      if (this.#kept.has(number)) continue;
      const segment = await this.#segment(number);
      this.#kept.set(number, await readWindow(segment, number, 0, segment.bytes));
    }
  }

  /** Lets go of what `keep` keeps. */
  forget(): void {
    this.#kept.clear();
  }

  /**
   * The frames at these places, in the order given, which is that of the journal. Frames of many
   * streams stand between each other: what lies between two of ours is read along when it is
   * little, and left out when it is much. DAMAGED when one is not there any more.
   */
  async readAll(places: readonly FramePlace[]): Promise<Frame[]> {
    const frames: Frame[] = [];
    for await (const some of this.readRuns(places)) for (const frame of some) frames.push(frame);
    return frames;
  }

  /** The same in parts, for any number of places: about a megabyte, or one frame, at a time. */
  async *readRuns(places: Iterable<FramePlace>): AsyncGenerator<readonly Frame[]> {
    for (const run of runsOf(places)) yield await this.#readRun(run);
  }

  /**
   * The same for who keeps no frame and no view of one: they are good until the next part is asked
   * for.
   */
  async *lendRuns(places: Iterable<FramePlace>): AsyncGenerator<readonly Frame[]> {
    const room = new ReadRoom(readChunkBytes);
    for (const run of runsOf(places)) yield await this.#readRun(run, room);
  }

  /** Opens these segments now: they can then be read even after they were removed. */
  async hold(segments: ReadonlySet<number>): Promise<void> {
    for (const segment of segments) await this.#segment(segment);
  }

  /** Closes segments below this number; they are gone, or about to be. */
  async release(below: number): Promise<void> {
    const closing: Promise<void>[] = [];
    for (const [number, open] of this.#open) {
      if (number >= below) continue;
      this.#open.delete(number);
      closing.push(open.then(({ file }) => file.close()));
    }
    // One that does not close must not keep the others open.
    const ends = await Promise.allSettled(closing);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    if (this.#window !== null && this.#window.segment < below) this.#window = null;
    for (const number of this.#kept.keys()) if (number < below) this.#kept.delete(number);
  }

  async close(): Promise<void> {
    await this.release(Number.MAX_SAFE_INTEGER);
  }

  async #readRun(run: readonly FramePlace[], room?: ReadRoom): Promise<readonly Frame[]> {
    const [first, last] = [present(run[0], 'a run holds a place'), present(run.at(-1), 'one')];
    const segment = await this.#segment(first.segment);
    const { base, bytes } =
      this.#kept.get(first.segment) ??
      (await readWindow(segment, first.segment, first.offset, endOf(last) - first.offset, room));
    const [file, view] = [{ salt: segment.salt, base }, viewOf(bytes)];
    return run.map((place) => {
      const frame = decodeFrame(bytes, place.offset - base, file, view);
      if (isFault(frame) || frame.payload.length !== place.payloadBytes) throw changed(place);
      return frame;
    });
  }

  #segment(number: number): Promise<OpenSegment> {
    let open = this.#open.get(number);
    if (open === undefined) {
      open = this.#openSegment(number);
      this.#open.set(number, open);
      // A failed open is tried again by the next reader; this one gets the error through `open`.
      open.catch(() => this.#open.delete(number));
    }
    return open;
  }

  async #openSegment(number: number): Promise<OpenSegment> {
    const name = segmentName(number);
    const file = await this.#fileSystem.open(`${this.#directory}/${name}`, 'read');
    const header = decodeSegmentHeader(await readUpTo(file, 0, fileHeaderBytes));
    if (!('kind' in header)) return { file, salt: header.salt, bytes: header.bytes };
    await file.close();
    throw new HoldfastError(
      'DAMAGED',
      `Cannot read ${name}: both of its header blocks are bad; run \`recover verify\``,
      { sessions: [], file: name, offset: 0 },
    );
  }

  async #windowFor(segment: OpenSegment, place: FramePlace): Promise<Window> {
    const needed = frameBytes(place.payloadBytes);
    const window = this.#window;
    if (window !== null && window.segment === place.segment && window.base <= place.offset) {
      if (place.offset + needed <= window.base + window.bytes.length) return window;
    }
    const length = Math.max(needed, Math.min(readChunkBytes, segment.bytes - place.offset));
    this.#window = await readWindow(segment, place.segment, place.offset, length);
    return this.#window;
  }
}

async function readWindow(
  { file }: OpenSegment,
  segment: number,
  base: number,
  length: number,
  room?: ReadRoom,
): Promise<Window> {
  const reading = room?.read(file, base, length) ?? readUpTo(file, base, length);
  return { segment, base, bytes: await reading };
}

/** Places that one read covers: of one segment, close to each other, about a megabyte at most. */
function* runsOf(places: Iterable<FramePlace>): Generator<readonly FramePlace[]> {
  let run: FramePlace[] = [];
  for (const place of places) {
    const [first, last] = [run[0], run.at(-1)];
    const goesOn =
      first !== undefined &&
      last !== undefined &&
      first.segment === place.segment &&
      place.offset - endOf(last) <= gapBytesMax &&
      endOf(place) - first.offset <= readChunkBytes;
    if (!goesOn && run.length > 0) {
      yield run;
      run = [];
    }
    run.push(place);
  }
  if (run.length > 0) yield run;
}

function endOf(place: FramePlace): number {
  return place.offset + frameBytes(place.payloadBytes);
}

function changed(place: FramePlace): HoldfastError<'DAMAGED'> {
  const file = segmentName(place.segment);
  return new HoldfastError(
    'DAMAGED',
    `Cannot read the frame at offset ${place.offset} of ${file} again: its bytes have changed; ` +
      'close the store and run `recover verify`',
    { sessions: [], file, offset: place.offset },
  );
}
