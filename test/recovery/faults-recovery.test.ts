/** Faults that meet recovery itself, or a store that is in use, by the names of the fault list. */
import { mkdtempSync, lstatSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import { decodeHead } from '../../src/format/head.ts';
import { HistoryFile } from '../../src/history/history-file.ts';
import type { OperationKind } from '../../src/platform/sim/faults.ts';
import { Prng } from '../../src/platform/sim/prng.ts';
import { recover } from '../../src/recovery/recover.ts';
import { looseFrame } from '../../src/recovery/replay.ts';
import { Store } from '../../src/store/store.ts';
import type { Message } from '../../src/session/message.ts';
import { labRoot, lostOf, RecoveryLab } from '../helpers/recovery-lab.ts';

const say = (text: string): Message => ({ role: 'user', content: text });

async function killed(count = 4): Promise<RecoveryLab> {
  const lab = await RecoveryLab.start();
  const writer = await lab.writer('w', ['s', 'o']);
  for (let made = 0; made < count; made += 1) {
    await writer.append('s');
    await writer.append('o');
  }
  await writer.settle('o');
  await writer.append('o');
  writer.kill();
  return lab.rebooted();
}

async function expectWhole(lab: RecoveryLab): Promise<void> {
  const readings = await lab.read();
  for (const [id, sent] of lab.sent) {
    expect(readings.get(id)?.error ?? null).toBeNull();
    expect(readings.get(id)?.messages).toEqual(sent);
  }
}

describe('the machine refuses', () => {
  it('F21 unknown types: an ignorable one is passed over, any other is refused', async () => {
    for (const [type, code] of [
      [0xa7, null],
      [0x97, null],
      [99, 'UNDECODABLE'],
    ] as const) {
      const lab = await RecoveryLab.start();
      const writer = await lab.writer('w', ['s']);
      await writer.append('s');
      await writer.close();
      const path = `${labRoot}/sessions/s/history`;
      const head = decodeHead(lab.disk.readFile(path));
      if ('kind' in head) throw new Error('The head is sound');
      const history = await HistoryFile.open(lab.machine.parts('hand'), path, head, 'write');
      const fields = { type, key: head.incarnation, streamSeq: type === 0x97 ? 1 : 2, timeMs: 0 };
      await history.append([looseFrame(fields, new Uint8Array([1, 2, 3]))], new Uint8Array(16));
      await history.close();
      const reading = (await lab.read()).get('s');
      expect(reading?.error?.code ?? null).toBe(code);
      if (code === null) expect(reading?.messages).toEqual(lab.sent.get('s'));
    }
  });

  it('F28 a short write is gone on with; one that then fails loses nothing that was told', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s']);
    for (const cut of [1, 63, 64, 200]) {
      let armed = true;
      lab.disk.beforeOperation = ({ kind, path, at = 0, length = 0 }) => {
        const isBatch = kind === 'write' && path.includes('.segment') && at > 8192 && length > 150;
        if (!isBatch || !armed) return undefined;
        armed = false;
        return { shortWrite: cut };
      };
      await writer.append('s');
      // The same again, and then there is no room for the rest.
      let step = 0;
      lab.disk.beforeOperation = ({ kind, path, at = 0, length = 0 }) => {
        const isJournal = kind === 'write' && path.includes('.segment') && at > 8192;
        if (!isJournal || (step === 0 && (length <= 150 || length > 4096))) return undefined;
        step += 1;
        return step === 1 ? { shortWrite: cut } : step === 2 ? { errno: 'ENOSPC' } : undefined;
      };
      const failing = lab.machine.run(writer.session('s').append(say('never')));
      await expect(failing).rejects.toMatchObject({ code: 'FULL' });
      lab.release();
    }
    await writer.append('s');
    writer.kill();
    await expectWhole(lab.on(lab.disk.crash({ keep: 'none' })));
    await expectWhole(lab);
  });

  it('F29 no room to append, rotate or settle: told at once, resumed by itself, nothing lost', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s']);
    await writer.append('s');
    for (const errno of ['ENOSPC', 'EDQUOT', 'EFBIG']) {
      lab.disk.beforeOperation = ({ kind }) => (kind === 'write' ? { errno } : undefined);
      const failing = lab.machine.run(writer.session('s').append(say('never')));
      await expect(failing).rejects.toMatchObject({ code: 'FULL', details: { errno } });
      lab.release();
      await writer.append('s', 900);
    }
    writer.kill();
    await expectWhole(lab);
  });

  it.each([
    ['torn', -1, 'healed'],
    ['damaged', -5, 'damaged'],
  ] as const)(
    'F29 recovery of a %s journal without room changes nothing and says how much it needs',
    async (_, at, verdict) => {
      const lab = await killed(20);
      const harmed = lab.entry(at);
      lab.flip(harmed.path, harmed.offset + 70);
      const { bytesNeeded } = await lab.scan();
      const used = lab.disk.paths().reduce((sum, path) => sum + pagesOf(lab, path), 0) * 4096;
      const before = lab.content();
      lab.disk.limitBytes(used + bytesNeeded - 4096);
      const refusal = await lab.recover().catch((error: unknown) => error);
      expect(refusal).toMatchObject({ code: 'FULL', details: { bytesNeeded } });
      expect(lab.content()).toEqual(before);
      lab.disk.limitBytes(used + bytesNeeded + 4096);
      expect((await lab.recover()).verdict).toBe(verdict);
      lab.disk.limitBytes(2 ** 40);
      const { messages } = (await lab.read()).get('s') ?? {};
      expect(messages ?? null).toEqual(verdict === 'healed' ? lab.sent.get('s') : null);
    },
  );

  it.each(['read', 'open', 'list', 'stat', 'stat-open'] as readonly OperationKind[])(
    'F30 %s refused in recovery: it refuses, and what it changed it goes on with',
    async (kind) => {
      const base = await killed();
      for (let number = 0; ; number += 1) {
        const lab = base.rebooted();
        const before = lab.content();
        let [seen, changes] = [0, 0];
        lab.disk.beforeOperation = (operation) => {
          if (['write', 'rename', 'remove', 'truncate'].includes(operation.kind)) changes += 1;
          if (operation.kind !== kind) return undefined;
          seen += 1;
          return seen === number + 1 ? { errno: 'EIO' } : undefined;
        };
        try {
          await lab.recover();
        } catch (error) {
          expect(HoldfastError.is(error, 'IO'), `${kind} ${number}: ${String(error)}`).toBe(true);
          if (changes === 0) expect(lab.content()).toEqual(before);
        }
        lab.release();
        await expectWhole(lab);
        if (seen > number) continue;
        expect(number).toBeGreaterThan(3);
        return;
      }
    },
  );
});

