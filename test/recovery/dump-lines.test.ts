/** Each line of a dump in full: what a person reads who looks for the damage. */
import { beforeEach, describe, expect, it } from 'vitest';
import { fileHeaderBytes } from '../../src/base/quantities.ts';
import { toHex } from '../../src/format/bytes.ts';
import { frameBytes } from '../../src/format/frame.ts';
import { decodeSegmentHeader } from '../../src/format/segment-header.ts';
import { HistoryFile } from '../../src/history/history-file.ts';
import { dumpFile } from '../../src/recovery/dump.ts';
import type { DumpLine } from '../../src/recovery/dump.ts';
import { looseFrame } from '../../src/recovery/replay.ts';
import { eventFrameType } from '../../src/session/frame-types.ts';
import { changeHead, framesOf, headOf, historyOf } from '../helpers/base-lab.ts';
import { labRoot, RecoveryLab } from '../helpers/recovery-lab.ts';
import { collect } from '../helpers/sim-store.ts';

const history = historyOf('s');
let lab: RecoveryLab;

/** A store that was closed, with three entries of `s`, and one that a killed writer left. */
beforeEach(async () => {
  lab = await RecoveryLab.start();
  const writer = await lab.writer('w', ['s']);
  for (let made = 0; made < 3; made += 1) await writer.append('s');
  await writer.close();
});

async function killed(): Promise<string> {
  const writer = await lab.writer('again', ['s']);
  await writer.append('s');
  writer.kill();
  return lab.segments()[0] ?? '';
}

function dumped(path: string): Promise<DumpLine[]> {
  return collect(dumpFile(lab.disk.fileSystem('look'), path));
}

const sizeOf = (path: string): number => lab.disk.readFile(path).length;
const ofKind = <K extends DumpLine['kind']>(
  lines: readonly DumpLine[],
  kind: K,
): readonly Extract<DumpLine, { kind: K }>[] =>
  lines.filter((line): line is Extract<DumpLine, { kind: K }> => line.kind === kind);

