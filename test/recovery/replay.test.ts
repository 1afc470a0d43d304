/** What replaying writes beside the entries: fields of the head, and the note of a recovery. */
import { beforeAll, describe, expect, it } from 'vitest';
import { initChecksum } from '../../src/format/checksum.ts';
import { emptyVouched, newHead } from '../../src/format/head.ts';
import type { Head } from '../../src/format/head.ts';
import { decodeLoss, decodeRecovered } from '../../src/history/history-frames.ts';
import type { LooseFrame } from '../../src/journal/batch.ts';
import { layoutOf, sessionPaths } from '../../src/recovery/layout.ts';
import { fieldsOf, keptRange, looseFrame, lostSight, titleOf } from '../../src/recovery/replay.ts';
import type { SessionScan } from '../../src/recovery/scan.ts';
import { encodeEvent } from '../../src/session/event-codec.ts';
import type { SessionEvent } from '../../src/session/event.ts';
import { eventFrameType, streamFrameType } from '../../src/session/frame-types.ts';
import { framesOf, headOf } from '../helpers/base-lab.ts';
import { RecoveryLab } from '../helpers/recovery-lab.ts';

beforeAll(initChecksum);

const key = new Uint8Array(16).fill(3);

function head(change: Partial<Head> = {}): Head {
  const of = { salt: 1n, incarnation: key, attached: null, sessionId: 's', createdMs: 5 };
  return { ...newHead(of), vouched: { ...emptyVouched, seq: 3 }, ...change };
}

function event(told: SessionEvent, streamSeq: number, timeMs: number): LooseFrame {
  const { type, payload } = encodeEvent(told, 'k');
  return looseFrame({ type, key, streamSeq, timeMs }, payload);
}

const message = (content: string, streamSeq = 1, timeMs = 10): LooseFrame =>
  event({ kind: 'message', message: { role: 'user', content } }, streamSeq, timeMs);
const rotten = (type: number): LooseFrame =>
  looseFrame({ type, key, streamSeq: 1, timeMs: 50 }, Uint8Array.of(0xc1));

describe('fieldsOf', () => {
  it('fieldsOf counts messages, keeps the newest time, and takes the first title', () => {
    expect(fieldsOf(head(), [])).toEqual({ messages: 0, updatedMs: 5, title: '' });
    const frames = [message('one', 1, 30), message('two', 2, 20)];
    expect(fieldsOf(head(), frames)).toEqual({ messages: 2, updatedMs: 30, title: 'one' });
    const before = head({ messages: 4, updatedMs: 99, title: 'mine' });
    expect(fieldsOf(before, frames)).toEqual({ messages: 6, updatedMs: 99, title: 'mine' });
  });

  it('fieldsOf passes over what is no entry, and what gives no title', () => {
    const note = looseFrame(
      { type: streamFrameType.recovered, key, streamSeq: 1, timeMs: 70 },
      new Uint8Array(0),
    );
    const status = event({ kind: 'status', status: 'paused' }, 1, 40);
    expect(fieldsOf(head(), [note, status])).toEqual({ messages: 0, updatedMs: 40, title: '' });
    const bad = rotten(eventFrameType.message);
    expect(fieldsOf(head(), [bad, message('two')])).toEqual({
      messages: 2,
      updatedMs: 50,
      title: 'two',
    });
    // A rewind that does not decode says nothing of how many messages are left.
    const before = head({ messages: 4 });
    expect(fieldsOf(before, [rotten(eventFrameType.rewind)])).toMatchObject({ messages: 4 });
  });

  it('titleOf is empty for what is no message, or does not decode', () => {
    expect(titleOf(message('A title'))).toBe('A title');
    expect(titleOf(event({ kind: 'status', status: 'paused' }, 1, 1))).toBe('');
    expect(titleOf(rotten(eventFrameType.message))).toBe('');
    expect(titleOf(message(''))).toBe('');
  });
});

describe('keptRange', () => {
  it('keptRange reaches from the first to the last, and is null without any', () => {
    const frames = (...seqs: number[]): Parameters<typeof keptRange>[0] =>
      seqs.map((streamSeq) => ({ streamSeq })) as unknown as Parameters<typeof keptRange>[0];
    expect(keptRange(frames())).toBeNull();
    expect(keptRange(frames(4))).toEqual({ from: 4, to: 4 });
    expect(keptRange(frames(4, 5, 9))).toEqual({ from: 4, to: 9 });
  });
});