describe('in use', () => {
  it('F48 scan and verify of a store that is appending, rotating and deleting stay clean', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s', 'o']);
    for (let round = 0; round < 60; round += 1) {
      const name = `t${round % 3}`;
      const work = (async () => {
        await writer.session('s').append(say('s'.padEnd(700)));
        await writer.session('o').append(say('o'.padEnd(300)), { durability: 'batched' });
        const other = await writer.store.openSession(name, { create: true });
        await other.append(say('t'));
        await other.close();
        if (round % 2 === 1) await writer.store.deleteSession(name);
        if (round % 7 === 3) await writer.store.settle();
      })();
      const looks = [lab.scan(), lab.machine.recover({ mode: 'verify' }), lab.scan()];
      await lab.machine.run(work);
      for (const report of await Promise.all(looks)) {
        expect(report.findings.filter((one) => one.code !== 'LIVE_WRITER')).toEqual([]);
        expect(report).toMatchObject({ verdict: 'clean', changed: false });
      }
    }
    await writer.close();
    expect(await lab.scan()).toMatchObject({ verdict: 'clean', findings: [] });
  });

  it('F50 no id leaves the store, and no symbolic link leads out of it', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s']);
    await writer.append('s');
    for (const id of ['..', '../s', 'a/b', '', '.', 'a\0', 'nul', 'x'.repeat(129), '.new-x']) {
      const made = lab.machine.run(writer.store.createSession({ id }));
      await expect(made).rejects.toMatchObject({ code: 'INVALID' });
    }
    lab.disk.writeFile('/elsewhere/history', lab.disk.readFile(`${labRoot}/sessions/s/history`));
    lab.disk.writeFile('/elsewhere/kept', new Uint8Array(9));
    lab.disk.makeLink(`${labRoot}/sessions/linked`, '/elsewhere');
    const opening = lab.machine.run(writer.store.openSession('linked'));
    await expect(opening).rejects.toBeInstanceOf(HoldfastError);
    const report = await lab.scan();
    expect(report.findings.map((one) => one.code)).toContain('STRAY_FILE');
    expect(report.sessions.find((one) => one.id === 'linked')?.verdict).toBe('damaged');
    // A journal, and half-made things, are removed without following a link.
    writer.kill();
    const [segment] = lab.segments();
    lab.disk.makeLink(`${segment?.slice(0, -18)}linked`, '/elsewhere');
    lab.disk.makeLink(`${labRoot}/sessions/.new-0`, '/elsewhere');
    await lab.recover();
    expect(lab.disk.paths()).toContain('/elsewhere/kept');
    expect((await lab.read(['s'])).get('s')?.messages).toEqual(lab.sent.get('s'));
  });

  it('F50 files are for their owner alone, also those that recovery makes', async () => {
    const root = mkdtempSync(join(tmpdir(), 'holdfast-modes-'));
    try {
      const store = await Store.open(join(root, 'store'), { io: 'pool' });
      const session = await store.createSession({ id: 's' });
      await session.append(say('one'));
      await store.close();
      await recover(join(root, 'store'), { mode: 'run' });
      const visit = (path: string): void => {
        const stat = lstatSync(path);
        expect(stat.mode & 0o777, path).toBe(stat.isDirectory() ? 0o700 : 0o600);
        if (stat.isDirectory()) for (const name of readdirSync(path)) visit(join(path, name));
      };
      visit(join(root, 'store'));
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});

describe('the modes of recovery', () => {
  it('F53 scan changes nothing, run loses nothing, salvage is exact and leaves the old store', async () => {
    const lab = await killed(6);
    const second = lab.entry(2);
    lab.flip(second.path, second.offset + 70);
    const before = lab.content();
    expect((await lab.scan()).verdict).toBe('damaged');
    expect((await lab.machine.recover({ mode: 'verify' })).verdict).toBe('damaged');
    const salvaged = await lab.salvage('/salvaged');
    expect(lab.content()).toEqual(
      new Map([...before, ...[...lab.content()].filter(([path]) => path.startsWith('/salvaged/'))]),
    );
    expect(salvaged.sessions).toMatchObject([
      { id: 'o', entries: 7, lost: [] },
      { id: 's', entries: 5, lost: [{ from: 2, to: 2 }] },
    ]);
    await expect(lab.salvage('/salvaged')).rejects.toMatchObject({ code: 'INVALID' });
    await expect(lab.salvage(`${labRoot}/inside`)).rejects.toMatchObject({ code: 'INVALID' });
    const first = await lab.recover();
    expect(first).toMatchObject({ verdict: 'damaged', changed: true });
    const after = lab.content();
    expect(await lab.recover()).toMatchObject({ verdict: 'damaged', changed: false });
    expect(lab.content()).toEqual(after);
    const quarantined = lab.disk.paths().filter((path) => path.includes('/quarantine/'));
    expect(quarantined).toHaveLength(1);
    const again = await lab.salvage('/again');
    expect(again.sessions).toEqual(salvaged.sessions);
  });

  it('F53 two losses of one session are listed one by one, before and after recovery', async () => {
    const lab = await killed(8);
    const places = [lab.entry(2), lab.entry(8)];
    const lost = places.map(({ streamSeq }) => ({ from: streamSeq, to: streamSeq }));
    for (const { path, offset } of places) lab.flip(path, offset + 70);
    expect((await lab.scan()).sessions[1]).toMatchObject({ id: 's', lost });
    expect((await lab.salvage('/before', 's')).sessions).toMatchObject([{ lost, entries: 6 }]);
    await lab.recover();
    expect((await lab.scan()).sessions[1]).toMatchObject({ id: 's', lost });
    expect((await lab.salvage('/after', 's')).sessions).toMatchObject([{ lost, entries: 6 }]);
    await lab.acceptLoss('s');
    const report = await lab.machine.recover({ mode: 'verify' });
    expect(report.verdict).toBe('clean');
    expect(report.findings.map((one) => one.code)).toEqual(['LOSS_ACCEPTED', 'LOSS_ACCEPTED']);
    expect((await lab.salvage('/accepted', 's')).sessions).toMatchObject([
      { lost: [], entries: 6 },
    ]);
  });

  it('F53 a lost manifest refuses the store, and salvage finds the journals all the same', async () => {
    for (const how of ['missing', 'damaged'] as const) {
      const lab = await killed();
      if (how === 'missing') lab.disk.removePath(`${labRoot}/writers`);
      else lab.flip(`${labRoot}/writers`, 20);
      const before = lab.content();
      await expect(lab.scan()).rejects.toMatchObject({ code: 'DAMAGED' });
      await expect(lab.recover()).rejects.toMatchObject({ code: 'DAMAGED' });
      await expect(lab.machine.open()).rejects.toMatchObject({ code: 'DAMAGED' });
      expect(lab.content()).toEqual(before);
      const report = await lab.salvage('/salvaged');
      expect(report.sessions).toMatchObject([
        { entries: 5, lost: [] },
        { entries: 4, lost: [] },
      ]);
    }
  });

  it('F53 salvage goes around what the medium does not give up, and says so', async () => {
    for (const part of ['/sessions/s/history', '.segment']) {
      const lab = await killed();
      lab.disk.beforeOperation = ({ kind, path, at = 0 }) => {
        const isBad = kind === 'read' && path.endsWith(part) && (part === '.segment' || at > 0);
        return isBad ? { errno: 'EIO' } : undefined;
      };
      const report = await lab.salvage('/salvaged');
      lab.release();
      expect(report.findings.map((one) => one.code)).toContain('UNREADABLE');
      const [o, s] = report.sessions;
      if (part === '.segment') {
        expect(o).toMatchObject({ id: 'o', entries: 4, lost: [{ from: 5, to: null }] });
        expect(s).toMatchObject({ id: 's', entries: 0, lost: [{ from: 1, to: null }] });
      } else {
        expect(o).toMatchObject({ id: 'o', entries: 5, lost: [] });
      }
    }
  });

  it('F53 a session whose head is gone: salvage, and accepting the loss, have what its journal holds', async () => {
    const lab = await killed();
    lab.zero(`${labRoot}/sessions/s/history`, 0, 8192);
    const before = await lab.salvage('/before', 's');
    expect(before.sessions).toMatchObject([{ id: 's', entries: 4, lost: [] }]);
    await lab.recover();
    const after = await lab.salvage('/after', 's');
    expect(after.sessions).toEqual(before.sessions);
    expect(lostOf((await lab.read()).get('s'), 's')).toEqual([{ from: 1, to: null }]);
    const { accepted } = await lab.acceptLoss('s');
    expect(accepted).toMatchObject({ kept: [{ from: 1, to: 4 }], lost: [], deleted: false });
    expect((await lab.salvage('/accepted', 's')).sessions).toMatchObject([
      { entries: 4, lost: [] },
    ]);
  });

  it('F54 a valid log is never refused, wherever its segments and batches end', async () => {
    for (let seed = 1; seed <= 24; seed += 1) {
      const prng = Prng.fromSeed(seed);
      const lab = await RecoveryLab.start(seed);
      const writer = await lab.writer('w', ['s', 'o']);
      const count = 10 + prng.below(25);
      for (let made = 0; made < count; made += 1) {
        const id = prng.pick(['s', 'o']);
        const bytes = prng.pick([1, 8, 300, 1500, 7000]) + prng.below(16);
        if (prng.chance(0.2)) {
          await writer.appendAll(id, [say('x'.repeat(bytes)), say('y'.repeat(prng.below(40)))]);
        } else {
          const durability = prng.pick(['durable', 'batched'] as const);
          await writer.append(id, bytes, { durability });
        }
        if (prng.chance(0.1)) await lab.machine.pass(200);
        if (prng.chance(0.1)) await writer.settle(id);
      }
      writer.kill();
      const report = await lab.scan();
      const bad = report.findings.filter((one) => one.severity !== 'info');
      expect(bad, `seed ${seed}`).toEqual([]);
      expect(report.verdict).toBe('healable');
      await expectWhole(lab);
    }
  });
});

function pagesOf(lab: RecoveryLab, path: string): number {
  return Math.ceil(lab.disk.readFile(path).length / 4096);
}
