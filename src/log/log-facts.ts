/**
 * What a bare log on disk is, judged from its journal and its head: what may be read, what has to
 * be written again, what was cut. Pure. Acknowledged entries that are gone are never passed over:
 * they are thrown as DAMAGED, with file, offset and sequences.
 */
import { HoldfastError } from '../base/errors.ts';
import type { SeqRange } from '../base/errors.ts';
import { attachType, ignorableBit, isEntryType } from '../format/control.ts';
import { nextChain } from '../format/frame.ts';
import { formatVersion } from '../format/segment-header.ts';
import type { JournalFacts } from '../journal/journal-reader.ts';
import { segmentName } from '../journal/segment-maker.ts';
import type { FrameRef } from '../journal/segment-reader.ts';
import { decodeIntroduction } from '../journal/streams.ts';
import { judgeJournal } from '../recovery/verdict.ts';
import type { LogHead } from './head-file.ts';
import { logEntryType } from './read-entries.ts';
import { Spans } from './spans.ts';

/** A log that can be opened. */
export interface LogFacts {
  readonly journal: JournalFacts;
  readonly verdict: 'new' | 'closed' | 'unclean' | 'torn';
  /** Identity of the log; null for a new one. */
  readonly id: Uint8Array | null;
  readonly lastSeq: number;
  /** Last seq at or below the durable mark. */
  readonly durableSeq: number;
  /** Chain of the stream behind the entry with that seq, and behind the last one. */
  readonly durableChain: bigint;
  readonly chain: bigint;
  /** Entries at or below the durable mark. */
  readonly spans: Spans;
  /** Frames of entries beyond the durable mark, in order. */
  readonly unmarked: readonly FrameRef[];
  readonly cutBytes: number;
  readonly inDoubt: SeqRange | null;
}

/** Judges what was read. DAMAGED, NEWER_FORMAT. */
export function judgeLog(
  journal: JournalFacts,
  head: LogHead | null,
  expectAtLeast: number,
): LogFacts {
  const isNew = journal.segments.length === 0;
  const verdict = isNew ? 'new' : judgeJournal(journal);
  if (verdict === 'newer') throw newerFormat(journal);
  if (verdict === 'damaged') throw damagedJournal(journal);
  requireHeadSegment(journal, head);
  const stream = followStream(journal);
  const expected = Math.max(head?.lastSeq ?? 0, expectAtLeast);
  if (stream.lastSeq < expected) throw tooShort(journal, stream.lastSeq, expected);
  return {
    journal,
    verdict,
    id: head?.id ?? journal.segments.find((one) => one.header !== null)?.header?.writer ?? null,
    ...stream,
    cutBytes: journal.tailBytes,
    inDoubt: journal.tailBytes === 0 ? null : rangeOfCut(journal, stream.lastSeq),
  };
}

/** Follows the one stream of the log; its chain is checked wherever it is told. */
function followStream(
  journal: JournalFacts,
): Pick<LogFacts, 'lastSeq' | 'durableSeq' | 'durableChain' | 'chain' | 'spans' | 'unmarked'> {
  const spans = new Spans();
  const unmarked: FrameRef[] = [];
  let [lastSeq, chain, durableSeq, durableChain] = [0, 0n, 0, 0n];
  let isFirst = true;
  for (const frame of journal.frames) {
    const isMarked = frame.journalSeq <= journal.durableMark;
    if (frame.type === attachType) {
      const told = frame.payload === null ? null : decodeIntroduction(frame.payload);
      const follows = told !== null && frame.streamSeq === lastSeq && told.chain === chain;
      if (told === null || (!isFirst && !follows)) throw brokenStream(frame, lastSeq);
      [lastSeq, chain] = [frame.streamSeq, told.chain];
    } else if (isEntryType(frame.type)) {
      const isKnown = frame.type === logEntryType || (frame.type & ignorableBit) !== 0;
      if (!isKnown) throw newerType(frame);
      if (frame.streamSeq !== lastSeq + 1) throw brokenStream(frame, lastSeq);
      [lastSeq, chain] = [frame.streamSeq, nextChain(chain, frame)];
      if (isMarked) spans.note(frame.segment, lastSeq, lastSeq);
      else unmarked.push(frame);
    }
    if (isMarked) [durableSeq, durableChain] = [lastSeq, chain];
    isFirst = false;
  }
  return { lastSeq, durableSeq, durableChain, chain, spans, unmarked };
}

/**
 * The newest segment that an earlier open made durable is there, unless a later frame let it go.
 */
function requireHeadSegment(journal: JournalFacts, head: LogHead | null): void {
  if (head === null) return;
  const told = journal.segments.map((segment) => segment.content?.firstSegment ?? 0);
  if (head.segment < Math.max(0, ...told)) return;
  const found = journal.segments.find((segment) => segment.number === head.segment);
  if (found !== undefined && found.header !== null) return;
  const what = found === undefined ? 'is not there' : 'has two damaged header blocks';
  const file = `${journal.directory}/${segmentName(head.segment)}`;
  throw damaged(`segment ${head.segment}, which was durable, ${what}`, {
    file,
    offset: 0,
    lost: [{ from: lastEntryOf(journal.frames) + 1, to: null }],
  });
}