describe('dumpFile', () => {
  it.each([
    ['/store/none', 'nothing'],
    ['/store/sessions', 'a directory'],
  ])('dumpFile refuses %s, because there is %s', async (path, what) => {
    await expect(dumped(path)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: `Cannot dump "${path}": there is ${what}; name a segment or a history`,
      details: { what: path },
    });
  });

  it('dumpFile shows all that the head of a history says', async () => {
    const head = headOf(lab.disk);
    const { salt, incarnation, attached, vouched, damage: _none, ...rest } = head;
    const lines = await dumped(history);
    expect(lines[0]).toEqual({
      kind: 'file',
      file: 'history',
      path: history,
      bytes: sizeOf(history),
    });
    const fields = {
      ...rest,
      salt: salt.toString(16),
      incarnation: toHex(incarnation),
      attached: null,
      vouchedSeq: 3,
      vouchedEnd: vouched.endOffset,
      damage: null,
    };
    expect(attached).toBeNull();
    const header = { kind: 'header', offset: 0, bytes: fileHeaderBytes, soundBlocks: 2 };
    expect(lines[1]).toEqual({ ...header, fields });
    const writer = new Uint8Array(16).fill(0xab);
    changeHead(lab.disk, { attached: writer, damage: { from: 2, to: null, writer } });
    expect((await dumped(history))[1]).toEqual({
      ...header,
      fields: {
        ...fields,
        attached: 'ab'.repeat(16),
        damage: { from: 2, to: null, writer: 'ab'.repeat(16) },
      },
    });
  });

  it('dumpFile shows all that the header of a segment says', async () => {
    const path = await killed();
    const header = decodeSegmentHeader(lab.disk.readFile(path));
    if ('kind' in header) throw new Error('The header is bad');
    const lines = await dumped(path);
    expect(lines[0]).toMatchObject({ kind: 'file', file: 'segment', path, bytes: 16_384 });
    expect(lines[1]).toEqual({
      kind: 'header',
      offset: 0,
      bytes: fileHeaderBytes,
      soundBlocks: 2,
      fields: {
        number: 1,
        bytes: 16_384,
        createdMs: header.createdMs,
        writer: path.split('/').at(-2),
        store: toHex(header.store),
        salt: header.salt.toString(16),
      },
    });
  });

  it('dumpFile shows each frame with its place, its stream and its sequences', async () => {
    const lines = ofKind(await dumped(history), 'frame');
    const frames = framesOf(lab.disk);
    expect(lines).toHaveLength(frames.length);
    for (const [at, { payload, offset, type, streamSeq, journalSeq, timeMs }] of frames.entries()) {
      expect(lines[at]).toMatchObject({ offset, type, streamSeq, journalSeq, timeMs });
      expect(lines[at]).toMatchObject({ payloadBytes: payload.length });
      expect(lines[at]?.bytes).toBe(frameBytes(payload.length));
    }
    const stream = toHex(headOf(lab.disk).incarnation);
    const [first] = lines.filter(({ name }) => name === 'message');
    expect(first).toMatchObject({ stream, type: eventFrameType.message, streamSeq: 1 });
    expect(first?.detail).toMatchObject({ event: { kind: 'message' } });
  });

  it.each([
    ['segment', '2.0, flags 0'],
    ['history', '2.0'],
  ])('dumpFile leaves a %s of a newer format alone, and says so', async (kind, format) => {
    const path = kind === 'segment' ? await killed() : history;
    lab.makeNewer(path);
    const bytes = sizeOf(path) - fileHeaderBytes;
    const reason = 'it has a newer format';
    expect((await dumped(path)).slice(1)).toEqual([
      { kind: 'header', offset: 0, bytes: fileHeaderBytes, soundBlocks: 0, fields: { format } },
      { kind: 'damage', offset: fileHeaderBytes, bytes, reason, frame: null },
    ]);
  });

  it.each(['segment', 'history'])('dumpFile cannot read a %s without its header', async (kind) => {
    const path = kind === 'segment' ? await killed() : history;
    lab.zero(path, 0, fileHeaderBytes);
    const bytes = sizeOf(path) - fileHeaderBytes;
    const reason = 'without a header there is no salt';
    expect(await dumped(path)).toEqual([
      { kind: 'file', file: kind, path, bytes: bytes + fileHeaderBytes },
      { kind: 'header', offset: 0, bytes: fileHeaderBytes, soundBlocks: 0, fields: null },
      { kind: 'damage', offset: fileHeaderBytes, bytes, reason, frame: null },
    ]);
    lab.cut(path, 100);
    expect((await dumped(path)).slice(1)).toEqual([
      { kind: 'header', offset: 0, bytes: 100, soundBlocks: 0, fields: null },
      { kind: 'damage', offset: 100, bytes: 0, reason, frame: null },
    ]);
  });

  it('dumpFile knows a file by its magic bytes, in either block, whatever its name', async () => {
    const copies = [
      ['segment', await killed()],
      ['history', history],
    ] as const;
    for (const [kind, path] of copies) {
      const copy = `${labRoot}/copy`;
      lab.disk.writeFile(copy, lab.disk.readFile(path));
      expect((await dumped(copy))[0]).toMatchObject({ kind: 'file', file: kind });
      lab.zero(copy, 0, 100);
      expect((await dumped(copy))[0]).toMatchObject({ kind: 'file', file: kind });
      lab.zero(copy, 4096, 4196);
      expect((await dumped(copy))[0]).toMatchObject({ kind: 'file', file: 'unknown' });
    }
    lab.disk.writeFile(`${labRoot}/copy`, lab.disk.readFile(`${labRoot}/writers`));
    expect((await dumped(`${labRoot}/copy`))[0]).toMatchObject({ file: 'writers' });
  });

  it('dumpFile shows the ids in a writers file, and nothing of one that does not hold', async () => {
    const path = await killed();
    const writers = `${labRoot}/writers`;
    const header = { kind: 'header', offset: 0, bytes: 40, soundBlocks: null };
    expect(await dumped(writers)).toEqual([
      { kind: 'file', file: 'writers', path: writers, bytes: 40 },
      { ...header, fields: { writers: [path.split('/').at(-2)] } },
    ]);
    lab.zero(writers, 0, 8);
    expect(await dumped(writers)).toMatchObject([{ file: 'writers' }, { ...header, fields: null }]);
  });

  it('dumpFile shows store.json as it is, and that another file is none of a store', async () => {
    const path = `${labRoot}/store.json`;
    const bytes = lab.disk.readFile(path);
    const fields: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const header = { kind: 'header', offset: 0, soundBlocks: null };
    expect((await dumped(path)).slice(1)).toEqual([{ ...header, bytes: bytes.length, fields }]);
    lab.disk.writeFile(`${labRoot}/notes`, new Uint8Array(10).fill(65));
    expect(await dumped(`${labRoot}/notes`)).toEqual([
      { kind: 'file', file: 'unknown', path: `${labRoot}/notes`, bytes: 10 },
      { kind: 'damage', offset: 0, bytes: 10, reason: 'it is no file of a store', frame: null },
    ]);
  });
});

