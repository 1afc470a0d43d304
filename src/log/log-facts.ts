/**
 * What a bare log on disk is, judged from its journal and its head: what may be read, what has to
 * be written again, what was cut. Pure. Acknowledged entries that are gone are never passed over:
 * they are told as damage, with file, offset and sequences, and whoever wants to write is refused.
 */
import { assert } from '../base/assert.ts';
import { HoldfastError } from '../base/errors.ts';
import type { SeqRange } from '../base/errors.ts';
import { attachType, ignorableBit, isEntryType } from '../format/control.ts';
import { nextChain } from '../format/frame.ts';
import { formatVersion } from '../format/segment-header.ts';
import type { JournalFacts } from '../journal/journal-reader.ts';
import { segmentName } from '../journal/segment-maker.ts';
import type { FrameRef, Frames } from '../journal/frame-table.ts';
import { decodeIntroduction } from '../journal/streams.ts';
import { without } from '../recovery/losses.ts';
import { judgeJournal } from '../recovery/verdict.ts';
import type { LogHead } from './head-file.ts';
import { logEntryType } from './read-entries.ts';
import type { EntryRun, LogJournal } from './read-log.ts';
import { Spans } from './spans.ts';
import type { WalDamage } from './wal-options.ts';

/** A log, judged. */
export interface LogFacts {
  readonly journal: JournalFacts;
  readonly verdict: 'new' | 'closed' | 'unclean' | 'torn' | 'damaged';
  /** What is gone; then the rest tells of the entries in front of the first loss. */
  readonly damage: WalDamage | null;
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

/** Judges what was read. Throws NEWER_FORMAT only. */
export function judgeLog(log: LogJournal, head: LogHead | null, expectAtLeast: number): LogFacts {
  const journal = log.facts;
  const isNew = journal.segments.length === 0;
  const verdict = isNew ? 'new' : judgeJournal(journal);
  if (verdict === 'newer') throw newerFormat(journal);
  const stream = followStream(log);
  const expected = Math.max(head?.lastSeq ?? 0, expectAtLeast);
  const damage =
    (verdict === 'damaged' ? damagedJournal(log) : null) ??
    missingHeadSegment(journal, head) ??
    stream.damage ??
    (stream.lastSeq < expected ? tooShort(journal, stream.lastSeq, expected) : null);
  return {
    journal,
    id: head?.id ?? journal.segments.find((one) => one.header !== null)?.header?.writer ?? null,
    ...stream,
    verdict: damage === null ? verdict : 'damaged',
    damage,
    cutBytes: damage === null ? journal.tailBytes : 0,
    inDoubt:
      damage !== null || journal.tailBytes === 0 ? null : rangeOfCut(journal, stream.lastSeq),
  };
}

type Stream = Pick<
  LogFacts,
  'damage' | 'lastSeq' | 'durableSeq' | 'durableChain' | 'chain' | 'spans' | 'unmarked'
>;

/** Follows the one stream of the log; its chain is checked wherever it is told. */
function followStream({ facts: journal, runs }: LogJournal): Stream {
  const spans = new Spans();
  const unmarked: FrameRef[] = [];
  let [lastSeq, chain, durableSeq, durableChain] = [0, 0n, 0, 0n];
  let damage: WalDamage | null = null;
  let isFirst = true;
  for (const frame of journal.frames) {
    const isMarked = frame.journalSeq <= journal.durableMark;
    if (frame.type === attachType) {
      const told = frame.payload === null ? null : decodeIntroduction(frame.payload);
      const follows = told !== null && frame.streamSeq === lastSeq && told.chain === chain;
      if (told === null || (!isFirst && !follows)) damage = brokenStream(journal, frame, lastSeq);
      else [lastSeq, chain] = [frame.streamSeq, told.chain];
    } else if (isEntryType(frame.type)) {
      const isKnown = frame.type === logEntryType || (frame.type & ignorableBit) !== 0;
      if (!isKnown) throw newerType(frame);
      const run = runs.get(frame);
      const first = firstSeqOf(frame, run);
      if (first === lastSeq + 1 && (run === undefined || run.chainBefore === chain)) {
        [lastSeq, chain] = [frame.streamSeq, run?.chain ?? nextChain(chain, frame)];
        assert(isMarked || run === undefined, 'what is beyond the mark is known frame by frame');
        if (isMarked) spans.note(frame.segment, first, lastSeq);
        else unmarked.push(frame);
      } else damage = brokenStream(journal, frame, lastSeq);
    }
    if (damage !== null) break;
    if (isMarked) [durableSeq, durableChain] = [lastSeq, chain];
    isFirst = false;
  }
  return { damage, lastSeq, durableSeq, durableChain, chain, spans, unmarked };
}

/** A run stands for all entries from its first one to the one of its frame. */
function firstSeqOf(frame: FrameRef, run: EntryRun | undefined): number {
  return run?.firstSeq ?? frame.streamSeq;
}

/**
 * The newest segment that an earlier open made durable is there, unless a later frame let it go.
 */
function missingHeadSegment(journal: JournalFacts, head: LogHead | null): WalDamage | null {
  if (head === null) return null;
  const told = journal.segments.map((segment) => segment.content?.firstSegment ?? 0);
  if (head.segment < Math.max(0, ...told)) return null;
  const found = journal.segments.find((segment) => segment.number === head.segment);
  if (found !== undefined && found.header !== null) return null;
  const what = found === undefined ? 'is not there' : 'has two damaged header blocks';
  const file = `${journal.directory}/${segmentName(head.segment)}`;
  const lost = [{ from: lastEntryOf(journal.frames) + 1, to: null }];
  return { reason: `segment ${head.segment}, which was durable, ${what}`, file, offset: 0, lost };
}

function damagedJournal(log: LogJournal): WalDamage {
  const { firstProblem: problem, directory, end } = log.facts;
  const lost = lostRanges(log);
  if (problem === null) {
    const file = `${directory}/${segmentName(end.segment)}`;
    const reason = 'a durable mark tells of entries that are gone';
    return { reason, file, offset: end.offset, lost };
  }
  const file = `${directory}/${segmentName(problem.segment)}`;
  return { reason: problem.reason, file, offset: problem.offset, lost };
}

/** Sequences between what follows and the highest one that anything still tells of. */
function lostRanges({ facts: journal, runs }: LogJournal): readonly SeqRange[] {
  const kept = lastEntryOf(journal.frames);
  const there: SeqRange[] = kept === 0 ? [] : [{ from: 1, to: kept }];
  let [highest, highestJournalSeq] = [kept, journal.lastSeq];
  for (const frame of journal.survivors) {
    highestJournalSeq = Math.max(highestJournalSeq, frame.journalSeq);
    const isSound = journal.wholeSeqs.has(frame.journalSeq);
    if (!isEntryType(frame.type)) continue;
    if (isSound || frame.journalSeq <= journal.durableMark) {
      there.push({ from: firstSeqOf(frame, runs.get(frame)), to: frame.streamSeq });
    }
    highest = Math.max(highest, frame.streamSeq);
  }
  for (const entry of journal.named) {
    highestJournalSeq = Math.max(highestJournalSeq, entry.journalSeq);
    if (isEntryType(entry.type)) highest = Math.max(highest, entry.streamSeq);
  }
  const lost = without(highest, there);
  if (!isOpenEnded(journal, highestJournalSeq)) return lost;
  return [...lost, { from: highest + 1, to: null }];
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
  let highest = 0;
  for (const told of [journal.named, journal.survivors]) {
    for (const { type, streamSeq } of told) {
      if (isEntryType(type)) highest = Math.max(highest, streamSeq);
    }
  }
  return { from: lastSeq + 1, to: highest > lastSeq ? highest : null };
}

/** Seq of the last entry among frames that follow each other; an introduction tells it as well. */
function lastEntryOf(frames: Frames): number {
  return frames.at(-1)?.streamSeq ?? 0;
}

function tooShort(journal: JournalFacts, lastSeq: number, expected: number): WalDamage {
  const { segment, offset } = journal.end;
  const file = segment === 0 ? null : `${journal.directory}/${segmentName(segment)}`;
  const reason = `it ends with entry ${lastSeq}, but entry ${expected} was durable`;
  return { reason, file, offset, lost: [{ from: lastSeq + 1, to: expected }] };
}

function brokenStream(journal: JournalFacts, frame: FrameRef, lastSeq: number): WalDamage {
  const name = segmentName(frame.segment);
  const reason = `the frame at offset ${frame.offset} of ${name} does not follow entry ${lastSeq}`;
  const file = `${journal.directory}/${name}`;
  return { reason, file, offset: frame.offset, lost: [{ from: lastSeq + 1, to: null }] };
}

/** DAMAGED, as opening for writing and reading over the damage answer with. */
export function damagedError(
  { reason, file, offset, lost }: WalDamage,
  action: 'open the log' | 'read on',
): HoldfastError<'DAMAGED'> {
  const ranges = lost.map(({ from, to }) =>
    from === to ? `${from}` : `${from} to ${to ?? 'an unknown end'}`,
  );
  const what = ranges.length === 0 ? 'no entry is known to be lost' : `lost: ${ranges.join(', ')}`;
  const isReading = action === 'read on';
  const copy = file === null ? '' : `put a copy of ${JSON.stringify(file)} back, or `;
  const rest = isReading
    ? 'go on with the entries in front of it'
    : 'read what is in front of it in mode "read"';
  return new HoldfastError('DAMAGED', `Cannot ${action}: ${reason} (${what}); ${copy}${rest}`, {
    sessions: [{ id: 'log', lost }],
    file,
    offset,
  });
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
