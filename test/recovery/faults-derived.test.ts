/**
 * Faults of what is derived or held twice, by the names of the fault list: a journal whose entries
 * the history has already, bases and restore points that rot, and retiring that power loss undoes in
 * part. Where the list says "snapshot" of a log, a base is meant; where it says "checkpoint",
 * settling.
 */
import { describe, expect, it } from 'vitest';
import { fileHeaderBytes } from '../../src/base/quantities.ts';
import { encodeFrame, frameBytes } from '../../src/format/frame.ts';
import type { Frame } from '../../src/format/frame.ts';
import { decodeHead } from '../../src/format/head.ts';
import { decodeBase, encodeBase, readBase } from '../../src/history/base-frame.ts';
import { HistoryFile } from '../../src/history/history-file.ts';
import { looseFrame } from '../../src/recovery/replay.ts';
import { eventFrameType, streamFrameType } from '../../src/session/frame-types.ts';
import type { Message } from '../../src/session/message.ts';
import { basesOf, changeHead, framesOf, headOf, historyOf } from '../helpers/base-lab.ts';
import { afterReordering, atEveryChange, expectWhole } from '../helpers/every-change.ts';
import { labRoot, lostOf, RecoveryLab } from '../helpers/recovery-lab.ts';
import type { LabWriter } from '../helpers/recovery-lab.ts';
import { collect } from '../helpers/sim-store.ts';

const say = (text: string): Message => ({ role: 'user', content: text });

/** Opens the session as a writer of this name, lets it do something, and closes. */
async function life(
  lab: RecoveryLab,
  name: string,
  act: (writer: LabWriter) => Promise<unknown>,
): Promise<void> {
  const writer = await lab.writer(name, ['s']);
  await act(writer);
  await writer.close();
}

/** A closed session with three bases, and two restore points in front of the newest. */
async function withBases(): Promise<{ readonly lab: RecoveryLab; readonly ids: number[] }> {
  const lab = await RecoveryLab.start();
  const ids: number[] = [];
  for (const name of ['first', 'second', 'third']) {
    await life(lab, name, async (writer) => {
      const texts = Array.from({ length: 40 }, (_, at) => say(`${name} ${at}`));
      await writer.appendAll('s', texts);
      if (name === 'third') return;
      const taken = lab.machine.run(writer.session('s').snapshots.take({ action: name }));
      ids.push((await taken).id);
    });
  }
  expect(basesOf(lab.disk)).toHaveLength(3);
  return { lab, ids };
}

/** A fourth base behind all others, which says what it should but for these members. */
async function appendBase(
  lab: RecoveryLab,
  lie: { readonly seq?: number; readonly chain?: bigint; readonly batchChecksum?: bigint },
  key: Uint8Array = headOf(lab.disk).incarnation,
): Promise<void> {
  const base = basesOf(lab.disk).map(decodeBase).at(-1) ?? null;
  if (base === null) throw new Error('There is no base');
  const parts = { fileSystem: lab.disk.fileSystem('hand'), clock: lab.disk.clock };
  const history = await HistoryFile.open(parts, historyOf('s'), headOf(lab.disk), 'write');
  await history.append([], new Uint8Array(16), {}, ({ offset, seq: end, ...at }) => {
    const seq = end + (lie.seq ?? 0);
    const chain = at.chain ^ (lie.chain ?? 0n);
    const batchChecksum = at.batchChecksum ^ (lie.batchChecksum ?? 0n);
    const place = { number: base.place.number + 1, seq, offset };
    const [earlier, blocks] = [[base.place], { seqs: [], offsets: [] }];
    const payload = encodeBase({ ...base, place, chain, batchChecksum, earlier, blocks });
    return looseFrame({ type: streamFrameType.base, key, streamSeq: seq, timeMs: 1 }, payload);
  });
  await history.close();
}

function rot(lab: RecoveryLab, frame: Frame | undefined, part: 'header' | 'payload'): void {
  lab.flip(historyOf('s'), (frame?.offset ?? 0) + (part === 'header' ? 9 : 70));
}

/** What verify warns of in the history of `s`; anything graver fails. */
async function warningsOf(lab: RecoveryLab): Promise<readonly (number | null)[]> {
  const report = await lab.machine.recover({ mode: 'verify' });
  expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  const warnings = report.findings.filter(({ severity }) => severity === 'warning');
  return warnings.map(({ offset }) => offset);
}

