/** Where the bytes of a loss stand that somebody is asked to accept, place by place. */
import { describe, expect, it } from 'vitest';
import { fromHex } from '../../src/format/bytes.ts';
import { frameBytes } from '../../src/format/frame.ts';
import { HistoryFile } from '../../src/history/history-file.ts';
import type { BadBytes } from '../../src/recovery/report.ts';
import { looseFrame } from '../../src/recovery/replay.ts';
import { eventFrameType } from '../../src/session/frame-types.ts';
import { changeHead, framesOf, headOf, historyOf } from '../helpers/base-lab.ts';
import { labRoot, RecoveryLab } from '../helpers/recovery-lab.ts';

const history = historyOf('s');
const file = 'sessions/s/history';
const ofHeader = 'no header of this file holds here';
const ofPayload = 'the header holds, its payload does not';

/** A closed store with this many entries of `s`. */
async function closed(count: number): Promise<RecoveryLab> {
  const lab = await RecoveryLab.start();
  const writer = await lab.writer('w', ['s']);
  for (let made = 0; made < count; made += 1) await writer.append('s');
  await writer.close();
  return lab;
}

async function badBytesIn(lab: RecoveryLab): Promise<readonly BadBytes[]> {
  return (await lab.acceptLoss('s', { dryRun: true })).accepted.badBytes;
}

describe('lookAtLoss', () => {
  it('lookAtLoss names nothing of a session that is whole', async () => {
    const lab = await closed(3);
    const { accepted } = await lab.acceptLoss('s', { dryRun: true });
    expect(accepted).toEqual({
      session: 's',
      lost: [],
      kept: [{ from: 1, to: 3 }],
      entries: 3,
      messages: 3,
      badBytes: [],
      deleted: false,
      done: false,
      setAside: null,
    });
  });

  it('lookAtLoss says where a history ends that was cut, and how much is missing', async () => {
    const lab = await closed(3);
    const { endOffset } = headOf(lab.disk).vouched;
    const messages = framesOf(lab.disk).filter(({ type }) => type === eventFrameType.message);
    const offset = messages.at(-1)?.offset ?? 0;
    lab.cut(history, offset);
    const bytes = endOffset - offset;
    expect(await badBytesIn(lab)).toEqual([{ file, offset, bytes, reason: 'the file ends here' }]);
    const { accepted } = await lab.acceptLoss('s');
    expect(accepted).toMatchObject({ lost: [{ from: 3, to: 3 }], kept: [{ from: 1, to: 2 }] });
  });

  it('lookAtLoss names what is cut behind what is damaged, and no more than is vouched for', async () => {
    const lab = await closed(3);
    const { endOffset } = headOf(lab.disk).vouched;
    const last = framesOf(lab.disk).at(-1)?.offset ?? 0;
    lab.change(history, (bytes) => {
      const longer = new Uint8Array(endOffset + 64).fill(0xee);
      longer.set(bytes.subarray(0, last), 0);
      return longer;
    });
    expect(await badBytesIn(lab)).toEqual([
      { file, offset: last, bytes: endOffset - last, reason: ofHeader },
    ]);
    const first = framesOf(lab.disk)[0]?.offset ?? 0;
    lab.flip(history, first + 70);
    lab.cut(history, endOffset - 8);
    const places = await badBytesIn(lab);
    expect(places[0]).toMatchObject({ file, offset: first, reason: ofPayload });
    expect(places.at(-1)).toEqual({
      file,
      offset: endOffset - 8,
      bytes: 8,
      reason: 'the file ends here',
    });
  });

  it('lookAtLoss names nothing of what lies behind the vouched end', async () => {
    const lab = await closed(3);
    const frame = framesOf(lab.disk)[0];
    const { endOffset } = headOf(lab.disk).vouched;
    lab.change(history, (bytes) => {
      const longer = new Uint8Array(endOffset + 256).fill(0xee);
      longer.set(bytes.subarray(0, endOffset), 0);
      return longer;
    });
    expect(await badBytesIn(lab)).toEqual([]);
    lab.flip(history, (frame?.offset ?? 0) + 70);
    const bytes = frameBytes(frame?.payload.length ?? 0);
    expect(await badBytesIn(lab)).toEqual([
      { file, offset: frame?.offset, bytes, reason: ofPayload },
    ]);
  });

  it('lookAtLoss gives up what nobody can decode only when the history is written anew', async () => {
    const lab = await closed(2);
    const head = headOf(lab.disk);
    const hand = await HistoryFile.open(lab.machine.parts('hand'), history, head, 'write');
    const fields = { type: eventFrameType.message, key: head.incarnation, timeMs: 0 };
    const odd = looseFrame({ ...fields, streamSeq: 3 }, Uint8Array.of(0xc1));
    await hand.append([odd], new Uint8Array(16));
    await hand.close();
    const look = async (): Promise<object> =>
      (await lab.acceptLoss('s', { dryRun: true })).accepted;
    expect(await look()).toMatchObject({ lost: [], kept: [{ from: 1, to: 3 }], badBytes: [] });
    lab.flip(history, (framesOf(lab.disk)[0]?.offset ?? 0) + 70);
    expect(await look()).toMatchObject({
      lost: [
        { from: 1, to: 1 },
        { from: 3, to: 3 },
      ],
      kept: [{ from: 2, to: 2 }],
      entries: 1,
    });
  });

  it('lookAtLoss tells of a history whose frames hold and are not what the head vouches for', async () => {
    const lab = await closed(3);
    const { vouched } = headOf(lab.disk);
    changeHead(lab.disk, { vouched: { ...vouched, chain: 1n } });
    const reason = 'content is not what the head vouches for';
    expect(await badBytesIn(lab)).toEqual([
      { file, bytes: null, offset: vouched.endOffset, reason },
    ]);
    const frame = framesOf(lab.disk)[0];
    lab.flip(history, (frame?.offset ?? 0) + 70);
    const bytes = frameBytes(frame?.payload.length ?? 0);
    expect(await badBytesIn(lab)).toEqual([
      { file, offset: frame?.offset, bytes, reason: ofPayload },
    ]);
  });

  it('lookAtLoss lists a thousand places, and no more', async () => {
    const lab = await closed(1);
    const head = headOf(lab.disk);
    const path = historyOf('s');
    const file = await HistoryFile.open(lab.machine.parts('hand'), path, head, 'write');
    const frames = Array.from({ length: 2010 }, (_, at) => {
      const fields = { type: eventFrameType.message, key: head.incarnation, timeMs: 0 };
      return looseFrame({ ...fields, streamSeq: at + 2 }, Uint8Array.of(0xc1));
    });
    await file.append(frames, new Uint8Array(16));
    await file.close();
    const written = framesOf(lab.disk).slice(-2010);
    const bad = written.filter((_, at) => at % 2 === 0).map(({ offset }) => offset);
    lab.change(path, (bytes) => {
      for (const offset of bad) bytes[offset + 64] = 0;
      return bytes;
    });
    const places = await badBytesIn(lab);
    expect(places.map(({ offset }) => offset)).toEqual(bad.slice(0, 1000));
  });
});

