/**
 * What a dead journal holds for each session: the frames that may be replayed, and what is missing.
 * Pure. When the journal is damaged, frames behind the damage count if their batch is whole in
 * itself, or if W says that they were durable.
 */
import { attachType, isEntryType } from '../format/control.ts';
import { keyText } from '../format/frame.ts';
import type { JournalFacts } from '../journal/journal-reader.ts';
import { SeqSet } from '../base/seq-set.ts';
import type { Run } from '../base/seq-set.ts';
import { FramePicks } from '../journal/frame-table.ts';
import type { FrameRef, Frames } from '../journal/frame-table.ts';
import { decodeIntroduction } from '../journal/streams.ts';
import { streamFrameType } from '../session/frame-types.ts';
import type { JournalVerdict } from './verdict.ts';

/** One life of a session in one journal. */
export interface StreamInJournal {
  /** Hexadecimal incarnation. */
  readonly key: string;
  /** From its introduction; null when that is lost. */
  sessionId: string | null;
  /** Seq and chain before the first frame here. */
  base: { readonly seq: number; readonly chain: bigint } | null;
  /**
   * Entries since the last attach, in order of their seq; gaps are possible when the journal is
   * damaged.
   */
  frames: FramePicks;
  detached: boolean;
  /**
   * What stood in front of the newest detach, and its seq. A history holds all of it, unless it is
   * an older copy of that history.
   */
  settled: Pick<StreamInJournal, 'base' | 'frames'> & { readonly seq: number };
  deleted: boolean;
  /** Journal seq of its last frame of any kind. */
  lastJournalSeq: number;
  /** Sequences that commit frames or headers name and that are gone. */
  readonly lostSeqs: SeqSet;
  /** Sequences of a torn tail that are still recognised. */
  readonly cutSeqs: SeqSet;
}

/** The sessions of a journal, and what nobody can attribute to one of them. */
export interface StreamAnalysis {
  readonly streams: ReadonlyMap<string, StreamInJournal>;
  /** Journal sequences at or below W that are gone and that nothing names. */
  readonly unnamedLost: readonly Run[];
  /** Journal sequence up to which every frame is there. */
  readonly followsTo: number;
  /** Some of the journal is gone and nobody knows how much. */
  readonly openEnded: boolean;
}

/** Sorts the frames of a journal by session. */
export function analyzeStreams(facts: JournalFacts, verdict: JournalVerdict): StreamAnalysis {
  const streams = new Map<string, StreamInJournal>();
  const frames = verdict === 'damaged' ? trustedFrames(facts) : facts.frames;
  // Rows of one table share the bytes of their key; its text costs as much as all else of a frame.
  const known = new Map<Uint8Array, StreamInJournal>();
  for (const frame of frames) {
    const { key } = frame;
    const stream = known.get(key) ?? streamOf(streams, keyText(frame));
    known.set(key, stream);
    takeFrame(stream, frame);
  }
  const last = frames.at(-1)?.journalSeq ?? 0;
  const end = verdict === 'damaged' ? Math.max(facts.durableMark, last) : facts.lastSeq;
  // What is recognised behind the end was never acknowledged, unless the medium lost its mark.
  for (const entries of [facts.named, facts.survivors]) {
    for (const entry of entries) {
      if (entry.journalSeq <= end || !isEntryType(entry.type)) continue;
      streamOf(streams, keyText(entry)).cutSeqs.add(entry.streamSeq);
    }
  }
  if (verdict !== 'damaged') {
    return { streams, unnamedLost: [], followsTo: facts.lastSeq, openEnded: false };
  }
  return { streams, ...attributeLoss(facts, frames, { streams, end }) };
}

function streamOf(streams: Map<string, StreamInJournal>, key: string): StreamInJournal {
  const known = streams.get(key);
  if (known !== undefined) return known;
  const stream = newStream(key);
  streams.set(key, stream);
  return stream;
}

/** Frames that follow, and those behind the damage that may be believed; each journal seq once. */
function trustedFrames(facts: JournalFacts): Frames {
  const all = new FramePicks();
  for (const frame of facts.frames) all.push(frame);
  for (const frame of facts.survivors) {
    const believed = frame.journalSeq <= facts.durableMark || facts.wholeSeqs.has(frame.journalSeq);
    if (believed) all.push(frame);
  }
  const trusted = new FramePicks();
  let last = -1;
  // Of equal ones the first counts: one that follows is in front of one that was only found.
  for (const frame of all.sortedBy(({ journalSeq }) => journalSeq)) {
    if (frame.journalSeq !== last) trusted.push(frame);
    last = frame.journalSeq;
  }
  return trusted;
}

function takeFrame(stream: StreamInJournal, frame: FrameRef): void {
  stream.lastJournalSeq = frame.journalSeq;
  // A session that goes on was attached again, also when the frame that said so is gone; and then a
  // deletion of it, which failed behind its tombstone, was given up.
  const goesOn = frame.type === attachType || isEntryType(frame.type);
  if (goesOn && (stream.detached || stream.deleted)) {
    Object.assign(stream, {
      base: null,
      frames: new FramePicks(),
      detached: false,
      deleted: false,
    });
  }
  if (frame.type === attachType) {
    // The deletion was not carried out: its writer opened the session again.
    stream.deleted = false;
    const told = frame.payload === null ? null : decodeIntroduction(frame.payload);
    if (told === null) return;
    stream.sessionId ??= new TextDecoder().decode(told.introduction);
    // Frames that are there already stand before this introduction: another one told their base.
    if (stream.frames.length === 0) stream.base ??= { seq: frame.streamSeq, chain: told.chain };
  } else if (frame.type === streamFrameType.detach) {
    // Everything up to here was settled and vouched for before this frame was written.
    const { base, frames } = stream;
    stream.settled = { base, frames, seq: frame.streamSeq };
    // Behind a tombstone it says that the deletion failed and was taken back.
    const left = { base: null, frames: new FramePicks(), detached: true, deleted: false };
    Object.assign(stream, left);
  } else if (frame.type === streamFrameType.delete) {
    stream.deleted = true;
  } else if (isEntryType(frame.type)) {
    stream.frames.push(frame);
  }
}

