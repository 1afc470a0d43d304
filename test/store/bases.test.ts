/**
 * Bases: a session that is opened from one is the session that its whole past tells; and whatever
 * happens to them, nothing but time is lost.
 */
import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import { baseCloseEntries, baseSpanEntries } from '../../src/base/quantities.ts';
import { frameBytes } from '../../src/format/frame.ts';
import { decodeBase, encodeBase } from '../../src/history/base-frame.ts';
import { HistoryFile } from '../../src/history/history-file.ts';
import { Prng } from '../../src/platform/sim/prng.ts';
import { looseFrame } from '../../src/recovery/replay.ts';
import type { Message } from '../../src/session/message.ts';
import { decodeFold, encodeFold } from '../../src/session/fold-value.ts';
import { eventFrameType, streamFrameType } from '../../src/session/frame-types.ts';
import type { Session } from '../../src/store/api.ts';
import type { SessionWriter } from '../../src/store/session-writer.ts';
import type { Store } from '../../src/store/store.ts';
import { basesOf, bothReadings, changeHead, framesOf } from '../helpers/base-lab.ts';
import { headOf, historyOf, known } from '../helpers/base-lab.ts';
import { RecoveryLab } from '../helpers/recovery-lab.ts';
import { collect, SimMachine } from '../helpers/sim-store.ts';

const say = (text: string): Message => ({ role: 'user', content: text });
const texts = (count: number, bytes = 20): Message[] =>
  Array.from({ length: count }, (_, index) => say(`${index} `.padEnd(bytes, 'text ')));

/** A store with one session `s`, as a process of this name has it. */
async function open(
  machine: SimMachine,
  name: string,
): Promise<{ readonly store: Store; readonly session: Session }> {
  const store = await machine.open({}, name);
  const session = await machine.run(store.openSession('s', { create: true }));
  return { store, session };
}

/** A machine whose session `s` holds these messages, closed, in as many openings as there are lists. */
async function made(...lists: readonly (readonly Message[])[]): Promise<SimMachine> {
  const machine = await SimMachine.start();
  for (const [index, messages] of lists.entries()) {
    const { store, session } = await open(machine, `maker ${index}`);
    if (messages.length > 0) await machine.run(session.appendAll(messages));
    await machine.run(store.close());
  }
  return machine;
}

async function contents(machine: SimMachine, name: string): Promise<unknown[]> {
  const { store, session } = await open(machine, name);
  const found = await machine.run(collect(session.messages()));
  await machine.run(store.close());
  return found.map(({ message }) => message.content);
}

/** Opens `s` from its base and from its beginning and finds the same. */
async function expectAgreement(machine: SimMachine, told: string): Promise<void> {
  const { opened, whole } = await bothReadings(machine.disk.fileSystem('look'), machine.disk);
  expect(known(opened), told).toEqual(known(whole));
  expect(whole.badBases, told).toEqual([]);
  expect(whole.walk.damagedDerived, told).toEqual([]);
}

/** Warnings of a complete check, by their offset; it must find no error. */
async function warningsOf(machine: SimMachine): Promise<(number | null)[]> {
  const { findings, verdict } = await machine.recover({ mode: 'verify' });
  expect(verdict).toBe('clean');
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  return findings.filter(({ severity }) => severity === 'warning').map(({ offset }) => offset);
}

/** A call that nobody announced has no outcome. */
function unlessInvalid(error: unknown): void {
  if (!HoldfastError.is(error, 'INVALID')) throw error;
}

async function act(prng: Prng, session: Session): Promise<unknown> {
  const snapshots = session.snapshots.list();
  switch (prng.below(12)) {
    case 0:
      return session.snapshots.take({ action: 'a', label: prng.pick(['other', 'kept']) });
    case 1:
      return session.record({
        kind: 'metadata',
        metadata: { [`f${prng.below(9)}`]: prng.below(9) },
      });
    case 2:
      return session.intend({ id: `c${prng.below(5)}`, name: 'bash' });
    case 3:
      return session.complete(`c${prng.below(5)}`, { status: 'ok' }).catch(unlessInvalid);
    case 4:
      return session.record({ kind: 'compaction', compaction: { summary: 'so far' } });
    case 5:
      return session.rewind({ to: { messages: prng.below(session.state.messages + 1) } });
    case 6: {
      const one = snapshots[prng.below(snapshots.length + 1)];
      return one === undefined ? undefined : session.snapshots.label(one.id, 'later');
    }
    case 7:
      return session.append(say('batched'), { durability: 'batched' });
    case 8: {
      const seen = prng.below(1_000_000);
      return session.append(say(`keyed ${seen}`), { idempotencyKey: `key ${seen}` });
    }
    default:
      return session.appendAll(texts(1 + prng.below(20), prng.pick([20, 200, 3000])));
  }
}

