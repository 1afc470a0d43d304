/** What is replayed of a stream, what of it is missing, and when journal and history disagree. */
import { beforeAll, describe, expect, it } from 'vitest';
import { SeqSet } from '../../src/base/seq-set.ts';
import { initChecksum } from '../../src/format/checksum.ts';
import { nextChain } from '../../src/format/frame.ts';
import type { Vouched } from '../../src/format/head.ts';
import { FramePicks, FrameTable } from '../../src/journal/frame-table.ts';
import { planReplay } from '../../src/recovery/replay-plan.ts';
import type { ReplayPlan } from '../../src/recovery/replay-plan.ts';
import type { StreamAnalysis, StreamInJournal } from '../../src/recovery/streams.ts';

const key = new Uint8Array(16).fill(3);
const start = { seq: 0, chain: 7n };

/** Entries with these sequences; each has a hash of its own. */
function framesOf(...seqs: readonly number[]): FramePicks {
  const table = new FrameTable(1);
  const picks = new FramePicks();
  for (const [index, streamSeq] of seqs.entries()) {
    const place = { offset: 8192 + 64 * index, journalSeq: index + 1, timeMs: 1, payload: null };
    const payloadHash = BigInt(1000 + streamSeq);
    table.push({ ...place, type: 32, key, streamSeq, payloadBytes: 8, payloadHash });
  }
  for (const frame of table) picks.push(frame);
  return picks;
}

/** The chain behind these entries. */
function chainOf(...seqs: readonly number[]): bigint {
  let { chain } = start;
  for (const frame of framesOf(...seqs)) chain = nextChain(chain, frame);
  return chain;
}

function streamOf(told: Partial<StreamInJournal> = {}): StreamInJournal {
  return {
    key: '03'.repeat(16),
    sessionId: 's',
    base: start,
    frames: framesOf(1, 2, 3),
    detached: false,
    settled: { base: null, frames: framesOf(), seq: 0 },
    deleted: false,
    lastJournalSeq: 3,
    lostSeqs: new SeqSet(),
    cutSeqs: new SeqSet(),
    ...told,
  };
}

const vouchedAt = (seq: number, chain: bigint): Vouched => {
  return { seq, endOffset: 9000, chain, batchChecksum: 1n };
};
const whole: StreamAnalysis = {
  streams: new Map(),
  unnamedLost: [],
  followsTo: 0,
  openEnded: false,
};

/** What is told of a plan, with the sequences of its frames. */
function told({ frames, ...rest }: ReplayPlan): object {
  return { ...rest, frames: [...frames].map(({ streamSeq }) => streamSeq) };
}

const seqs = (...list: readonly number[]): SeqSet => {
  const set = new SeqSet();
  for (const seq of list) set.add(seq);
  return set;
};

beforeAll(initChecksum);