function newStream(key: string): StreamInJournal {
  return {
    key,
    sessionId: null,
    base: null,
    frames: new FramePicks(),
    detached: false,
    settled: { base: null, frames: new FramePicks(), seq: 0 },
    deleted: false,
    lastJournalSeq: 0,
    lostSeqs: new SeqSet(),
    cutSeqs: new SeqSet(),
  };
}

/**
 * Whose the frames are that are missing between those that are there. A mark may claim any number
 * of them, so they are counted in runs.
 */
function attributeLoss(
  facts: JournalFacts,
  trusted: Frames,
  into: { readonly streams: Map<string, StreamInJournal>; readonly end: number },
): Omit<StreamAnalysis, 'streams'> {
  const missing = new SeqSet();
  let next = facts.lastSeq + 1;
  for (const { journalSeq } of trusted) {
    if (journalSeq < next) continue;
    if (journalSeq > next) missing.addRun(next, journalSeq - 1);
    next = journalSeq + 1;
  }
  if (next <= into.end) missing.addRun(next, into.end);
  const named = new SeqSet();
  let lostEntries = 0;
  for (const entry of lastNamed(facts.named)) {
    const seq = entry.journalSeq;
    if (!missing.has(seq)) continue;
    named.add(seq);
    const stream = streamOf(into.streams, keyText(entry));
    if (isEntryType(entry.type)) {
      stream.lostSeqs.add(entry.streamSeq);
      lostEntries += 1;
    }
    // The tombstone is gone, but a commit frame says that it was there, and nothing came behind. Or
    // what is gone came behind the tombstone, and took it back.
    if (stream.lastJournalSeq < seq) stream.deleted = entry.type === streamFrameType.delete;
  }
  const unnamedLost = [...without(missing, named)];
  for (const { from, to } of unnamedLost) lostEntries += to - from + 1;
  // When the gaps in the sessions' own sequences make up for all of it, nobody else has lost any.
  let accounted = 0;
  for (const stream of into.streams.values()) accounted += gapsOf(stream);
  const isExplained = accounted === lostEntries;
  const [firstMissing] = missing.runs();
  return {
    unnamedLost: isExplained ? [] : unnamedLost,
    followsTo: firstMissing === undefined ? into.end : firstMissing.from - 1,
    openEnded: isOpenEnded(facts),
  };
}

/** In the order of their journal seq; of equal ones the last that tells counts. */
function* lastNamed(named: Frames): Generator<FrameRef> {
  const all = new FramePicks();
  for (const entry of named) all.push(entry);
  let last: FrameRef | null = null;
  for (const entry of all.sortedBy(({ journalSeq }) => journalSeq)) {
    if (last !== null && last.journalSeq !== entry.journalSeq) yield last;
    last = entry;
  }
  if (last !== null) yield last;
}

/** Runs of the first set without the members of the second, all of which are in the first. */
function* without(all: SeqSet, some: SeqSet): Generator<Run> {
  const taken = some.runs();
  let out = taken.next();
  for (const { from, to } of all.runs()) {
    let start = from;
    while (out.done !== true && out.value.from <= to) {
      if (out.value.from > start) yield { from: start, to: out.value.from - 1 };
      start = out.value.to + 1;
      out = taken.next();
    }
    if (start <= to) yield { from: start, to };
  }
}

/** Entries of a session that its other frames, or names of lost ones, prove to have been there. */
function gapsOf(stream: StreamInJournal): number {
  const known = stream.frames.at(0)?.streamSeq;
  const first = stream.base?.seq ?? (known === undefined ? null : known - 1);
  if (first === null) return stream.lostSeqs.size;
  const seqs = new SeqSet();
  for (const { streamSeq } of stream.frames) seqs.add(streamSeq);
  const last = Math.max(first, seqs.highest, stream.lostSeqs.highest);
  return last - first - seqs.size;
}

/** A header, a size or a whole segment is gone: what it held beyond W is not known. */
function isOpenEnded(facts: JournalFacts): boolean {
  const problem = facts.firstProblem;
  if (problem === null) return false;
  if (facts.missing !== null) return true;
  // A sound segment without content was made ahead; when a later one was used, its first frame says
  // how far the lost frames went.
  const last = facts.segments
    .filter((segment) => !segment.blank || segment.wrongSize || segment.content === null)
    .at(-1);
  if (problem.kind === 'chain' || problem.kind === 'tail') {
    // Bad frames have an end, which W tells; a whole segment behind them that is harmed as well has
    // none.
    if (last === undefined || last.number <= problem.segment) return false;
    return last.wrongSize || (last.content === null && !last.blank);
  }
  if (last === undefined || last.content === null || last.number < problem.segment) return true;
  if (problem.kind === 'identity' && last.number === problem.segment) return true;
  const { close, seal, tail, origin } = last.content;
  if ((close ?? seal) !== null && tail === null) return false;
  return origin === null || last.wrongSize;
}