describe('a sealed segment that rots', () => {
  it('F15 costs nothing that the history has, and refuses exactly the sessions it was all of', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s', 'o']);
    lab.holdHistory('o');
    for (let round = 0; round < 12; round += 1) {
      await writer.append('o', 200);
      await writer.append('s', 900);
    }
    await writer.settle('s');
    writer.kill();
    lab.release();
    const dead = lab.rebooted();
    const sealed = dead.segment(1);
    const settled = headOf(dead.disk).vouched.seq;
    expect(settled).toBe(12);
    expect(dead.segments().length).toBeGreaterThan(1);
    const { incarnation } = headOf(dead.disk);
    let covered = 0;
    for (const entry of dead.entries(sealed)) {
      const one = dead.rebooted();
      const key = one.disk.readFile(sealed).subarray(entry.offset + 8, entry.offset + 24);
      const isOfS = key.every((byte, at) => byte === incarnation[at]);
      one.flip(sealed, entry.offset + 66);
      const report = await one.recover();
      expect(report.writers).toMatchObject([{ verdict: 'damaged' }]);
      const errors = report.findings.filter(({ severity }) => severity === 'error');
      expect(errors.map(({ file }) => file)).toContain(sealed.slice(labRoot.length + 1));
      const readings = await one.read();
      expect(readings.get('s')?.messages).toEqual(lab.sent.get('s'));
      if (isOfS) {
        covered += 1;
        expect(readings.get('o')?.messages).toEqual(lab.sent.get('o'));
      } else {
        const { streamSeq } = entry;
        expect(lostOf(readings.get('o'), 'o')).toEqual([{ from: streamSeq, to: streamSeq }]);
      }
    }
    expect(covered).toBeGreaterThan(3);
    // All of it: what only it held is named as a whole, what the history has is whole.
    const { sent } = lab;
    const bare = dead.rebooted();
    const last = bare.entries(sealed).filter(({ streamSeq }) => streamSeq > 0).length;
    bare.zero(sealed, 0);
    const readings = await bare.read();
    expect(readings.get('s')?.messages).toEqual(sent.get('s'));
    expect(lostOf(readings.get('o'), 'o')?.[0]?.from).toBe(1);
    expect(last).toBeGreaterThan(covered);
  });
});

describe('a base that rots', () => {
  it.each(['header', 'payload'] as const)(
    'F20 the newest, all of them, or restore points (%s): warnings, an older one serves, nothing goes',
    async (part) => {
      const { lab, ids } = await withBases();
      const bases = basesOf(lab.disk);
      const snapshots = framesOf(lab.disk).filter(({ type }) => type === eventFrameType.snapshot);
      expect(snapshots).toHaveLength(2);
      const [older = 0, newer = 0] = ids;
      const cases = [
        { rotten: bases.slice(-1), loads: [older, newer], listed: [older, newer] },
        { rotten: bases, loads: [older, newer], listed: [older, newer] },
        // Its base still lists it: that it cannot be loaded is told when somebody wants to.
        { rotten: snapshots.slice(-1), loads: [older], listed: [older, newer] },
        { rotten: [...bases, ...snapshots.slice(-1)], loads: [older], listed: [older] },
        { rotten: [...bases, ...snapshots], loads: [], listed: [] },
      ];
      for (const { rotten, loads, listed } of cases) {
        const one = lab.rebooted();
        for (const frame of rotten) rot(one, frame, part);
        const before = one.disk.readFile(historyOf('s'));
        const { endOffset } = headOf(one.disk).vouched;
        const offsets = rotten.map(({ offset }) => offset).sort((a, b) => a - b);
        expect(await warningsOf(one)).toEqual(offsets);
        const writer = await one.writer('next', ['s']);
        const session = writer.session('s');
        const found = await one.machine.run(collect(session.messages()));
        expect(found.map(({ message }) => message)).toEqual(lab.sent.get('s'));
        expect(session.snapshots.list().map(({ id }) => id)).toEqual(listed);
        for (const id of ids) {
          const loading = one.machine.run(session.snapshots.load(id));
          if (!loads.includes(id)) await expect(loading).rejects.toThrow();
          else await one.machine.run((await loading).verify());
        }
        await writer.append('s');
        await writer.close();
        // Nothing was deleted, and nothing that stood there was touched.
        const after = one.disk.readFile(historyOf('s')).subarray(fileHeaderBytes, endOffset);
        expect(Buffer.compare(after, before.subarray(fileHeaderBytes, endOffset))).toBe(0);
        expect((await one.messages('s')).length).toBe((lab.sent.get('s')?.length ?? 0) + 1);
      }
    },
  );
});

