/**
 * What a dead journal holds for each session: the frames that may be replayed, and what is missing.
 * Pure. When the journal is damaged, frames behind the damage count if their batch is whole in
 * itself, or if W says that they were durable.
 */
import { attachType, isEntryType } from '../format/control.ts';
import { keyText } from '../format/frame.ts';
import type { JournalFacts } from '../journal/journal-reader.ts';
import type { FrameRef } from '../journal/segment-reader.ts';
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
  frames: FrameRef[];
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
  readonly lostSeqs: Set<number>;
  /** Sequences of a torn tail that are still recognised. */
  readonly cutSeqs: Set<number>;
}

/** The sessions of a journal, and what nobody can attribute to one of them. */
export interface StreamAnalysis {
  readonly streams: ReadonlyMap<string, StreamInJournal>;
  /** Journal sequences at or below W that are gone and that nothing names. */
  readonly unnamedLost: readonly number[];
  /** Some of the journal is gone and nobody knows how much. */
  readonly openEnded: boolean;
}

/** Sorts the frames of a journal by session. */
export function analyzeStreams(facts: JournalFacts, verdict: JournalVerdict): StreamAnalysis {
  const streams = new Map<string, StreamInJournal>();
  const frames = verdict === 'damaged' ? trustedFrames(facts) : facts.frames;
  for (const frame of frames) takeFrame(streams, frame);
  const last = frames.at(-1)?.journalSeq ?? 0;
  const end = verdict === 'damaged' ? Math.max(facts.durableMark, last) : facts.lastSeq;
  // What is recognised behind the end was never acknowledged, unless the medium lost its mark.
  for (const entry of [...facts.named, ...facts.survivors]) {
    if (entry.journalSeq <= end || !isEntryType(entry.type)) continue;
    streamOf(streams, keyText(entry)).cutSeqs.add(entry.streamSeq);
  }
  if (verdict !== 'damaged') return { streams, unnamedLost: [], openEnded: false };
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
function trustedFrames(facts: JournalFacts): readonly FrameRef[] {
  const bySeq = new Map<number, FrameRef>();
  for (const frame of facts.frames) bySeq.set(frame.journalSeq, frame);
  for (const frame of facts.survivors) {
    const believed = facts.wholeSeqs.has(frame.journalSeq) || frame.journalSeq <= facts.durableMark;
    if (believed && !bySeq.has(frame.journalSeq)) bySeq.set(frame.journalSeq, frame);
  }
  return [...bySeq.values()].sort((one, other) => one.journalSeq - other.journalSeq);
}

function takeFrame(streams: Map<string, StreamInJournal>, frame: FrameRef): void {
  const stream = streamOf(streams, keyText(frame));
  stream.lastJournalSeq = frame.journalSeq;
  // A session that goes on was attached again, also when the frame that said so is gone; and then a
  // deletion of it, which failed behind its tombstone, was given up.
  const goesOn = frame.type === attachType || isEntryType(frame.type);
  if (goesOn && (stream.detached || stream.deleted)) {
    Object.assign(stream, { base: null, frames: [], detached: false, deleted: false });
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
    Object.assign(stream, { base: null, frames: [], detached: true });
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
    frames: [],
    detached: false,
    settled: { base: null, frames: [], seq: 0 },
    deleted: false,
    lastJournalSeq: 0,
    lostSeqs: new Set(),
    cutSeqs: new Set(),
  };
}

function attributeLoss(
  facts: JournalFacts,
  trusted: readonly FrameRef[],
  into: { readonly streams: Map<string, StreamInJournal>; readonly end: number },
): Pick<StreamAnalysis, 'unnamedLost' | 'openEnded'> {
  const present = new Set(trusted.map((frame) => frame.journalSeq));
  const named = new Map(facts.named.map((entry) => [entry.journalSeq, entry]));
  const unnamedLost: number[] = [];
  let lostEntries = 0;
  for (let seq = facts.lastSeq + 1; seq <= into.end; seq += 1) {
    if (present.has(seq)) continue;
    const entry = named.get(seq);
    if (entry === undefined) {
      unnamedLost.push(seq);
      lostEntries += 1;
      continue;
    }
    const stream = streamOf(into.streams, keyText(entry));
    if (isEntryType(entry.type)) {
      stream.lostSeqs.add(entry.streamSeq);
      lostEntries += 1;
    }
    // The tombstone is gone, but a commit frame says that it was there, and nothing came behind.
    const isTombstone = entry.type === streamFrameType.delete && stream.lastJournalSeq < seq;
    if (isTombstone) stream.deleted = true;
  }
  // When the gaps in the sessions' own sequences make up for all of it, nobody else has lost any.
  let accounted = 0;
  for (const stream of into.streams.values()) accounted += gapsOf(stream);
  const isExplained = accounted === lostEntries;
  return { unnamedLost: isExplained ? [] : unnamedLost, openEnded: isOpenEnded(facts) };
}

/** Entries of a session that its other frames, or names of lost ones, prove to have been there. */
function gapsOf(stream: StreamInJournal): number {
  const seqs = new Set(stream.frames.map((frame) => frame.streamSeq));
  const known = stream.frames[0]?.streamSeq;
  const first = stream.base?.seq ?? (known === undefined ? null : known - 1);
  if (first === null) return stream.lostSeqs.size;
  let last = first;
  for (const seq of seqs) last = Math.max(last, seq);
  for (const seq of stream.lostSeqs) last = Math.max(last, seq);
  return last - first - seqs.size;
}

/** A header, a size or a whole segment is gone: what it held beyond W is not known. */
function isOpenEnded(facts: JournalFacts): boolean {
  const problem = facts.firstProblem;
  if (problem === null || problem.kind === 'chain' || problem.kind === 'tail') return false;
  // A sound segment without content was made ahead; when a later one was used, its first frame says
  // how far the lost frames went.
  const last = facts.segments
    .filter((segment) => !segment.blank || segment.wrongSize || segment.content === null)
    .at(-1);
  if (last === undefined || last.content === null || last.number < problem.segment) return true;
  if (problem.kind === 'identity' && last.number === problem.segment) return true;
  const { close, seal, tail, origin } = last.content;
  if ((close ?? seal) !== null && tail === null) return false;
  return origin === null || last.wrongSize;
}