describe('planReplay', () => {
  const sound = { lost: [], inDoubt: null, forked: false };

  it('replays what stands behind the vouched end, and no more', () => {
    for (const seq of [0, 1, 2, 3]) {
      const vouched = vouchedAt(seq, chainOf(...[1, 2, 3].slice(0, seq)));
      const frames = [1, 2, 3].slice(seq);
      expect(told(planReplay(vouched, streamOf(), whole))).toEqual({
        ...sound,
        frames,
        lastSeq: 3,
      });
    }
  });

  it('replays nothing of a stream that is not there, or was deleted', () => {
    const vouched = vouchedAt(2, 5n);
    const nothing = { ...sound, frames: [], lastSeq: 2 };
    expect(told(planReplay(vouched, undefined, whole))).toEqual(nothing);
    expect(told(planReplay(vouched, streamOf({ deleted: true }), whole))).toEqual(nothing);
  });

  it('puts entries into the order of their sequence', () => {
    const stream = streamOf({ frames: framesOf(3, 1, 2) });
    const plan = planReplay(vouchedAt(0, start.chain), stream, whole);
    expect(told(plan)).toEqual({ ...sound, frames: [1, 2, 3], lastSeq: 3 });
  });

  it('names the gaps between entries, and goes on behind them', () => {
    const stream = streamOf({ frames: framesOf(2, 5) });
    const plan = planReplay(vouchedAt(0, start.chain), stream, whole);
    const lost = [
      { from: 1, to: 1 },
      { from: 3, to: 4 },
    ];
    expect(told(plan)).toEqual({ ...sound, frames: [2, 5], lost, lastSeq: 5 });
  });

  it('counts what only a commit names to what is lost', () => {
    const stream = streamOf({ lostSeqs: seqs(4, 6) });
    const plan = planReplay(vouchedAt(0, start.chain), stream, whole);
    const lost = [{ from: 4, to: 6 }];
    expect(told(plan)).toEqual({ ...sound, frames: [1, 2, 3], lost, lastSeq: 6 });
    const known = planReplay(vouchedAt(0, start.chain), streamOf({ lostSeqs: seqs(3) }), whole);
    expect(known.lost).toEqual([]);
  });

  it('does not know an end where the journal has none, or more is lost behind the stream', () => {
    const vouched = vouchedAt(3, chainOf(1, 2, 3));
    const open = [{ from: 4, to: null }];
    expect(planReplay(vouched, streamOf(), { ...whole, openEnded: true }).lost).toEqual(open);
    expect(planReplay(vouched, undefined, { ...whole, openEnded: true }).lost).toEqual(open);
    const behind = { ...whole, unnamedLost: [{ from: 4, to: 4 }] };
    expect(planReplay(vouched, streamOf(), behind).lost).toEqual(open);
    const before = { ...whole, unnamedLost: [{ from: 2, to: 3 }] };
    expect(planReplay(vouched, streamOf(), before).lost).toEqual([]);
  });

  it('tells what of a torn tail was recognised, behind the last entry', () => {
    const vouched = vouchedAt(0, start.chain);
    const inDoubt = planReplay(vouched, streamOf({ cutSeqs: seqs(4, 5) }), whole).inDoubt;
    expect(inDoubt).toEqual({ from: 4, to: 5 });
    expect(planReplay(vouched, streamOf({ cutSeqs: seqs(3) }), whole).inDoubt).toBeNull();
    expect(planReplay(vouched, undefined, whole).inDoubt).toBeNull();
  });

  it('takes an older copy of a history back to what its newest detach stood behind', () => {
    const settled = { base: start, frames: framesOf(1, 2), seq: 3 };
    const stream = streamOf({ detached: true, settled, frames: framesOf() });
    const older = told(planReplay(vouchedAt(1, chainOf(1)), stream, whole));
    const lost = [{ from: 3, to: 3 }];
    expect(older).toEqual({ ...sound, frames: [2], lost, lastSeq: 3 });
    const current = told(planReplay(vouchedAt(3, 5n), stream, whole));
    expect(current).toEqual({ ...sound, frames: [], lastSeq: 3 });
    const attached = told(planReplay(vouchedAt(1, 5n), { ...stream, detached: false }, whole));
    expect(attached).toEqual({ ...sound, frames: [], lastSeq: 1 });
  });

  const fork = (seq: number): object => {
    const lost = [{ from: seq + 1, to: null }];
    return { frames: [], lost, inDoubt: null, forked: true, lastSeq: seq };
  };

  it('leaves both as they are when the chain of the journal is not the one of the history', () => {
    for (const seq of [0, 1, 2, 3]) {
      expect(told(planReplay(vouchedAt(seq, 1n), streamOf(), whole))).toEqual(fork(seq));
    }
  });

  it('sees no fork where the chain cannot be followed to the vouched end', () => {
    const isForked = (seq: number, stream: Partial<StreamInJournal>): boolean =>
      planReplay(vouchedAt(seq, 1n), streamOf(stream), whole).forked;
    expect(isForked(2, { base: null })).toBe(false);
    expect(isForked(2, { base: { seq: 3, chain: 7n } })).toBe(false);
    expect(isForked(2, { frames: framesOf(2, 3) })).toBe(false);
    expect(isForked(4, {})).toBe(false);
    expect(isForked(2, { base: { seq: 2, chain: 1n } })).toBe(false);
  });

  it('leaves both as they are when the journal has two entries of one sequence', () => {
    const stream = streamOf({ frames: framesOf(1, 2, 2) });
    expect(told(planReplay(vouchedAt(1, chainOf(1)), stream, whole))).toEqual(fork(1));
  });
});