describe('settling that is undone in part', () => {
  /** A writer that settled and retired three segments, and then died; and those segments. */
  async function retired(): Promise<{
    readonly lab: RecoveryLab;
    readonly gone: ReadonlyMap<string, Uint8Array>;
  }> {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s', 'o']);
    await writer.append('o');
    lab.holdHistory('s');
    await writer.fill('s', 4);
    const all = new Map(lab.segments().map((path) => [path, lab.disk.readFile(path)]));
    lab.release();
    await writer.settle('s');
    await writer.settle('o');
    await lab.machine.run(writer.store.settle());
    await lab.machine.pass(100);
    await writer.append('s');
    await writer.append('o');
    const left = new Set(lab.segments());
    writer.kill();
    const gone = new Map([...all].filter(([path]) => !left.has(path)));
    expect(gone.size).toBe(3);
    return { lab: lab.rebooted(), gone };
  }

  it('F40 whichever of the removed segments come back, the store opens whole', async () => {
    const { lab, gone } = await retired();
    for (let subset = 0; subset < 8; subset += 1) {
      const one = lab.rebooted();
      [...gone].forEach(([path, bytes], at) => {
        if ((subset >> at) % 2 === 1) one.disk.writeFile(path, bytes);
      });
      expect((await one.scan()).verdict, `subset ${subset}`).toBe('healable');
      await one.recover();
      await expectWhole(one, `subset ${subset}`);
      expect(one.segments()).toEqual([]);
    }
  });

  it('F40 cut off after every change of settling with a base, and of retiring', async () => {
    const base = await RecoveryLab.start();
    let sent = new Map<string, Message[]>();
    const changes = await atEveryChange<LabWriter>(
      base,
      async (lab, writer) => {
        await writer.settle('s');
        await lab.machine.run(writer.store.settle());
        await lab.machine.pass(100);
        await writer.append('o');
      },
      async (lab, count) => {
        for (const disk of afterReordering(lab.disk, count)) {
          const after = new RecoveryLab(lab.machine, sent).on(disk);
          const when = `after ${count} changes`;
          expect((await after.scan()).verdict, when).toBe('healable');
          const readings = await after.read(['s', 'o']);
          expect(readings.get('s')?.messages, when).toEqual(sent.get('s'));
          const { messages } = readings.get('o') ?? {};
          expect(messages?.slice(0, 1), when).toEqual(sent.get('o'));
        }
      },
      async (lab) => {
        const writer = await lab.writer('w', ['s', 'o']);
        await writer.append('o');
        await writer.append('s');
        // The first settling also syncs what another handle may have left: it is not the one meant.
        await writer.settle('s');
        lab.holdHistory('s');
        await writer.fill('s', 2, 6000);
        // The newest state in one base, when it is settled.
        const compaction = { summary: 'all of it' };
        await lab.machine.run(writer.session('s').record({ kind: 'compaction', compaction }));
        lab.release();
        sent = new Map(lab.sent);
        return writer;
      },
    );
    expect(changes).toBeGreaterThan(15);
  });
});

