/** What a dead journal holds for each session, and to whom its lost frames are put down. */
import { beforeAll, describe, expect, it } from 'vitest';
import { SeqSet } from '../../src/base/seq-set.ts';
import { initChecksum } from '../../src/format/checksum.ts';
import { attachType } from '../../src/format/control.ts';
import { keyText } from '../../src/format/frame.ts';
import type { JournalFacts, SegmentFacts } from '../../src/journal/journal-reader.ts';
import { FramePicks } from '../../src/journal/frame-table.ts';
import type { FrameRef } from '../../src/journal/frame-table.ts';
import { encodeIntroduction } from '../../src/journal/streams.ts';
import { analyzeStreams } from '../../src/recovery/streams.ts';
import type { StreamInJournal } from '../../src/recovery/streams.ts';
import { streamFrameType } from '../../src/session/frame-types.ts';
import { text } from '../helpers/segment-image.ts';

beforeAll(initChecksum);

const one = new Uint8Array(16).fill(1);
const two = new Uint8Array(16).fill(2);
const entryType = 32;

/** A frame of stream `one`, unless it says otherwise. */
function frame(journalSeq: number, streamSeq: number, change: Partial<FrameRef> = {}): FrameRef {
  return {
    type: entryType,
    key: one,
    streamSeq,
    journalSeq,
    timeMs: 0,
    segment: 1,
    offset: journalSeq * 64,
    payloadBytes: 0,
    payloadHash: 0n,
    payload: null,
    ...change,
  } as FrameRef;
}

const attach = (journalSeq: number, streamSeq: number, chain = 0n, id = 's'): FrameRef =>
  frame(journalSeq, streamSeq, { type: attachType, payload: encodeIntroduction(chain, text(id)) });
const detach = (journalSeq: number, streamSeq: number): FrameRef =>
  frame(journalSeq, streamSeq, { type: streamFrameType.detach });
const tombstone = (journalSeq: number, streamSeq: number): FrameRef =>
  frame(journalSeq, streamSeq, { type: streamFrameType.delete });

function picks(frames: readonly FrameRef[]): FramePicks {
  const all = new FramePicks();
  for (const each of frames) all.push(each);
  return all;
}

interface Told {
  readonly survivors?: readonly FrameRef[];
  readonly named?: readonly FrameRef[];
  readonly whole?: readonly number[];
  readonly durableMark?: number;
  readonly firstProblem?: Partial<JournalFacts['firstProblem']>;
  readonly missing?: JournalFacts['missing'];
  readonly segments?: readonly object[];
}

function facts(frames: readonly FrameRef[], told: Told = {}): JournalFacts {
  const wholeSeqs = new SeqSet();
  for (const seq of told.whole ?? []) wholeSeqs.add(seq);
  return {
    frames: picks(frames),
    lastSeq: frames.at(-1)?.journalSeq ?? 0,
    durableMark: told.durableMark ?? 0,
    survivors: picks(told.survivors ?? []),
    named: picks(told.named ?? []),
    wholeSeqs,
    firstProblem: (told.firstProblem ?? null) as JournalFacts['firstProblem'],
    missing: told.missing ?? null,
    segments: (told.segments ?? []) as readonly SegmentFacts[],
  } as unknown as JournalFacts;
}

function streamIn(
  found: ReturnType<typeof analyzeStreams>,
  key: Uint8Array = one,
): StreamInJournal | undefined {
  return found.streams.get(keyText({ key }));
}

const seqsOf = (stream: StreamInJournal | undefined): number[] =>
  Array.from(stream?.frames ?? [], ({ streamSeq }) => streamSeq);

