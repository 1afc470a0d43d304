/**
 * Reads along in a journal that another process writes: the frames of one stream, each once, as
 * soon as a durable mark says that they are synced. It begins at the newest segment in use; what
 * stands in older ones is durable by then, and the caller reads it first.
 *
 * A look that finds nothing costs one read of a frame header. A living journal is never called
 * damaged: what does not follow is still being written, or was left by a failed write, and then the
 * writer went on in a later segment: `isLeft` tells.
 */
import { fileHeaderBytes, frameHeaderBytes } from '../base/quantities.ts';
import { errnoOf } from '../base/errors.ts';
import { isZero } from '../format/bytes.ts';
import { keyText, isFault } from '../format/frame.ts';
import type { Frame } from '../format/frame.ts';
import { decodeSegmentHeader } from '../format/segment-header.ts';
import type { SegmentHeader } from '../format/segment-header.ts';
import { readUpTo } from '../platform/file-system.ts';
import type { File, FileSystem } from '../platform/file-system.ts';
import { FrameCursor } from './frame-cursor.ts';
import { segmentName, segmentNumber } from './segment-maker.ts';
import { SegmentWalk } from './segment-walk.ts';

interface OpenSegment {
  readonly file: File;
  readonly header: SegmentHeader;
}

/** One journal, as somebody sees it who does not own it. Closed by its owner. */
export class LiveJournal {
  readonly #fileSystem: FileSystem;
  readonly #directory: string;
  /** Hexadecimal key of the stream. */
  readonly #key: string;
  #segment: OpenSegment;
  #walk = new SegmentWalk();
  /** Reads on from where it stands; null when what it holds may be older than the file. */
  #cursor: FrameCursor | null = null;
  #durableMark = 0;
  /** Committed frames of the stream that no mark covers yet. */
  #held: Frame[] = [];

  constructor(fileSystem: FileSystem, directory: string, key: string, segment: OpenSegment) {
    this.#fileSystem = fileSystem;
    this.#directory = directory;
    this.#key = key;
    this.#segment = segment;
  }

  /** At the newest segment in use, or the first one; null when there is no segment at all. */
  static async open(
    fileSystem: FileSystem,
    directory: string,
    key: string,
  ): Promise<LiveJournal | null> {
    const segment = await newestInUse(fileSystem, directory);
    return segment === null ? null : new LiveJournal(fileSystem, directory, key, segment);
  }

  /**
   * The next frames of the stream that are durable, in order: all that can be told without reading
   * on. None when there is nothing new.
   */
  async take(): Promise<readonly Frame[]> {
    for (;;) {
      const durable = this.#takeHeld();
      if (durable.length > 0) return durable;
      if (!(await this.#readOn())) return [];
    }
  }

  /**
   * True when the writer has gone on in a place to which nothing leads from here: what it left
   * behind is durable or disowned. Lists the directory and opens a file; for now and then.
   */
  async isLeft(): Promise<boolean> {
    const newest = await newestInUse(this.#fileSystem, this.#directory);
    await newest?.file.close();
    return newest === null || newest.header.number !== this.#segment.header.number;
  }

  async close(): Promise<void> {
    await this.#segment.file.close();
  }

  #takeHeld(): readonly Frame[] {
    const mark = this.#durableMark;
    const durable = this.#held.filter((frame) => frame.journalSeq <= mark);
    if (durable.length > 0) this.#held = this.#held.filter((frame) => frame.journalSeq > mark);
    return durable;
  }

  /** Reads up to the end of the next batch, mark or segment; false when nothing new is there. */
  async #readOn(): Promise<boolean> {
    const { file, header } = this.#segment;
    if (this.#walk.seal !== null) return this.#goOn(this.#walk.seal.segment);
    const from = this.#walk.end;
    const before = this.#cursor;
    if (before === null && isZero(await readUpTo(file, from, frameHeaderBytes))) return false;
    const cursor = before ?? new FrameCursor(file, header.salt, from, header.bytes);
    this.#cursor = cursor;
    while (this.#walk.end === from) {
      const frame = await cursor.next();
      const step = frame === null || isFault(frame) ? null : this.#walk.take(frame);
      if (step === null || step.kind === 'fault') {
        this.#cursor = null;
        this.#walk.again();
        // A window from an earlier call may be older than the file: one more look is worth it.
        return before !== null;
      }
      if (step.kind === 'batch') this.#hold(step.frames);
    }
    this.#durableMark = Math.max(this.#durableMark, this.#walk.durableMark);
    return true;
  }

  #hold(frames: readonly Frame[]): void {
    for (const frame of frames) {
      if (keyText(frame) !== this.#key) continue;
      // A view on a window of a megabyte would keep all of it.
      this.#held.push({ ...frame, payload: frame.payload.slice() });
    }
  }

  /** False when the successor is gone: it was settled and retired before it was read. */
  async #goOn(number: number): Promise<boolean> {
    const next = await openSegment(this.#fileSystem, this.#directory, number);
    if (next === null) return false;
    const before = this.#segment;
    this.#segment = next;
    this.#walk = new SegmentWalk();
    this.#cursor = null;
    await before.file.close();
    return true;
  }
}

/**
 * The newest segment that something was written into, or the oldest of those that were made ahead.
 */
async function newestInUse(fileSystem: FileSystem, directory: string): Promise<OpenSegment | null> {
  const numbers = await segmentsIn(fileSystem, directory);
  for (const number of numbers.toReversed()) {
    const segment = await openSegment(fileSystem, directory, number);
    if (segment === null) continue;
    const isUsed = !isZero(await readUpTo(segment.file, fileHeaderBytes, frameHeaderBytes));
    if (isUsed || number === numbers[0]) return segment;
    await segment.file.close();
  }
  return null;
}

async function segmentsIn(fileSystem: FileSystem, directory: string): Promise<readonly number[]> {
  try {
    const names = await fileSystem.list(directory);
    return names.map(segmentNumber).filter((number) => number !== null);
  } catch (error) {
    // The writer has closed its journal, and the sessions say so.
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Null for one that is gone, or whose header is bad: that is for recovery to tell. */
async function openSegment(
  fileSystem: FileSystem,
  directory: string,
  number: number,
): Promise<OpenSegment | null> {
  let file: File;
  try {
    file = await fileSystem.open(`${directory}/${segmentName(number)}`, 'read');
  } catch (error) {
    // Retired since its name was read.
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
  const header = decodeSegmentHeader(await readUpTo(file, 0, fileHeaderBytes));
  if (!('kind' in header)) return { file, header };
  await file.close();
  return null;
}