describe('a base that does not belong there', () => {
  it('F41 nothing is settled, and no base made, beyond what is durable in the journal', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s'], { syncDelayMsMax: 60_000, syncEntriesMax: 1000 });
    const session = writer.session('s');
    await writer.append('s');
    let looked = 0;
    lab.disk.beforeOperation = () => {
      const head = decodeHead(lab.disk.readFile(historyOf('s')));
      if ('kind' in head) return;
      looked += 1;
      expect(head.vouched.seq).toBeLessThanOrEqual(session.durableUpTo);
      expect(head.baseOffset).toBeLessThan(head.vouched.endOffset);
    };
    for (let round = 0; round < 6; round += 1) {
      const options = { durability: 'batched' } as const;
      for (let at = 0; at < 10; at += 1) await writer.append('s', 30, options);
      const compaction = { summary: `round ${round}` };
      const event = { kind: 'compaction', compaction } as const;
      await lab.machine.run(session.record(event, options));
      await writer.settle('s');
      expect(headOf(lab.disk).vouched.seq).toBeLessThanOrEqual(session.durableUpTo);
      // What power loss takes of the journal, no history has.
      if (round % 2 === 0) continue;
      await writer.append('s', 30);
      await writer.settle('s');
      expect(basesOf(lab.disk).length).toBeGreaterThan(0);
      for (const { streamSeq } of basesOf(lab.disk)) {
        expect(streamSeq).toBeLessThanOrEqual(headOf(lab.disk).vouched.seq);
      }
    }
    lab.release();
    expect(looked).toBeGreaterThan(50);
  });

  it('F41 a base of another file is passed over, one of another life or session is damage', async () => {
    const { lab } = await withBases();
    const twin = await RecoveryLab.start(8);
    await life(twin, 'first', (writer) => writer.append('s'));
    const own = basesOf(lab.disk).at(-1);
    if (own === undefined) throw new Error('There is no base');
    const head = headOf(lab.disk);
    const inPlace = (salt: bigint, key: Uint8Array): RecoveryLab => {
      const one = lab.rebooted();
      const bytes = new Uint8Array(frameBytes(own.payload.length));
      encodeFrame(bytes, 0, { salt, offset: own.offset }, { ...own, key }, own.payload);
      one.change(historyOf('s'), (all) => {
        all.set(bytes, own.offset);
        return all;
      });
      return one;
    };
    const foreign = headOf(twin.disk).incarnation;
    for (const one of [inPlace(head.salt + 1n, own.key), inPlace(head.salt, foreign)]) {
      const file = await one.disk.fileSystem('look').open(historyOf('s'), 'read');
      expect(await readBase(file, head, own.offset)).toBe(null);
      await file.close();
    }
    const ofOtherFile = inPlace(head.salt + 1n, own.key);
    expect(await warningsOf(ofOtherFile)).toEqual([own.offset]);
    expect(await ofOtherFile.messages('s')).toEqual(lab.sent.get('s'));
    const ofOtherLife = (await inPlace(head.salt, foreign).read(['s'])).get('s');
    expect(ofOtherLife?.error?.code).toBe('DAMAGED');
    // Whoever wrote it there is told at once, and vouches for nothing.
    const written = lab.rebooted();
    await expect(appendBase(written, {}, foreign)).rejects.toMatchObject({ code: 'IO' });
    expect(await written.messages('s')).toEqual(lab.sent.get('s'));
  });

  it('F41 a base that claims to reach beyond the end, or of another past, is not believed', async () => {
    for (const lie of [{ seq: 3 }, { seq: -3 }, { chain: 1n }, { batchChecksum: 1n }]) {
      const { lab } = await withBases();
      await appendBase(lab, lie);
      const { baseOffset } = headOf(lab.disk);
      expect(basesOf(lab.disk).map(({ offset }) => offset)).toContain(baseOffset);
      expect(await warningsOf(lab)).toEqual([baseOffset]);
      const writer = await lab.writer('next', ['s']);
      const { lastSeq, entries } = writer.session('s').state;
      expect([lastSeq, entries]).toEqual([122, 122]);
      await writer.append('s');
      await writer.close();
      expect(await lab.messages('s')).toEqual(lab.sent.get('s'));
    }
  });

  it('F41 a history, or a head, of another session or of an older day is never mixed in', async () => {
    const { lab } = await withBases();
    const writer = await lab.writer('other', ['o']);
    await writer.append('o');
    await writer.close();
    const foreign = lab.rebooted();
    foreign.disk.writeFile(historyOf('s'), lab.disk.readFile(historyOf('o')));
    const refused = (await foreign.read(['s', 'o'])).get('s');
    expect(refused?.error?.code).toBe('DAMAGED');
    expect(await foreign.messages('o')).toEqual(lab.sent.get('o'));
    // The head of an older day over the file of today names an older base: what lies behind its end
    // is not vouched for any more, and nothing of it may be welded to what it tells.
    const older = lab.rebooted();
    const [first, second] = basesOf(lab.disk);
    if (first === undefined || second === undefined) throw new Error('no base');
    changeHead(older.disk, { baseOffset: second.offset });
    expect(await older.messages('s')).toEqual(lab.sent.get('s'));
    changeHead(older.disk, { baseOffset: first.offset });
    await life(older, 'again', (again) => again.append('s'));
    expect(await older.messages('s')).toHaveLength((lab.sent.get('s')?.length ?? 0) + 1);
    expect(await warningsOf(older)).toEqual([]);
  });
});
