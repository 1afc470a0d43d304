/** What a dump says of the payload of each kind of frame, sound or not. */
import { beforeAll, describe, expect, it } from 'vitest';
import { initChecksum } from '../../src/format/checksum.ts';
import { encodeCommit, encodeControl, frameType } from '../../src/format/control.ts';
import type { Frame } from '../../src/format/frame.ts';
import { encodeLoss, encodeRecovered } from '../../src/history/history-frames.ts';
import { encodeIntroduction } from '../../src/journal/streams.ts';
import { explainPayload } from '../../src/recovery/dump-payload.ts';
import { encodeEvent } from '../../src/session/event-codec.ts';
import { eventFrameType, streamFrameType } from '../../src/session/frame-types.ts';
import { basesOf, bothReadings } from '../helpers/base-lab.ts';
import { RecoveryLab } from '../helpers/recovery-lab.ts';
import { streamKey, text, writerId } from '../helpers/segment-image.ts';

beforeAll(initChecksum);

function detailOf(type: number, payload: Uint8Array): unknown {
  const fields = { type, key: streamKey, streamSeq: 1, journalSeq: 1, timeMs: 1, offset: 8192 };
  const frame: Frame = {
    ...fields,
    payloadBytes: payload.length,
    payloadHash: 0n,
    checksum: 0n,
    payload,
  };
  return explainPayload(frame);
}

const short = new Uint8Array(3);
const noLayout = { fault: 'the payload has not the layout of its type' };
const hex = (byte: string): string => byte.repeat(16);

describe('explainPayload', () => {
  it('shows what the journal writes for itself', () => {
    const control = { durableMark: 1, firstSegment: 2, segment: 3, endOffset: 4, lastSeq: 5 };
    const bytes = encodeControl({ ...control, salt: 0xabn, checksum: 0xcdn });
    for (const type of [frameType.origin, frameType.mark, frameType.seal, frameType.close]) {
      expect(detailOf(type, bytes)).toEqual({ ...control, salt: 'ab', checksum: 'cd' });
      expect(detailOf(type, short)).toEqual(noLayout);
    }
    const entry = { key: streamKey, streamSeq: 9, payloadBytes: 7, type: 32, payloadHash: 1n };
    const told = { firstSeq: 1, lastSeq: 1, durableMark: 0, firstSegment: 1 };
    const sums = { previousChecksum: 1n, checksum: 2n };
    const commit = encodeCommit({ ...told, ...sums, writer: writerId, directory: [entry] });
    const frames = [{ stream: hex('03'), streamSeq: 9, type: 'message', payloadBytes: 7 }];
    expect(detailOf(frameType.commit, commit)).toEqual({ ...told, writer: hex('07'), frames });
    expect(detailOf(frameType.commit, short)).toEqual(noLayout);
  });

  it('shows the life of a session', () => {
    const introduction = encodeIntroduction(7n, text('s1'));
    expect(detailOf(streamFrameType.attach, introduction)).toEqual({ session: 's1' });
    expect(detailOf(streamFrameType.attach, short)).toEqual(noLayout);
    const note = { kept: { from: 1, to: 2 }, inDoubt: { from: 3, to: null }, cutBytes: 8 };
    const recovered = encodeRecovered({ ...note, writer: writerId });
    expect(detailOf(streamFrameType.recovered, recovered)).toEqual({ ...note, writer: hex('07') });
    expect(detailOf(streamFrameType.recovered, short)).toEqual(noLayout);
    const loss = { from: 3, to: 9 };
    expect(detailOf(streamFrameType.loss, encodeLoss(loss))).toEqual(loss);
    expect(detailOf(streamFrameType.loss, short)).toEqual(noLayout);
    expect(detailOf(streamFrameType.base, short)).toEqual(noLayout);
    for (const type of [streamFrameType.detach, streamFrameType.delete]) {
      expect(detailOf(type, new Uint8Array(70))).toEqual({ payload: '00'.repeat(64) });
    }
  });

  it('shows an event, and why one does not decode', () => {
    const event = { kind: 'status', status: 'paused' } as const;
    const { type, payload } = encodeEvent(event, 'key');
    expect(detailOf(type, payload)).toEqual({ event, idempotencyKey: 'key' });
    const fault: unknown = expect.stringContaining('cannot be decoded');
    expect(detailOf(eventFrameType.message, new Uint8Array([0xc1]))).toEqual({ fault });
    expect(detailOf(99, short)).toEqual({ fault: 'Frame type 99 is no event of this version' });
  });

  it('shows what a base sums up, without the sum', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s']);
    for (let made = 0; made < 40; made += 1) await writer.append('s');
    await writer.close();
    const [base] = basesOf(lab.disk);
    if (base === undefined) throw new Error('There is no base');
    const { contentDigest } = (await bothReadings(lab.disk.fileSystem(), lab.disk)).whole.fold;
    expect(explainPayload(base)).toEqual({
      number: 1,
      seq: 40,
      offset: base.offset,
      entries: 40,
      messages: 40,
      contentDigest,
      earlier: [],
      blocks: expect.any(Number) as number,
    });
    expect(explainPayload({ ...base, streamSeq: 41 })).toEqual(noLayout);
  });
});
