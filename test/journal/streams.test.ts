/** Sequence numbers and chains of streams: given, kept, and given back when a batch fails. */
import { beforeAll, describe, expect, it } from 'vitest';
import { attachType } from '../../src/format/control.ts';
import { initChecksum, xxh64 } from '../../src/format/checksum.ts';
import { nextChain } from '../../src/format/frame.ts';
import { decodeIntroduction, Streams } from '../../src/journal/streams.ts';
import type { Submission } from '../../src/journal/submission.ts';
import { streamKey, text } from '../helpers/segment-image.ts';

beforeAll(initChecksum);

function opened(): Streams {
  const streams = new Streams(10);
  const introduction = text('s');
  streams.open({ stream: 1, key: streamKey, lastSeq: 4, chain: 9n, introduction });
  return streams;
}

function submissionOf(...types: readonly number[]): Submission {
  const frames = types.map((type) => ({ type, payload: text(`of ${type}`), timeMs: 5 }));
  const entries = types.filter((type) => type >= 32).length;
  return { ticket: 1, stream: 1, frames, entries, bytes: 0, durability: 'durable' };
}

const numbersOf = (streams: Streams, submission: Submission, segment = 1): unknown =>
  streams.number([submission], segment, 5).frames.map(({ type, streamSeq, journalSeq }) => {
    return [type, streamSeq, journalSeq];
  });

describe('Streams', () => {
  it('numbers frames behind an introduction, once in every segment', () => {
    const streams = opened();
    expect(numbersOf(streams, submissionOf(32, 17, 33))).toEqual([
      [attachType, 4, 11],
      [32, 5, 12],
      [17, 5, 13],
      [33, 6, 14],
    ]);
    streams.keep();
    expect(numbersOf(streams, submissionOf(32))).toEqual([[32, 7, 15]]);
    streams.keep();
    const again = streams.number([submissionOf(32)], 2, 5);
    expect(again.frames[0]).toMatchObject({ type: attachType, streamSeq: 7, journalSeq: 16 });
    expect(again.numbered).toMatchObject([{ firstFrame: 1, firstSeq: 8 }]);
    let chain = 9n;
    for (const [type, streamSeq] of [
      [32, 5],
      [33, 6],
      [32, 7],
    ] as const) {
      const payloadHash = xxh64(text(`of ${type}`));
      chain = nextChain(chain, { type, key: streamKey, streamSeq, payloadHash });
    }
    expect(decodeIntroduction(again.frames[0]?.payload ?? text(''))?.chain).toBe(chain);
  });

  it('gives back the numbers of a batch that failed, and nothing when none did', () => {
    const streams = opened();
    streams.revert();
    expect(streams.lastJournalSeq).toBe(10);
    const first = numbersOf(streams, submissionOf(32, 33));
    streams.revert();
    expect(streams.lastJournalSeq).toBe(10);
    streams.revert();
    expect(numbersOf(streams, submissionOf(32, 33))).toEqual(first);
    streams.keep();
    streams.revert();
    expect(streams.lastJournalSeq).toBe(13);
  });

  it('tells how long introductions are, of streams that have frames, each once', () => {
    const streams = opened();
    const batch = [submissionOf(32), submissionOf(33), submissionOf()];
    expect(streams.introductionPayloads(batch)).toEqual([9]);
    expect(streams.introductionPayloads([submissionOf()])).toEqual([]);
  });
});
