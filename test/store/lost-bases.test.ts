/** Bases and restore points that rot, lie or are gone: nothing but time is lost. */
import { describe, expect, it } from 'vitest';
import { baseSpanEntries } from '../../src/base/quantities.ts';
import { frameBytes } from '../../src/format/frame.ts';
import { decodeBase, encodeBase } from '../../src/history/base-frame.ts';
import { HistoryFile } from '../../src/history/history-file.ts';
import { looseFrame } from '../../src/recovery/replay.ts';
import { decodeFold, encodeFold } from '../../src/session/fold-value.ts';
import { eventFrameType, streamFrameType } from '../../src/session/frame-types.ts';
import {
  basesOf,
  bothReadings,
  changeHead,
  framesOf,
  headOf,
  historyOf,
  known,
} from '../helpers/base-lab.ts';
import { RecoveryLab } from '../helpers/recovery-lab.ts';
import { collect, SimMachine } from '../helpers/sim-store.ts';
import { say } from '../helpers/said.ts';
import { texts, open, made, contents, expectAgreement, warningsOf } from './base-sessions.ts';

describe('a base that is lost', () => {
  it('costs nothing but time, whichever of its bytes changes', async () => {
    const machine = await made(texts(40), texts(5));
    const { disk } = machine;
    const [base] = basesOf(disk);
    if (base === undefined) throw new Error('There is no base');
    const path = historyOf('s');
    const clean = disk.readFile(path);
    const expected = known((await bothReadings(disk.fileSystem('look'), disk)).whole);
    const end = base.offset + frameBytes(base.payload.length);
    for (let at = base.offset; at < end; at += 1) {
      const bytes = clean.slice();
      bytes[at] = (bytes[at] ?? 0) ^ 0x10;
      disk.writeFile(path, bytes);
      const { opened } = await bothReadings(disk.fileSystem('look'), disk);
      const { walk, badBases } = opened;
      expect({ at, damage: walk.damage, lost: walk.lost }).toEqual({ at, damage: null, lost: [] });
      expect([...walk.damagedDerived, ...badBases], `byte ${at}`).toContain(base.offset);
      expect(known(opened), `byte ${at}`).toEqual(expected);
    }
    // The last of them, through the store: a warning, and everything is there.
    expect(await warningsOf(machine)).toEqual([base.offset]);
    expect(await contents(machine, 'reads')).toHaveLength(45);
  });

  it('is passed over when the head names a place where none is', async () => {
    const machine = await made(texts(40), texts(40), texts(5));
    const { disk } = machine;
    const [older, newest] = basesOf(disk).map(({ offset }) => offset);
    const entry = framesOf(disk)[3]?.offset ?? 0;
    const { endOffset } = headOf(disk).vouched;
    expect(newest).toBe(headOf(disk).baseOffset);
    const expected = known((await bothReadings(disk.fileSystem('look'), disk)).whole);
    for (const baseOffset of [1, 8, 8192, entry, entry + 8, endOffset - 8, endOffset, 2 ** 50]) {
      changeHead(disk, { baseOffset });
      const { opened } = await bothReadings(disk.fileSystem('look'), disk);
      expect(opened.walk.damage).toBeNull();
      expect(opened.badBases).toEqual([baseOffset]);
      expect(known(opened)).toEqual(expected);
    }
    expect(await warningsOf(machine)).toEqual([2 ** 50]);
    changeHead(disk, { baseOffset: older ?? 0 });
    await expectAgreement(machine, 'an older base serves');
  });

  it('is made again by the next writer', async () => {
    const machine = await made(texts(40));
    changeHead(machine.disk, { baseOffset: 0 });
    const { store, session } = await open(machine, 'again');
    await machine.run(session.append(say('one more')));
    await machine.run(store.close());
    const { baseOffset } = headOf(machine.disk);
    expect(basesOf(machine.disk).at(-1)?.offset).toBe(baseOffset);
    await expectAgreement(machine, 'made again');
  });

  it('is made again without an append when the past is long, and not when it is short', async () => {
    const machine = await made(texts(40), []);
    const { number } = headOf(machine.disk);
    await contents(machine, 'reads');
    expect(headOf(machine.disk).number).toBe(number);
    const long = await made(texts(baseSpanEntries + 1));
    changeHead(long.disk, { baseOffset: 0 });
    expect(await contents(long, 'reads')).toHaveLength(baseSpanEntries + 1);
    expect(headOf(long.disk).baseOffset).toBeGreaterThan(0);
    await expectAgreement(long, 'made up for');
  });

  it('is not copied into a history that is written anew', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('writer', ['s']);
    for (let count = 0; count < 40; count += 1) await writer.append('s');
    await writer.close();
    const [base] = basesOf(lab.disk);
    const entry = framesOf(lab.disk)[4];
    if (base === undefined || entry === undefined) throw new Error('There is no base');
    await lab.salvage('/salvaged');
    const copied = lab.disk.readFile('/salvaged/sessions/s/history');
    lab.flip(historyOf('s'), entry.offset + 70);
    await lab.acceptLoss('s');
    expect(basesOf(lab.disk)).toEqual([]);
    expect(headOf(lab.disk).baseOffset).toBe(0);
    await expectAgreement(lab.machine, 'after the loss');
    lab.disk.writeFile(historyOf('s'), copied);
    expect(basesOf(lab.disk)).toEqual([]);
    await expectAgreement(lab.machine, 'salvaged');
  });
});