describe('the lines of damage', () => {
  it('name the frame whose header holds, and give their reason', async () => {
    const [frame] = framesOf(lab.disk).filter(({ type }) => type === eventFrameType.message);
    const offset = frame?.offset ?? 0;
    const bytes = frameBytes(frame?.payload.length ?? 0);
    const before = lab.disk.readFile(history);
    lab.flip(history, offset + 70);
    expect(ofKind(await dumped(history), 'damage')).toMatchObject([
      {
        offset,
        bytes,
        reason: 'the header holds, its payload does not',
        frame: { kind: 'frame', offset, bytes, name: 'message', streamSeq: 1, detail: null },
      },
    ]);
    lab.flip(history, offset + 9);
    const header = 'no header of this file holds here';
    expect(ofKind(await dumped(history), 'damage')).toEqual([
      { kind: 'damage', offset, bytes, reason: header, frame: null },
    ]);
    lab.disk.writeFile(history, before.subarray(0, offset + 80));
    expect(ofKind(await dumped(history), 'damage')).toMatchObject([
      {
        offset,
        bytes: 80,
        reason: 'the header holds, its payload reaches past the end of the file',
        frame: { streamSeq: 1 },
      },
    ]);
    lab.disk.writeFile(history, before.subarray(0, offset + 40));
    const end = 'fewer bytes than a header';
    const short = ofKind(await dumped(history), 'damage');
    expect(short).toMatchObject([{ offset, reason: end, frame: null }]);
  });

  it('end where the zeros begin that end the file', async () => {
    const end = sizeOf(history);
    lab.change(history, (bytes) => {
      const longer = new Uint8Array(end + 3 * 1024 * 1024);
      longer.set(bytes, 0);
      longer.fill(0xee, end + 16, end + 24);
      return longer;
    });
    const lines = await dumped(history);
    const reason = 'no header of this file holds here';
    expect(lines.slice(-3)).toEqual([
      { kind: 'vouched-end', offset: end, seq: 3 },
      { kind: 'damage', offset: end, bytes: 24, reason, frame: null },
      { kind: 'free', offset: end + 24, bytes: 3 * 1024 * 1024 - 24 },
    ]);
  });

  it('of a history stand on either side of what its head vouches for', async () => {
    const { vouched } = headOf(lab.disk);
    const path = historyOf('s');
    const file = await HistoryFile.open(lab.machine.parts('hand'), path, headOf(lab.disk), 'write');
    const { incarnation: key } = file.head;
    const fields = { type: eventFrameType.message, key, streamSeq: 4, timeMs: 0 };
    await file.append([looseFrame(fields, Uint8Array.of(0xc1))], new Uint8Array(16));
    await file.close();
    changeHead(lab.disk, { vouched });
    const lines = await dumped(path);
    const at = lines.findIndex(({ kind }) => kind === 'vouched-end');
    expect(lines[at]).toEqual({ kind: 'vouched-end', offset: vouched.endOffset, seq: 3 });
    expect(lines[at + 1]).toMatchObject({ offset: vouched.endOffset, streamSeq: 4 });
    expect(ofKind(lines, 'vouched-end')).toHaveLength(1);
    expect(ofKind(lines.slice(0, at), 'frame')).toHaveLength(framesOf(lab.disk).length);
  });

  it('of a segment tell of no vouched end, and a file without content is free', async () => {
    const path = await killed();
    expect(ofKind(await dumped(path), 'vouched-end')).toEqual([]);
    lab.zero(path, fileHeaderBytes);
    expect((await dumped(path)).slice(2)).toEqual([
      { kind: 'free', offset: fileHeaderBytes, bytes: 16_384 - fileHeaderBytes },
    ]);
    lab.cut(path, fileHeaderBytes);
    expect((await dumped(path)).slice(2)).toEqual([]);
  });
});