function damagedJournal(journal: JournalFacts): HoldfastError<'DAMAGED'> {
  const problem = journal.firstProblem;
  const lost = lostRanges(journal);
  if (problem === null) {
    const file = `${journal.directory}/${segmentName(journal.end.segment)}`;
    const reason = 'a durable mark tells of entries that are gone';
    return damaged(reason, { file, offset: journal.end.offset, lost });
  }
  const file = `${journal.directory}/${segmentName(problem.segment)}`;
  return damaged(problem.reason, { file, offset: problem.offset, lost });
}

/** Sequences between what follows and the highest one that anything still tells of. */
function lostRanges(journal: JournalFacts): readonly SeqRange[] {
  const kept = lastEntryOf(journal.frames);
  const saved = new Set<number>();
  let [highest, highestJournalSeq] = [kept, journal.lastSeq];
  for (const frame of journal.survivors) {
    highestJournalSeq = Math.max(highestJournalSeq, frame.journalSeq);
    const isSound = journal.wholeSeqs.has(frame.journalSeq);
    if (!isEntryType(frame.type)) continue;
    if (isSound || frame.journalSeq <= journal.durableMark) saved.add(frame.streamSeq);
    highest = Math.max(highest, frame.streamSeq);
  }
  for (const entry of journal.named) {
    highestJournalSeq = Math.max(highestJournalSeq, entry.journalSeq);
    if (isEntryType(entry.type)) highest = Math.max(highest, entry.streamSeq);
  }
  const lost: SeqRange[] = [];
  for (let seq = kept + 1; seq <= highest; seq += 1) {
    const last = lost.at(-1);
    if (saved.has(seq)) continue;
    if (last !== undefined && last.to === seq - 1)
      lost[lost.length - 1] = { from: last.from, to: seq };
    else lost.push({ from: seq, to: seq });
  }
  if (isOpenEnded(journal, highestJournalSeq)) lost.push({ from: highest + 1, to: null });
  return lost;
}

/** Nothing that could be read tells how far the entries went. */
function isOpenEnded(journal: JournalFacts, highestJournalSeq: number): boolean {
  if (journal.durableMark > highestJournalSeq) return true;
  const kind = journal.firstProblem?.kind;
  if (kind === 'tail' || kind === undefined) return false;
  const newest = journal.segments.findLast((one) => one.content?.origin !== undefined);
  return newest === undefined || newest.number <= (journal.firstProblem?.segment ?? 0);
}

function rangeOfCut(journal: JournalFacts, lastSeq: number): SeqRange {
  const told = [...journal.named, ...journal.survivors].filter((one) => isEntryType(one.type));
  const highest = Math.max(0, ...told.map((one) => one.streamSeq));
  return { from: lastSeq + 1, to: highest > lastSeq ? highest : null };
}

/** Seq of the last entry among frames that follow each other; an introduction tells it as well. */
function lastEntryOf(frames: readonly FrameRef[]): number {
  return frames.at(-1)?.streamSeq ?? 0;
}

function tooShort(
  journal: JournalFacts,
  lastSeq: number,
  expected: number,
): HoldfastError<'DAMAGED'> {
  const { segment, offset } = journal.end;
  const file = segment === 0 ? null : `${journal.directory}/${segmentName(segment)}`;
  const reason = `it ends with entry ${lastSeq}, but entry ${expected} was durable`;
  return damaged(reason, { file, offset, lost: [{ from: lastSeq + 1, to: expected }] });
}

function brokenStream(frame: FrameRef, lastSeq: number): HoldfastError<'DAMAGED'> {
  const file = segmentName(frame.segment);
  const reason = `the frame at offset ${frame.offset} of ${file} does not follow entry ${lastSeq}`;
  return damaged(reason, { file, offset: frame.offset, lost: [{ from: lastSeq + 1, to: null }] });
}

function damaged(
  reason: string,
  where: {
    readonly file: string | null;
    readonly offset: number;
    readonly lost: readonly SeqRange[];
  },
): HoldfastError<'DAMAGED'> {
  const lost = where.lost.map(({ from, to }) => `${from} to ${to ?? 'an unknown end'}`);
  const what = lost.length === 0 ? 'no entry is known to be lost' : `lost: ${lost.join(', ')}`;
  return new HoldfastError(
    'DAMAGED',
    `Cannot open the log: ${reason} (${what}); put a copy of ${JSON.stringify(where.file)} back, ` +
      'or keep what can still be read in mode "read"',
    { sessions: [{ id: 'log', lost: where.lost }], file: where.file, offset: where.offset },
  );
}

function newerFormat(journal: JournalFacts): HoldfastError<'NEWER_FORMAT'> {
  const found = journal.segments.find((segment) => segment.newer !== null)?.newer ?? 'unknown';
  return newer(`format ${found}`, found);
}

function newerType(frame: FrameRef): HoldfastError<'NEWER_FORMAT'> {
  return newer(`a frame of type ${frame.type}`, `frame type ${frame.type}`);
}

function newer(what: string, found: string): HoldfastError<'NEWER_FORMAT'> {
  const message = `Cannot open the log: it holds ${what}, which a newer version wrote; upgrade`;
  return new HoldfastError('NEWER_FORMAT', message, {
    found,
    supported: `${formatVersion.major}.x`,
  });
}
