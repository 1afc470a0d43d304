/**
 * What a dead journal holds for each session: the frames that may be replayed, and what is missing.
 * Pure. When the journal is damaged, frames behind the damage count if their batch is whole in itself,
 * or if W says that they were durable.
 */
import type { SeqRange } from '../base/errors.ts';
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
  readonly sessionId: string | null;
  /** Seq and chain before the first frame here. */
  base: { readonly seq: number; readonly chain: bigint } | null;
  /** Entries since the last attach, in order of their seq; gaps are possible when the journal is damaged. */
  frames: FrameRef[];
  detached: boolean;
  deleted: boolean;
  /** Journal seq of its last frame of any kind. */
  lastJournalSeq: number;
  /** Sequences that commit frames or headers name and that are gone. */
  readonly lostSeqs: Set<number>;
  /** Sequences of a torn tail that are still recognised. */
  readonly cutSeqs: Set<number>;
}

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
  const open = [...streams.values()];
  if (verdict !== 'damaged') {
    for (const entry of [...facts.named, ...facts.survivors]) {
      if (isEntryType(entry.type)) streams.get(keyText(entry))?.cutSeqs.add(entry.streamSeq);
    }
    return {
      streams: new Map(open.map((one) => [one.key, one])),
      unnamedLost: [],
      openEnded: false,
    };
  }
  return { streams, ...attributeLoss(facts, frames, streams) };
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
  const key = keyText(frame);
  let stream = streams.get(key);
  if (stream === undefined) {
    stream = newStream(key, sessionIdOf(frame));
    streams.set(key, stream);
  }
  stream.lastJournalSeq = frame.journalSeq;
  if (frame.type === attachType) {
    const told = frame.payload === null ? null : decodeIntroduction(frame.payload);
    if (stream.base === null || stream.detached) {
      stream.base = told === null ? null : { seq: frame.streamSeq, chain: told.chain };
      stream.frames = [];
      stream.detached = false;
    }
  } else if (frame.type === streamFrameType.detach) {
    // Everything up to here was settled and vouched for before this frame was written.
    stream.detached = true;
    stream.frames = [];
  } else if (frame.type === streamFrameType.delete) {
    stream.deleted = true;
  } else if (isEntryType(frame.type)) {
    stream.frames.push(frame);
  }
}

function newStream(key: string, sessionId: string | null): StreamInJournal {
  return {
    key,
    sessionId,
    base: null,
    frames: [],
    detached: false,
    deleted: false,
    lastJournalSeq: 0,
    lostSeqs: new Set(),
    cutSeqs: new Set(),
  };
}

function sessionIdOf(frame: FrameRef): string | null {
  if (frame.type !== attachType || frame.payload === null) return null;
  const told = decodeIntroduction(frame.payload);
  return told === null ? null : new TextDecoder().decode(told.introduction);
}

function attributeLoss(
  facts: JournalFacts,
  trusted: readonly FrameRef[],
  streams: Map<string, StreamInJournal>,
): Pick<StreamAnalysis, 'unnamedLost' | 'openEnded'> {
  const present = new Set(trusted.map((frame) => frame.journalSeq));
  const named = new Map(facts.named.map((entry) => [entry.journalSeq, entry]));
  const last = trusted.at(-1)?.journalSeq ?? 0;
  const end = Math.max(facts.durableMark, last);
  const unnamedLost: number[] = [];
  for (let seq = facts.lastSeq + 1; seq <= end; seq += 1) {
    if (present.has(seq)) continue;
    const entry = named.get(seq);
    if (entry === undefined) {
      unnamedLost.push(seq);
      continue;
    }
    if (!isEntryType(entry.type)) continue;
    const key = keyText(entry);
    const stream = streams.get(key) ?? newStream(key, null);
    streams.set(key, stream);
    stream.lostSeqs.add(entry.streamSeq);
  }
  return { unnamedLost, openEnded: isOpenEnded(facts) };
}

/** A header, a size or a whole segment is gone: what it held beyond W is not known. */
function isOpenEnded(facts: JournalFacts): boolean {
  const kind = facts.firstProblem?.kind;
  if (kind === 'chain' || kind === 'tail' || kind === undefined) return false;
  // When a later segment could be read, its frames say how far the lost ones went.
  const last = facts.segments
    .filter((segment) => !segment.blank || segment.content === null)
    .at(-1);
  if (last === undefined || last.content === null) return true;
  if (last.content.close !== null && last.content.tail === null) return false;
  return last.content.origin === null || last.wrongSize;
}
