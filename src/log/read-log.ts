/**
 * Reads the journal of a bare log with memory for one segment and a few facts of each, however many
 * entries there are: what one segment tells of its entries is folded into runs before the next one
 * is read.
 *
 * A run never reaches over a place that can turn out to be an end: the places from which later
 * segments go on are collected first, and a segment with entries beyond the durable mark is given
 * frame by frame.
 */
import { batchBytesMax, fileHeaderBytes, segmentBytesMax } from '../base/quantities.ts';
import { attachType, isEntryType } from '../format/control.ts';
import { nextChain } from '../format/frame.ts';
import { linkSegments, segmentFacts } from '../journal/journal-reader.ts';
import type { JournalFacts, SegmentFacts } from '../journal/journal-reader.ts';
import { controlFrameBytes } from '../journal/segment-line.ts';
import { segmentName, segmentNumber } from '../journal/segment-maker.ts';
import { lastEnd } from '../journal/batch-ends.ts';
import type { BatchEnds } from '../journal/batch-ends.ts';
import { plainFrame } from '../journal/frame-table.ts';
import type { FrameRef } from '../journal/frame-table.ts';
import type { SegmentContent } from '../journal/segment-reader.ts';
import type { BatchEnd } from '../journal/segment-walk.ts';
import { decodeIntroduction } from '../journal/streams.ts';
import { readUpTo } from '../platform/file-system.ts';
import type { FileSystem } from '../platform/file-system.ts';
import { logEntryType } from './read-entries.ts';

/** Largest segment that is read: one made to the size of the largest batch. */
const fileBytesMax = batchBytesMax + segmentBytesMax;

/** Entries that follow each other in one segment, known by the frame of the last one. */
export interface EntryRun {
  readonly firstSeq: number;
  /** Chain of the stream in front of the first entry, and behind the last one. */
  readonly chainBefore: bigint;
  readonly chain: bigint;
}

/** The journal of a log. A frame that is a key of `runs` stands for all entries of its run. */
export interface LogJournal {
  readonly facts: JournalFacts;
  readonly runs: ReadonlyMap<FrameRef, EntryRun>;
}

/** Reads all segments. Damage is a value; only the machine's refusals are thrown. */
export async function readLog(fileSystem: FileSystem, directory: string): Promise<LogJournal> {
  const numbers = (await fileSystem.list(directory))
    .map((name) => segmentNumber(name))
    .filter((number) => number !== null);
  const read = (number: number, bytesMax: number): Promise<SegmentFacts> =>
    readFacts(fileSystem, `${directory}/${segmentName(number)}`, number, bytesMax);
  const folding = new Folding();
  for (const number of numbers) {
    folding.learn(await read(number, fileHeaderBytes + controlFrameBytes));
  }
  const segments: SegmentFacts[] = [];
  for (const number of numbers) segments.push(folding.fold(await read(number, fileBytesMax)));
  for (const index of beyondMark(segments)) {
    segments[index] = await read(segments[index]?.number ?? 0, fileBytesMax);
  }
  return { facts: linkSegments(directory, segments, 'removed'), runs: folding.runs };
}

/** Which of these segments hold something beyond the durable mark: the newest one, if any. */
export function beyondMark(segments: readonly SegmentFacts[]): readonly number[] {
  const mark = Math.max(0, ...segments.map(({ content }) => content?.durableMark ?? 0));
  return [...segments.keys()].filter((index) => (segments[index]?.content?.lastSeq ?? 0) > mark);
}

async function readFacts(
  fileSystem: FileSystem,
  path: string,
  number: number,
  bytesMax: number,
): Promise<SegmentFacts> {
  const file = await fileSystem.open(path, 'read');
  try {
    const { size } = await file.stat();
    return segmentFacts(path, number, await readUpTo(file, 0, Math.min(size, bytesMax)), size);
  } finally {
    await file.close();
  }
}

/** Folds segments one by one. Pure. */
export class Folding {
  readonly runs: Map<FrameRef, EntryRun> = new Map();
  readonly #limits = new Map<number, number[]>();

  /** Takes note of the place from which a segment goes on; all are learnt before one is folded. */
  learn({ content }: SegmentFacts): void {
    const origin = content?.origin ?? null;
    if (origin === null) return;
    const limits = this.#limits.get(origin.segment) ?? [];
    this.#limits.set(origin.segment, [...limits, origin.endOffset]);
  }

  /** The same facts with runs for frames, and only those ends of batches that can count. */
  fold(facts: SegmentFacts): SegmentFacts {
    const { content } = facts;
    if (content === null) return facts;
    const batches = endsThatCount(content.batches, this.#limits.get(facts.number) ?? []);
    const breaks = new Set(batches.map(({ lastSeq }) => lastSeq));
    const frames = runsOf(content, breaks, this.runs);
    return { ...facts, content: { ...content, batches, frames } };
  }
}

/** The last end at or in front of each limit, and the last one of all. */
function endsThatCount(all: BatchEnds, limits: readonly number[]): readonly BatchEnd[] {
  const found = [...limits, Number.MAX_SAFE_INTEGER].map((limit) => {
    return lastEnd(all, ({ endOffset }) => endOffset <= limit);
  });
  const byOffset = new Map(
    found.flatMap((end) => (end === undefined ? [] : [[end.endOffset, end]])),
  );
  return [...byOffset.values()].sort((one, other) => one.endOffset - other.endOffset);
}

/** A run ends behind these journal seqs, and wherever something else than an entry stands. */
function runsOf(
  { frames }: SegmentContent,
  breaks: ReadonlySet<number>,
  runs: Map<FrameRef, EntryRun>,
): readonly FrameRef[] {
  const result: FrameRef[] = [];
  // Known from the introduction of the stream on, with which its entries begin in every segment.
  let chain: bigint | null = null;
  let run: { firstSeq: number; chainBefore: bigint; last: FrameRef } | null = null;
  const end = (): void => {
    if (run === null || chain === null) return;
    const { firstSeq, chainBefore, last } = run;
    // A view would keep the facts of the whole segment.
    const frame = plainFrame(last);
    runs.set(frame, { firstSeq, chainBefore, chain });
    result.push(frame);
    run = null;
  };
  for (const frame of frames) {
    const isFolded = frame.type === logEntryType && chain !== null;
    if (!isFolded || run?.last.streamSeq !== frame.streamSeq - 1) end();
    if (chain !== null && isFolded) {
      run ??= { firstSeq: frame.streamSeq, chainBefore: chain, last: frame };
      run.last = frame;
      chain = nextChain(chain, frame);
      if (breaks.has(frame.journalSeq)) end();
      continue;
    }
    result.push(plainFrame(frame));
    if (frame.type === attachType && frame.payload !== null) {
      chain = decodeIntroduction(frame.payload)?.chain ?? null;
    } else if (chain !== null && isEntryType(frame.type)) {
      chain = nextChain(chain, frame);
    }
  }
  end();
  return result;
}