describe('rot in front of a base', () => {
  it('is not seen by opening, and is told when it is read, and by verify', async () => {
    const machine = await made(texts(40));
    const entry = framesOf(machine.disk)[10];
    const bytes = machine.disk.readFile(historyOf('s'));
    const at = (entry?.offset ?? 0) + 70;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    machine.disk.writeFile(historyOf('s'), bytes);
    const { store, session } = await open(machine, 'reads');
    expect(session.state.messages).toBe(40);
    await expect(machine.run(collect(session.messages()))).rejects.toMatchObject({
      code: 'DAMAGED',
    });
    await machine.run(session.append(say('goes on')));
    await machine.run(store.close());
    const { verdict, sessions } = await machine.recover({ mode: 'verify' });
    expect(verdict).toBe('damaged');
    expect(sessions[0]?.lost).toEqual([{ from: 11, to: 11 }]);
  });
});

describe('a base that lies', () => {
  it.each(['state', 'index', 'chain'] as const)(
    'is found by verify, which tells where it stands: %s',
    async (lie) => {
      const machine = await made(texts(40));
      const { disk } = machine;
      const head = headOf(disk);
      const parts = { fileSystem: disk.fileSystem('liar'), clock: disk.clock };
      const [base = null] = basesOf(disk).map(decodeBase);
      const fold = base === null ? null : decodeFold(base.fold);
      if (base === null || fold === null) throw new Error('There is no base');
      const history = await HistoryFile.open(parts, historyOf('s'), head, 'write');
      const lying = { ...fold, messages: fold.messages + (lie === 'state' ? 1 : 0) };
      const first = base.blocks.seqs[0] ?? 0;
      const blocks = { ...base.blocks, seqs: [first + (lie === 'index' ? 1 : 0)] };
      await history.append([], new Uint8Array(16), {}, ({ offset, ...at }) => {
        const place = { number: 2, seq: at.seq, offset };
        const chain = at.chain ^ (lie === 'chain' ? 1n : 0n);
        const wrong = { ...base, ...at, chain, place, blocks, fold: encodeFold(lying) };
        const key = head.incarnation;
        const fields = { type: streamFrameType.base, key, streamSeq: at.seq, timeMs: 1 };
        return looseFrame(fields, encodeBase(wrong));
      });
      await history.close();
      expect(await warningsOf(machine)).toEqual([headOf(disk).baseOffset]);
      if (lie !== 'chain') return;
      // This one is found by whoever opens the session, and costs nothing.
      const { opened, whole } = await bothReadings(disk.fileSystem('look'), disk);
      expect(opened.walk.damage).toBeNull();
      expect(known(opened)).toEqual(known(whole));
    },
  );
});

describe('a restore point whose bytes have rotted', () => {
  it.each(['payload', 'header'])('costs only itself when its %s is bad', async (part) => {
    const machine = await SimMachine.start();
    const { store, session } = await open(machine, 'writer');
    await machine.run(session.append(say('one')));
    const older = await machine.run(session.snapshots.take({ action: 'older' }));
    await machine.run(session.append(say('two')));
    const { id } = await machine.run(session.snapshots.take({ action: 'taken' }));
    await machine.run(session.snapshots.label(older.id, 'kept'));
    await machine.run(session.append(say('three')));
    await machine.run(store.close());
    const path = historyOf('s');
    const types = [eventFrameType.snapshot, eventFrameType.label] as const;
    const bad = framesOf(machine.disk).filter(
      ({ type, streamSeq }) => types.some((one) => one === type) && streamSeq !== older.id,
    );
    expect(bad).toHaveLength(2);
    for (const { offset } of bad) {
      const bytes = machine.disk.readFile(path);
      const at = offset + (part === 'payload' ? 70 : 9);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      machine.disk.writeFile(path, bytes);
    }
    expect(await warningsOf(machine)).toEqual(bad.map(({ offset }) => offset));
    const next = await open(machine, 'next');
    expect(next.session.state).toMatchObject({ messages: 3, entries: 6, lastSeq: 6 });
    const entries = await machine.run(collect(next.session.entries()));
    expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 3, 6]);
    const back = await machine.run(collect(next.session.messages({ reverse: true })));
    expect(back.map(({ seq }) => seq)).toEqual([6, 3, 1]);
    expect(next.session.snapshots.list().map((one) => one.id)).toEqual([older.id]);
    await expect(machine.run(next.session.snapshots.load(id))).rejects.toThrow();
    await machine.run(next.session.append(say('four')));
    await machine.run(next.store.close());
    expect(await contents(machine, 'again')).toEqual(['one', 'two', 'three', 'four']);
  });

  it('is a loss in a history that is written anew, and the rest is there', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('writer', ['s']);
    await writer.append('s');
    await lab.machine.run(writer.session('s').snapshots.take({ action: 'taken' }));
    await writer.append('s');
    await writer.close();
    const bad = framesOf(lab.disk).find(({ type }) => type === eventFrameType.snapshot);
    lab.flip(historyOf('s'), (bad?.offset ?? 0) + 70);
    const { sessions } = await lab.salvage('/salvaged');
    const lost = [{ from: 2, to: 2 }];
    expect(sessions).toMatchObject([{ id: 's', entries: 2, messages: 2, lost }]);
    lab.disk.writeFile(historyOf('s'), lab.disk.readFile('/salvaged/sessions/s/history'));
    expect(await contents(lab.machine, 'reads')).toHaveLength(2);
  });
});