describe('the frames of a stream', () => {
  const of = (...frames: readonly FrameRef[]): StreamInJournal | undefined =>
    streamIn(analyzeStreams(facts(frames), 'unclean'));

  it('begin at the base that its introduction tells', () => {
    const stream = of(attach(1, 4, 9n), frame(2, 5), frame(3, 6));
    expect(stream).toMatchObject({
      key: '01'.repeat(16),
      sessionId: 's',
      base: { seq: 4, chain: 9n },
      detached: false,
      deleted: false,
      lastJournalSeq: 3,
    });
    expect(seqsOf(stream)).toEqual([5, 6]);
    expect(stream?.lostSeqs.size).toBe(0);
    expect(stream?.cutSeqs.size).toBe(0);
  });

  it('keep the first introduction, and a base only if nothing stood in front of it', () => {
    const again = of(attach(1, 4, 9n), frame(2, 5), attach(3, 5, 7n, 'other'));
    expect(again).toMatchObject({ sessionId: 's', base: { seq: 4, chain: 9n } });
    const late = of(frame(1, 5), attach(2, 5, 7n));
    expect(late).toMatchObject({ sessionId: 's', base: null });
    const twice = of(attach(1, 4, 9n), attach(2, 4, 8n));
    expect(twice?.base).toEqual({ seq: 4, chain: 9n });
  });

  it('have no name when their introduction is gone, or not of its layout', () => {
    expect(of(frame(1, 5))).toMatchObject({ sessionId: null, base: null });
    const short = frame(1, 4, { type: attachType, payload: new Uint8Array(3) });
    expect(of(short, frame(2, 5))).toMatchObject({ sessionId: null, base: null });
    expect(of(frame(1, 4, { type: attachType }), frame(2, 5))).toMatchObject({ sessionId: null });
  });

  it('are settled in front of a detach, and begin anew when the session goes on', () => {
    const left = of(attach(1, 0), frame(2, 1), frame(3, 2), detach(4, 2));
    expect(left).toMatchObject({
      detached: true,
      base: null,
      settled: { base: { seq: 0, chain: 0n }, seq: 2 },
      lastJournalSeq: 4,
    });
    expect(seqsOf(left)).toEqual([]);
    expect(Array.from(left?.settled.frames ?? [], ({ streamSeq }) => streamSeq)).toEqual([1, 2]);
    const back = of(attach(1, 0), frame(2, 1), detach(3, 1), attach(4, 1, 5n), frame(5, 2));
    expect(back).toMatchObject({
      detached: false,
      base: { seq: 1, chain: 5n },
      settled: { seq: 1 },
    });
    expect(seqsOf(back)).toEqual([2]);
    // Also when the frame that said so is gone.
    const silent = of(attach(1, 0), frame(2, 1), detach(3, 1), frame(4, 2));
    expect(silent).toMatchObject({ detached: false, base: null });
    expect(seqsOf(silent)).toEqual([2]);
  });

  it('are deleted by a tombstone, unless the session goes on behind it', () => {
    const gone = of(attach(1, 0), frame(2, 1), tombstone(3, 1));
    expect(gone).toMatchObject({ deleted: true, detached: false, sessionId: 's' });
    expect(of(attach(1, 0), tombstone(2, 0), attach(3, 0, 6n))).toMatchObject({
      deleted: false,
      base: { seq: 0, chain: 6n },
    });
    const on = of(attach(1, 0), frame(2, 1), tombstone(3, 1), frame(4, 2));
    expect(on?.deleted).toBe(false);
    expect(seqsOf(on)).toEqual([2]);
    const detached = of(attach(1, 0), frame(2, 1), detach(3, 1), tombstone(4, 1));
    expect(detached).toMatchObject({ detached: true, deleted: true });
  });
});

describe('a torn tail', () => {
  it('has entries that are still recognised, as far as they lie behind the end', () => {
    const other = { key: two };
    const found = analyzeStreams(
      facts([attach(1, 0), frame(2, 1)], {
        survivors: [frame(3, 2), frame(4, 7, other)],
        named: [frame(2, 1), frame(5, 3), frame(6, 3, { type: streamFrameType.detach })],
      }),
      'torn',
    );
    expect(found).toMatchObject({ unnamedLost: [], followsTo: 2, openEnded: false });
    const cut = streamIn(found)?.cutSeqs;
    expect([1, 2, 3, 4].map((seq) => cut?.has(seq))).toEqual([false, true, true, false]);
    expect(streamIn(found, two)?.cutSeqs.has(7)).toBe(true);
    expect(seqsOf(streamIn(found))).toEqual([1]);
    expect(streamIn(found)?.lostSeqs.size).toBe(0);
  });
});