describe('the journal of a session', () => {
  /** A killed writer with three entries of `s` and one of `o` in between. */
  async function killed(): Promise<RecoveryLab> {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s', 'o']);
    for (const id of ['s', 'o', 's', 's']) await writer.append(id);
    writer.kill();
    return lab.rebooted();
  }

  it('is looked through for bad bytes, but for those of other sessions', async () => {
    const lab = await killed();
    const [, ofOther, ofOwn] = [0, 1, 2].map((at) => lab.entry(at));
    const path = ofOwn?.path ?? '';
    const segment = path.slice(labRoot.length + 1);
    lab.flip(path, (ofOwn?.offset ?? 0) + 70);
    lab.flip(path, (ofOther?.offset ?? 0) + 70);
    const bytes = (ofOwn?.end ?? 0) - (ofOwn?.offset ?? 0);
    const own = { file: segment, offset: ofOwn?.offset, bytes, reason: ofPayload };
    expect(await badBytesIn(lab)).toEqual([own]);
    // Whose a frame is whose header is bad as well, nobody knows.
    lab.flip(path, (ofOther?.offset ?? 0) + 9);
    const unknown = { file: segment, offset: ofOther?.offset, reason: ofHeader };
    expect(await badBytesIn(lab)).toMatchObject([unknown, own]);
  });

  it('is found in quarantine once recovery has set it aside, and other files there are not read', async () => {
    const lab = await killed();
    const { path, offset } = lab.entry(2);
    lab.flip(path, offset + 70);
    const [journals, writer, name] = path.slice(labRoot.length + 1).split('/');
    expect(journals).toBe('journals');
    await lab.recover();
    lab.disk.writeFile(`${labRoot}/quarantine/${writer}/notes`, new Uint8Array(9).fill(1));
    const places = await badBytesIn(lab);
    expect(places).toMatchObject([
      { file: `quarantine/${writer}/${name}`, offset, reason: ofPayload },
    ]);
    // A journal that is nowhere any more has no places.
    lab.disk.removePath(`${labRoot}/quarantine`);
    expect(await badBytesIn(lab)).toEqual([]);
    changeHead(lab.disk, { attached: fromHex('ab'.repeat(16)) });
    expect(await badBytesIn(lab)).toEqual([]);
  });
});