describe('lostSight', () => {
  it('lostSight says what to do when a head has changed, or what the machine refuses', () => {
    const layout = layoutOf('/store');
    const scan = { id: 's', paths: sessionPaths(layout, 's'), error: null } as SessionScan;
    expect(lostSight(layout, scan)).toMatchObject({
      code: 'DAMAGED',
      message: 'Cannot recover session "s": its head has changed; try again',
      details: { sessions: [{ id: 's', lost: [] }], file: 'sessions/s/history', offset: 0 },
    });
    const error = Object.assign(new Error('EIO'), { code: 'EIO', syscall: 'read' });
    expect(lostSight(layout, { ...scan, error })).toMatchObject({
      code: 'IO',
      message: 'Cannot recover a session: the machine answered EIO for "/store/sessions/s/history"',
    });
  });
});

describe('what a replay leaves in the history', () => {
  /** A killed writer with four entries of `s`, whose tail and second entry may have rotted. */
  async function killed(): Promise<RecoveryLab> {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s']);
    for (let made = 0; made < 4; made += 1) await writer.append('s');
    writer.kill();
    return lab.rebooted();
  }

  const notesIn = (lab: RecoveryLab): readonly unknown[] =>
    framesOf(lab.disk)
      .filter(({ type }) => type === streamFrameType.recovered)
      .map(({ payload }) => decodeRecovered(payload));
  const writerOf = (lab: RecoveryLab): Buffer =>
    Buffer.from(lab.segments()[0]?.split('/').at(-2) ?? '', 'hex');

  it('is one note with the range that was kept, what is in doubt, and the bytes that were cut', async () => {
    const lab = await killed();
    const writer = new Uint8Array(writerOf(lab));
    const last = lab.entry(-1);
    const cutBytes = lab.segmentEnd(1) - last.offset;
    lab.flip(last.path, last.end + 70);
    await lab.recover();
    expect(notesIn(lab)).toEqual([
      { writer, kept: { from: 1, to: 3 }, inDoubt: { from: 4, to: 4 }, cutBytes },
    ]);
    const frame = framesOf(lab.disk).find(({ type }) => type === streamFrameType.recovered);
    expect(frame).toMatchObject({ streamSeq: 3, journalSeq: 0 });
    expect(frame?.key).toEqual(headOf(lab.disk).incarnation);
    expect(headOf(lab.disk)).toMatchObject({ messages: 3, damage: null, vouched: { seq: 3 } });
  });

  it('is a loss frame for each gap, the loss in the head, and no gap at the end untold', async () => {
    const lab = await killed();
    const second = lab.entry(1);
    const writer = new Uint8Array(writerOf(lab));
    lab.flip(second.path, second.offset + 70);
    await lab.recover();
    const losses = framesOf(lab.disk)
      .filter(({ type }) => type === streamFrameType.loss)
      .map(({ payload, streamSeq }) => ({ ...decodeLoss(payload), streamSeq }));
    expect(losses).toEqual([{ from: 2, to: 2, streamSeq: 2 }]);
    expect(headOf(lab.disk)).toMatchObject({ messages: 3, damage: { from: 2, to: 2, writer } });
  });

  it('is a loss frame for what is gone at the end, once a mark said that it was durable', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s']);
    for (let made = 0; made < 4; made += 1) await writer.append('s');
    await lab.machine.pass(1000);
    writer.kill();
    const after = lab.rebooted();
    const last = after.entry(-1);
    after.flip(last.path, last.offset + 70);
    await after.recover();
    const losses = framesOf(after.disk)
      .filter(({ type }) => type === streamFrameType.loss)
      .map(({ payload, streamSeq }) => ({ ...decodeLoss(payload), streamSeq }));
    expect(losses).toEqual([{ from: 4, to: 4, streamSeq: 4 }]);
    expect(headOf(after.disk)).toMatchObject({ damage: { from: 4, to: 4 }, vouched: { seq: 4 } });
    expect(notesIn(after)).toMatchObject([{ kept: { from: 1, to: 3 }, inDoubt: null }]);
  });

  it('is a head with the title and the times of what was settled', async () => {
    const lab = await killed();
    await lab.recover();
    const { title, updatedMs, createdMs } = headOf(lab.disk);
    expect(title).toMatch(/^s 1 /);
    expect(updatedMs).toBeGreaterThanOrEqual(createdMs);
  });
});