describe('frames behind damage', () => {
  const problem = { kind: 'tail', segment: 1, offset: 128 } as const;
  const damaged = (frames: readonly FrameRef[], told: Told): ReturnType<typeof analyzeStreams> =>
    analyzeStreams(facts(frames, { firstProblem: problem, ...told }), 'damaged');

  it('count up to the mark, or in batches that are whole, each once and in order', () => {
    const found = damaged([attach(1, 0), frame(2, 1)], {
      durableMark: 4,
      survivors: [frame(4, 3), frame(2, 9), frame(3, 2), frame(5, 4), frame(6, 5)],
      whole: [6],
    });
    expect(seqsOf(streamIn(found))).toEqual([1, 2, 3, 5]);
    // What nobody can believe was cut, if it lies behind everything that counts.
    expect(streamIn(found)?.cutSeqs.has(4)).toBe(false);
    const behind = damaged([attach(1, 0), frame(2, 1)], {
      durableMark: 3,
      survivors: [frame(3, 2), frame(4, 3)],
    });
    expect(seqsOf(streamIn(behind))).toEqual([1, 2]);
    expect(streamIn(behind)?.cutSeqs.has(3)).toBe(true);
    expect(behind.followsTo).toBe(3);
  });

  it('tell by the gaps between them, and by names, which entries are lost', () => {
    const found = damaged([attach(1, 0), frame(2, 1)], {
      durableMark: 5,
      survivors: [frame(5, 4)],
      named: [frame(2, 1), frame(3, 2), frame(4, 3)],
    });
    expect([1, 2, 3, 4].map((seq) => streamIn(found)?.lostSeqs.has(seq))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(found).toMatchObject({ unnamedLost: [], followsTo: 2, openEnded: false });
  });

  it('are lost to nobody in particular when no name and no gap explains them', () => {
    const found = damaged([attach(1, 0), frame(2, 1)], { durableMark: 6 });
    expect(found.unnamedLost).toEqual([{ from: 3, to: 6 }]);
    expect(found.followsTo).toBe(2);
    const named = damaged([attach(1, 0), frame(2, 1)], {
      durableMark: 8,
      named: [frame(4, 2), frame(6, 3), frame(7, 4)],
    });
    expect(named.unnamedLost).toEqual([
      { from: 3, to: 3 },
      { from: 5, to: 5 },
      { from: 8, to: 8 },
    ]);
    const atEnds = damaged([attach(1, 0), frame(2, 1)], {
      durableMark: 5,
      named: [frame(3, 2), frame(5, 9)],
    });
    // The gap of the session in front of 9 explains more than one frame.
    expect(atEnds.unnamedLost).toEqual([{ from: 4, to: 4 }]);
  });

  it('are explained when the gaps of the sessions make up for all of them', () => {
    const found = damaged([attach(1, 0), frame(2, 1)], {
      durableMark: 6,
      survivors: [frame(6, 5)],
    });
    expect(found).toMatchObject({ unnamedLost: [], followsTo: 2 });
    const other = damaged([frame(1, 3), frame(2, 4)], {
      durableMark: 4,
      survivors: [frame(4, 6)],
    });
    // Without a base the first frame that is there says where they begin.
    expect(other.unnamedLost).toEqual([]);
    // One of them was named for a session of which nothing else is known.
    const mixed = damaged([attach(1, 0), frame(2, 1)], {
      durableMark: 5,
      survivors: [frame(5, 3)],
      named: [frame(4, 7, { key: two })],
    });
    expect(mixed.unnamedLost).toEqual([]);
    const unseen = damaged([attach(1, 0)], {
      durableMark: 2,
      named: [frame(2, 7, { key: two })],
    });
    expect(unseen.unnamedLost).toEqual([]);
    expect(streamIn(unseen, two)?.lostSeqs.has(7)).toBe(true);
  });

  it('are a tombstone when a name says so and nothing came behind it', () => {
    const named = [tombstone(3, 1)];
    const gone = damaged([attach(1, 0), frame(2, 1)], { durableMark: 3, named });
    expect(streamIn(gone)).toMatchObject({ deleted: true });
    expect(streamIn(gone)?.lostSeqs.size).toBe(0);
    const survivors = [attach(4, 1, 5n)];
    const on = damaged([attach(1, 0), frame(2, 1)], { durableMark: 4, named, survivors });
    expect(streamIn(on)).toMatchObject({ deleted: false });
  });

  it('are what the last name says of those that have several', () => {
    const found = damaged([attach(1, 0), frame(2, 1)], {
      durableMark: 3,
      named: [frame(3, 2, { key: two }), frame(3, 2)],
    });
    expect(streamIn(found)?.lostSeqs.has(2)).toBe(true);
    expect(streamIn(found, two)).toBeUndefined();
  });
});

describe('a loss without an end', () => {
  const sound = {
    number: 1,
    blank: false,
    wrongSize: false,
    content: { close: null, seal: null, tail: null, origin: {} },
  };
  const openEnded = (
    kind: string,
    segments: readonly object[],
    told: Told & { readonly segment?: number } = {},
  ): boolean => {
    const firstProblem = { kind, segment: told.segment ?? 1, offset: 0 } as never;
    const all = { ...told, firstProblem, segments };
    return analyzeStreams(facts([attach(1, 0)], all), 'damaged').openEnded;
  };
  const at = (number: number, change: object = {}): object => ({ ...sound, number, ...change });
  const headless = { content: null };
  const ended = { content: { ...sound.content, close: {} } };

  it('is none without a problem, and one with a segment that a seal misses', () => {
    expect(analyzeStreams(facts([attach(1, 0)], { durableMark: 3 }), 'damaged').openEnded).toBe(
      false,
    );
    expect(openEnded('tail', [at(1)], { missing: { number: 2, reason: '' } })).toBe(true);
  });

  it.each(['tail', 'chain'])('ends with a %s, unless a segment behind it is harmed', (kind) => {
    expect(openEnded(kind, [])).toBe(false);
    expect(openEnded(kind, [at(1)])).toBe(false);
    expect(openEnded(kind, [at(1, { wrongSize: true })])).toBe(false);
    expect(openEnded(kind, [at(1), at(2)])).toBe(false);
    expect(openEnded(kind, [at(1), at(2, { wrongSize: true })])).toBe(true);
    expect(openEnded(kind, [at(1), at(2, headless)])).toBe(true);
    // Made ahead, and never used.
    expect(openEnded(kind, [at(1), at(2, { blank: true })])).toBe(false);
    expect(openEnded(kind, [at(1), at(2, { ...headless, blank: true })])).toBe(false);
    expect(openEnded(kind, [at(1), at(2, { wrongSize: true }), at(3)])).toBe(false);
  });

  it('has an end when the last segment that was used says how far it went', () => {
    expect(openEnded('header', [])).toBe(true);
    expect(openEnded('header', [at(1, headless)])).toBe(true);
    expect(openEnded('header', [at(1)], { segment: 2 })).toBe(true);
    expect(openEnded('header', [at(1, headless), at(2)])).toBe(false);
    expect(openEnded('header', [at(1, headless), at(2, { wrongSize: true })])).toBe(true);
    const begun = { content: { ...sound.content, origin: null } };
    expect(openEnded('header', [at(1, headless), at(2, begun)])).toBe(true);
    expect(openEnded('size', [at(1, { wrongSize: true })])).toBe(true);
    expect(openEnded('size', [at(1, { ...ended, wrongSize: true })])).toBe(false);
    const torn = { content: { ...sound.content, close: {}, tail: {} }, wrongSize: true };
    expect(openEnded('size', [at(1, torn)])).toBe(true);
    const sealed = { content: { ...sound.content, seal: {} }, wrongSize: true };
    expect(openEnded('size', [at(1, sealed)])).toBe(false);
  });

  it('is one with a foreign segment at the end, and none with one in front of others', () => {
    expect(openEnded('identity', [at(1)])).toBe(true);
    expect(openEnded('identity', [at(1), at(2)])).toBe(false);
    expect(openEnded('header', [at(1)])).toBe(false);
  });
});
