/**
 * What recovery will do with one session and one dead journal. Pure: head and journal in, plan out.
 * The history counts up to its vouched end and no further; everything behind it comes from the
 * journal.
 */
import type { SeqRange } from '../base/errors.ts';
import { nextChain } from '../format/frame.ts';
import type { Vouched } from '../format/head.ts';
import { FramePicks } from '../journal/frame-table.ts';
import type { Frames } from '../journal/frame-table.ts';
import type { StreamAnalysis, StreamInJournal } from './streams.ts';

/** Entries to settle, and entries that are missing. */
export interface ReplayPlan {
  /** Entries behind the vouched end, in order; a gap between two of them is in `lost`. */
  readonly frames: Frames;
  /** Acknowledged entries that are not to be had. `to` is null when the end is not known. */
  readonly lost: readonly SeqRange[];
  /**
   * Recognised entries of a torn tail: never acknowledged, unless the medium lost its mark. None of
   * them is in `lost` as well.
   */
  readonly inDoubt: SeqRange | null;
  /** Journal and history disagree about an entry: both stay as they are. */
  readonly forked: boolean;
  /** The newest entry when the plan is carried out. */
  readonly lastSeq: number;
}

/** Plans the replay of a session whose head says that it is attached to this journal. */
export function planReplay(
  vouched: Vouched,
  stream: StreamInJournal | undefined,
  analysis: StreamAnalysis,
): ReplayPlan {
  const nothing = { frames: [], lost: [], inDoubt: null, forked: false, lastSeq: vouched.seq };
  if (stream?.deleted === true) return nothing;
  const frames = new FramePicks();
  const lost: SeqRange[] = [];
  let seq = vouched.seq;
  // Detached, and yet the history ends in front of that: it was copied before, from a store in use.
  const isOlder = stream?.detached === true && vouched.seq < stream.settled.seq;
  const content = isOlder ? stream.settled : stream;
  let forked = content !== undefined && isForked(vouched, content);
  const ordered = content?.frames.sortedBy(({ streamSeq }) => streamSeq);
  for (const frame of ordered ?? []) {
    if (frame.streamSeq <= vouched.seq) continue;
    if (frame.streamSeq <= seq) {
      forked = true;
      break;
    }
    if (frame.streamSeq > seq + 1) lost.push({ from: seq + 1, to: frame.streamSeq - 1 });
    frames.push(frame);
    seq = frame.streamSeq;
  }
  const named = Math.max(stream?.lostSeqs.highest ?? 0, isOlder ? stream.settled.seq : 0);
  if (named > seq) {
    lost.push({ from: seq + 1, to: named });
    seq = named;
  }
  const last = stream?.lastJournalSeq ?? 0;
  const suspect = analysis.openEnded || analysis.unnamedLost.some(({ to }) => to > last);
  if (suspect) lost.push({ from: seq + 1, to: null });
  if (forked) return { ...nothing, forked, lost: [{ from: vouched.seq + 1, to: null }] };
  // Without an end of what is lost, everything behind is lost, and no more than that can be told.
  const inDoubt = suspect ? null : inDoubtOf(stream, seq);
  return { frames, lost, inDoubt, forked, lastSeq: seq };
}

/**
 * True when the chain that the journal began with does not lead through its frames to the one that
 * is vouched for; false when nothing tells.
 */
export function isForked(
  vouched: Vouched,
  stream: Pick<StreamInJournal, 'base' | 'frames'>,
): boolean {
  if (stream.base === null || stream.base.seq > vouched.seq) return false;
  let { seq, chain } = stream.base;
  for (const frame of stream.frames) {
    if (seq === vouched.seq) break;
    if (frame.streamSeq !== seq + 1) return false;
    chain = nextChain(chain, frame);
    seq += 1;
  }
  return seq === vouched.seq && chain !== vouched.chain;
}

function inDoubtOf(stream: StreamInJournal | undefined, seq: number): SeqRange | null {
  const to = stream?.cutSeqs.highest ?? 0;
  return to <= seq ? null : { from: seq + 1, to };
}