/** A life of openings, closings, kills and power cuts. */
async function life(seed: number): Promise<void> {
  const prng = Prng.fromSeed(seed);
  let machine = await SimMachine.start(seed);
  for (let round = 0; round < 6; round += 1) {
    const { store, session } = await open(machine, `round ${round}`);
    for (let count = prng.below(30); count > 0; count -= 1) {
      await machine.run(act(prng, session));
    }
    const { durableUpTo: _before, ...state } = session.state;
    const end = prng.pick(['close', 'close', 'kill', 'crash'] as const);
    if (end === 'close') {
      await machine.run(store.close());
      await expectAgreement(machine, `seed ${seed}`);
      const reader = await machine.open({ mode: 'read' }, `reader ${round}`);
      const { durableUpTo: _after, ...found } = (await machine.run(reader.openSession('s'))).state;
      expect(found, `seed ${seed}`).toEqual(state);
      await machine.run(reader.close());
    } else if (end === 'kill') {
      machine.kill(`round ${round}`);
    } else {
      machine = machine.crash(prng.uint32());
    }
  }
  const { store } = await open(machine, 'last');
  await machine.run(store.close());
  await expectAgreement(machine, `seed ${seed}`);
  expect(await warningsOf(machine)).toEqual([]);
}

describe('opening a session from its base', () => {
  it('gives what reading all of it gives, through any life of openings, kills and cuts', async () => {
    for (let seed = 1; seed <= 15; seed += 1) {
      await life(seed).catch((error: unknown) => {
        const told = `seed ${seed} (npx vitest run test/store/bases.test.ts)`;
        throw new Error(told, { cause: error });
      });
    }
  });

  it('shows what recovery noted in front of the base, up to 16 of its notices', async () => {
    const machine = await SimMachine.start();
    for (let round = 0; round < 20; round += 1) {
      const { session } = await open(machine, `killed ${round}`);
      await machine.run(session.append(say(`round ${round}`)));
      machine.kill(`killed ${round}`);
    }
    const { store, session } = await open(machine, 'compacts');
    await machine.run(session.record({ kind: 'compaction', compaction: { summary: 'all' } }));
    expect(session.recoveries).toHaveLength(16);
    await machine.run(store.close());
    expect(basesOf(machine.disk)).toHaveLength(1);
    const next = await open(machine, 'next');
    expect(next.session.recoveries).toEqual(session.recoveries);
    await machine.run(next.store.close());
    await expectAgreement(machine, 'notices');
  });

  it('makes a base of a compaction, and erases nothing', async () => {
    const machine = await made(texts(3));
    const { store, session } = await open(machine, 'compacts');
    const compaction = { summary: 'three texts', lastMessageId: 'm3', tokenCount: 12 };
    const { seq } = await machine.run(session.record({ kind: 'compaction', compaction }));
    await machine.run(session.append(say('and on')));
    await machine.run(store.close());
    const [base, ...others] = basesOf(machine.disk);
    expect(others).toEqual([]);
    expect(base?.streamSeq).toBe(seq);
    expect(headOf(machine.disk).baseOffset).toBe(base?.offset);
    const next = await open(machine, 'next');
    expect(next.session.state.compaction).toEqual({ ...compaction, seq });
    await machine.run(next.store.close());
    expect(await contents(machine, 'reads')).toHaveLength(4);
  });

  it('makes the base of a compaction that is settled before anybody looked at it', async () => {
    const machine = await SimMachine.start();
    const { store, session } = await open(machine, 'writer');
    const { seq } = await machine.run(
      session.record({ kind: 'compaction', compaction: { summary: 'nothing yet' } }),
    );
    await machine.run((session as SessionWriter).settle());
    expect(basesOf(machine.disk).map(({ streamSeq }) => streamSeq)).toEqual([seq]);
    await machine.run(session.append(say('and on')));
    await machine.run((session as SessionWriter).settle());
    expect(headOf(machine.disk).vouched.seq).toBe(seq + 1);
    await machine.run(store.close());
  });

  it('makes no base of a session that is as cheap to read', async () => {
    const machine = await made(texts(baseCloseEntries - 2), [], []);
    expect(basesOf(machine.disk)).toEqual([]);
    expect(headOf(machine.disk).baseOffset).toBe(0);
  });
});

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

describe('settling with a base', () => {
  it('loses nothing when the power fails at any of its steps', async () => {
    for (let changes = 1; ; changes += 1) {
      const machine = await SimMachine.start();
      const { store, session } = await open(machine, 'writer');
      // The first settling of a handle syncs more than later ones have to.
      await machine.run(session.append(say('settled')));
      await machine.run((session as SessionWriter).settle());
      await machine.run(session.appendAll(texts(39)));
      machine.disk.crashAfter(changes);
      const isOver = await machine.run(store.close()).then(
        () => true,
        () => false,
      );
      for (let seed = 0; seed < 6; seed += 1) {
        const told = `changes ${changes}, seed ${seed}`;
        const after = machine.crash(seed);
        expect(await contents(after, 'after'), told).toHaveLength(40);
        await expectAgreement(after, told);
      }
      if (isOver) break;
    }
  });

  it('goes on without the base when there is room for the entries only', async () => {
    const machine = await SimMachine.start();
    const { store, session } = await open(machine, 'writer');
    await machine.run(session.appendAll(texts(40)));
    let writes = 0;
    machine.disk.beforeOperation = ({ kind, path }) => {
      if (kind !== 'write' || path !== historyOf('s')) return undefined;
      writes += 1;
      return writes === 2 ? { errno: 'ENOSPC' } : undefined;
    };
    await machine.run(session.close());
    machine.disk.beforeOperation = null;
    await machine.run(store.close());
    expect(basesOf(machine.disk)).toEqual([]);
    expect(headOf(machine.disk)).toMatchObject({ baseOffset: 0, vouched: { seq: 40 } });
    expect(await contents(machine, 'reads')).toHaveLength(40);
  });
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
