/**
 * The bare disk, with the calls that the engine makes: pwrite and fdatasync on this thread, where
 * nothing stands between the call and the clock. Files are filled round and round, so that little
 * room is needed.
 */
import { latencyHistogram } from '../platform/latency-histogram.ts';
import { writeAll } from '../platform/file-system.ts';
import type { File, FileSystem } from '../platform/file-system.ts';
import { pointsOf } from './curve.ts';
import type { Point } from './curve.ts';
import { flushOf } from './flush.ts';
import type { Pace, Part } from './pace.ts';
import { alternate } from './rounds.ts';
import type { Slice, Turn } from './rounds.ts';
import type { DiskReport } from './report.ts';
import { medianOf, ratiosOf, spreadOf } from './spread.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
const blockBytes = 4 * KiB;
const readyBytes = 2 * MiB;
/** A growing file begins anew behind this. */
const growBytesMax = 1 * MiB;
/** The warm-up and one that counts: whether a flush is one is the least that a run tells. */
const roundsLeast = 2;
const sizes = [512, 4 * KiB, 16 * KiB, 64 * KiB, 256 * KiB, 1 * MiB];
/** Larger segments cost in proportion: see `segmentCostOf`. */
const segmentSizes = [256 * KiB, 1 * MiB, 4 * MiB];
const zeros = new Uint8Array(1 * MiB);

/** A disk about which nothing is known yet. */
export function unknownDisk(fileSystem: string): DiskReport {
  return {
    fileSystem,
    flush: flushOf(fileSystem, null),
    sync: null,
    ready: null,
    growing: null,
    growth: null,
    sizes: [],
    segments: [],
  };
}

/** Where the probes work, and how far they may go. */
export interface Probing {
  readonly fileSystem: FileSystem;
  /** A directory of their own. */
  readonly directory: string;
  readonly pace: Pace;
  /** Of the mount that the directory lies in. */
  readonly mountOptions: readonly string[];
}

/** fdatasync in ready and in growing space, in turns. */
export async function probeSyncs(
  { fileSystem, directory, pace, mountOptions }: Probing,
  part: Part,
  kind: string,
): Promise<Pick<DiskReport, 'flush' | 'sync' | 'ready' | 'growing' | 'growth'>> {
  if (!pace.take(readyBytes)) return unknownDisk(kind);
  await using ready = await ProbeFile.make(fileSystem, `${directory}/ready`, pace, readyBytes);
  await using growing = await ProbeFile.make(fileSystem, `${directory}/growing`, pace, 0);
  const [readyTimes, growingTimes] = [latencyHistogram(), latencyHistogram()];
  const syncTimes = latencyHistogram();
  const slices: readonly Slice[] = [
    (turn) => ready.slice(turn, blockBytes, readyTimes.record, syncTimes.record),
    (turn) => growing.slice(turn, blockBytes, growingTimes.record),
  ];
  const [inPlace = [], atEnd = []] = await alternate(pace, part, slices, roundsLeast);
  const sync = syncTimes.latency();
  return {
    flush: flushOf(kind, sync, mountOptions),
    sync,
    ready: readyTimes.latency(),
    growing: growingTimes.latency(),
    growth: spreadOf(ratiosOf(atEnd, inPlace)),
  };
}

/** How long a write of so many bytes and its sync take. */
export async function probeSizes(
  { fileSystem, directory, pace }: Probing,
  part: Part,
): Promise<readonly Point[]> {
  if (!pace.take(readyBytes)) return [];
  await using file = await ProbeFile.make(fileSystem, `${directory}/sizes`, pace, readyBytes);
  const slices = sizes.map(
    (bytes): Slice =>
      (turn) =>
        file.slice(turn, bytes, () => undefined),
  );
  return pointsOf({ values: sizes, rounds: await alternate(pace, part, slices) });
}

/** How long a segment of each size takes until it stands there, synced and named. */
export async function probeSegments(
  { fileSystem, directory, pace }: Probing,
  part: Part,
): Promise<readonly Point[]> {
  const make = async (bytes: number): Promise<number | null> => {
    if (!pace.take(bytes)) return null;
    const begunMs = pace.nowMs();
    await makeFilled(fileSystem, `${directory}/new`, bytes);
    await fileSystem.rename(`${directory}/new`, `${directory}/segment`);
    await fileSystem.syncDirectory(directory);
    const tookMs = pace.nowMs() - begunMs;
    await fileSystem.remove(`${directory}/segment`);
    return tookMs;
  };
  const slices = segmentSizes.map((bytes) => () => make(bytes));
  return pointsOf({ values: segmentSizes, rounds: await alternate(pace, part, slices) });
}

async function makeFilled(fileSystem: FileSystem, path: string, bytes: number): Promise<void> {
  const file = await fileSystem.create(path);
  try {
    for (let at = 0; at < bytes; at += zeros.length) {
      await writeAll(file, zeros.subarray(0, Math.min(zeros.length, bytes - at)), at);
      await file.sync();
    }
  } finally {
    await file.close();
  }
}

/** A file that is written round and round, or that grows when it begins empty. */
class ProbeFile implements AsyncDisposable {
  readonly #file: File;
  readonly #remove: () => Promise<void>;
  readonly #pace: Pace;
  readonly #filled: number;
  readonly #block: Uint8Array = new Uint8Array(1 * MiB).fill(0x5a);
  #at = 0;

  constructor(file: File, remove: () => Promise<void>, pace: Pace, filled: number) {
    this.#file = file;
    this.#remove = remove;
    this.#pace = pace;
    this.#filled = filled;
  }

  static async make(
    fileSystem: FileSystem,
    path: string,
    pace: Pace,
    filled: number,
  ): Promise<ProbeFile> {
    await makeFilled(fileSystem, path, filled);
    const file = await fileSystem.open(path, 'write');
    return new ProbeFile(file, () => fileSystem.remove(path), pace, filled);
  }

  /**
   * The median time of one write and its sync, in milliseconds. `record` takes both together,
   * `recordSync` the sync alone.
   */
  async slice(
    { sliceMs, sliceBytes, round }: Turn,
    bytes: number,
    record: (ms: number) => void,
    recordSync?: (ms: number) => void,
  ): Promise<number | null> {
    const times: number[] = [];
    const writesMax = Math.max(1, Math.floor(sliceBytes / bytes));
    let nowMs = this.#pace.nowMs();
    const endMs = nowMs + sliceMs;
    while (times.length === 0 || (nowMs < endMs && times.length < writesMax)) {
      if (!this.#pace.take(bytes)) return null;
      if (await this.#wrap(bytes)) nowMs = this.#pace.nowMs();
      await writeAll(this.#file, this.#block.subarray(0, bytes), this.#at);
      const writtenMs = this.#pace.nowMs();
      await this.#file.sync();
      this.#at += bytes;
      const doneMs = this.#pace.nowMs();
      times.push(doneMs - nowMs);
      if (round > 0) {
        record(doneMs - nowMs);
        recordSync?.(doneMs - writtenMs);
      }
      nowMs = doneMs;
    }
    return medianOf(times);
  }

  /** Begins anew at the end; true when it did. A file that is to grow gives its space back. */
  async #wrap(bytes: number): Promise<boolean> {
    if (this.#at + bytes <= (this.#filled === 0 ? growBytesMax : this.#filled)) return false;
    this.#at = 0;
    if (this.#filled === 0) await this.#file.truncate(0);
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
    await this.#remove();
  }
}
