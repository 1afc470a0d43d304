/**
 * Crashes inside recovery, crashes after it, and the steps of the protocol between writers, each cut
 * off at every change of the disk. What nobody synced is lost, kept, or decided by chance.
 */
import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/session/message.ts';
import { afterPowerLoss, atEveryChange, expectWhole } from '../helpers/every-change.ts';
import { labRoot, lostOf, RecoveryLab } from '../helpers/recovery-lab.ts';
import { sweepStore } from '../helpers/sweep-store.ts';

const say = (text: string): Message => ({ role: 'user', content: text });

describe('a crash inside recovery', () => {
  it('F38 at any change, with any power loss, the next recovery ends in the same state', async () => {
    const { disk, sent } = await sweepStore();
    const base = new RecoveryLab({ disk } as RecoveryLab['machine'], sent).on(disk);
    const changes = await atEveryChange(
      base,
      (lab) => lab.recover(),
      async (lab, count) => {
        for (const left of afterPowerLoss(lab.disk, count)) {
          const after = base.on(left);
          const report = await after.recover();
          expect(['healed', 'clean']).toContain(report.verdict);
          expect(await after.scan()).toMatchObject({ verdict: 'clean' });
          await expectWhole(after, `after ${count} changes`);
        }
      },
    );
    expect(changes).toBeGreaterThan(30);
  });

  it('F38 losses are told the same, and only once, however often recovery is cut off', async () => {
    const { disk, sent } = await sweepStore();
    const base = new RecoveryLab({ disk } as RecoveryLab['machine'], sent).on(disk);
    const harmed = base.entry(4);
    base.flip(harmed.path, harmed.offset + 70);
    const whole = base.rebooted();
    const expected = (await whole.recover()).sessions.map(({ id, lost }) => ({ id, lost }));
    expect(expected.flatMap(({ lost }) => lost)).toHaveLength(1);
    await atEveryChange(
      base,
      (lab) => lab.recover(),
      async (lab, count) => {
        const after = base.on(lab.disk.crash({ keep: 'random', seed: count }));
        await after.recover();
        const report = await after.scan();
        expect(report.sessions.map(({ id, lost }) => ({ id, lost }))).toEqual(expected);
        const notes = await notesOf(after);
        expect(notes, `after ${count} changes`).toEqual([1, 1, 1]);
      },
    );
  });

  it('F38 segments that a power cut left of a recovered journal bring nothing back', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s']);
    lab.holdHistory('s');
    await writer.fill('s', 3);
    // Two batches that nobody synced, the first of them torn: recovery cuts both.
    await writer.append('s', 40, { durability: 'batched' });
    await writer.append('s', 40, { durability: 'batched' });
    writer.kill();
    lab.release();
    const base = lab.rebooted();
    const last = base.segment(3);
    const torn = base.entries(last).at(-2);
    base.flip(last, (torn?.offset ?? 0) + 70);
    const segments = base.segments().map((path) => [path, base.disk.readFile(path)] as const);
    expect((await base.recover()).verdict).toBe('healed');
    const whole = await base.messages('s');
    expect(whole).toEqual(base.sent.get('s')?.slice(0, -2));
    // The writer is out of the file; of its segments any may be left.
    for (let left = 1; left < 2 ** segments.length; left += 1) {
      const after = base.on(base.disk.clone());
      segments.forEach(([path, bytes], index) => {
        if (((left >> index) & 1) === 1) after.disk.writeFile(path, bytes);
      });
      expect(['healed', 'clean'], `${left}`).toContain((await after.recover()).verdict);
      expect(await after.messages('s'), `${left}`).toEqual(whole);
      expect(after.segments()).toEqual([]);
    }
  });

  it('F38 a session of several groups keeps its losses when it is cut off between two of them', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s']);
    lab.holdHistory('s');
    const large = 'x'.repeat(3 * 1024 * 1024);
    for (let made = 0; made < 7; made += 1) await writer.append('s', say(`${made} ${large}`));
    writer.kill();
    lab.release();
    const second = lab.entry(1);
    lab.flip(second.path, second.offset + 70);
    let heads = 0;
    lab.disk.beforeOperation = ({ kind, path, at }) => {
      if (kind === 'write' && at === 0 && path.endsWith('/s/history')) heads += 1;
      return heads === 3 ? { errno: 'EIO' } : undefined;
    };
    await expect(lab.recover()).rejects.toMatchObject({ code: 'IO' });
    lab.release();
    await lab.recover();
    expect(lostOf((await lab.read()).get('s'), 's')).toEqual([{ from: 2, to: 2 }]);
  });

  it('F38 accepting a loss can be cut off anywhere and done again', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s']);
    for (let made = 0; made < 3; made += 1) await writer.append('s');
    await writer.close();
    lab.flip(`${labRoot}/sessions/s/history`, 8192 + 70);
    const left = lab.sent.get('s')?.slice(1);
    await atEveryChange(
      lab,
      (one) => one.acceptLoss('s'),
      async (one, count) => {
        for (const disk of afterPowerLoss(one.disk, count)) {
          const after = lab.on(disk);
          const reading = (await after.read()).get('s');
          if (reading?.messages === null)
            expect(lostOf(reading, 's')).toEqual([{ from: 1, to: 1 }]);
          await after.acceptLoss('s');
          expect(await after.messages('s')).toEqual(left);
        }
      },
    );
  });
});

describe('after recovery', () => {
  it('F39 recover, append, crash, recover: nothing welded, nothing lost, round after round', async () => {
    let lab = await RecoveryLab.start();
    for (let round = 0; round < 8; round += 1) {
      const writer = await lab.writer(`round ${round}`, ['s', 'o']);
      await writer.append('s', 200 + round * 300);
      await writer.append('o');
      if (round % 3 === 1) await writer.settle('s');
      await writer.append('s');
      // One that was not acknowledged, torn by the crash.
      const failing = writer.session('s').append(say('never answered'));
      failing.catch(() => undefined);
      if (round % 2 === 0) writer.kill();
      lab = lab.on(lab.disk.crash({ keep: round % 4 === 3 ? 'none' : 'random', seed: round }));
      const report = await lab.scan();
      expect(['clean', 'healable']).toContain(report.verdict);
      const { messages } = (await lab.read(['s'])).get('s') ?? {};
      const known = lab.sent.get('s') ?? [];
      expect(messages?.slice(0, known.length)).toEqual(known);
      // What surfaced is there for good, and the next append goes behind it.
      lab.sent.set('s', [...(messages ?? [])]);
    }
    await expectWhole(lab, 'at the end');
  });

  it('F39 what recovery kept survives a power loss right after it was told', async () => {
    const { disk, sent } = await sweepStore();
    const lab = new RecoveryLab({ disk } as RecoveryLab['machine'], sent).on(disk.clone());
    const report = await lab.recover();
    expect(report.sessions.every((one) => one.kept.length > 0)).toBe(true);
    await expectWhole(lab.on(lab.disk.crash({ keep: 'none' })), 'after power loss');
  });
});

describe('the protocol between writers', () => {
  it('hole 29, 30: a history whose sync failed once is never believed again', async () => {
    for (const failure of ['clean', 'revert'] as const) {
      for (const then of ['die', 'go on'] as const) {
        const lab = await RecoveryLab.start();
        const writer = await lab.writer('w', ['s']);
        for (let made = 0; made < 3; made += 1) await writer.append('s');
        lab.disk.syncFailure = failure;
        let armed = true;
        lab.disk.beforeOperation = ({ kind, path }) => {
          if (!armed || kind !== 'sync' || !path.endsWith('/s/history')) return undefined;
          armed = false;
          return { errno: 'EIO' };
        };
        await expect(writer.settle('s')).rejects.toThrow();
        if (then === 'die') writer.kill();
        else await writer.close();
        const again = then === 'die' ? lab : lab.rebooted();
        await again.recover();
        await expectWhole(lab.on(again.disk.crash({ keep: 'none' })), `${failure}, ${then}`);
      }
    }
  });

  it('hole 32: a session and its entries survive, in whatever order names reach the disk', async () => {
    const base = await RecoveryLab.start();
    const first = await base.writer('first', ['old']);
    await first.append('old');
    await first.close();
    const oldSent = base.sent;
    for (let changes = 0; changes < 400; changes += 7) {
      const lab = new RecoveryLab(base.machine, oldSent).rebooted();
      lab.disk.crashAfter(changes);
      const sent = new Map(oldSent);
      try {
        const writer = await lab.writer('w', ['fresh', 'old']);
        for (let made = 0; made < 4; made += 1) {
          await writer.append('fresh');
          await writer.append('old');
          if (made === 1) await writer.settle('fresh');
        }
        await writer.closeSession('fresh');
        await writer.close();
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
      for (const [id, messages] of lab.sent) sent.set(id, messages);
      for (const disk of afterPowerLoss(lab.disk, changes)) {
        const after = new RecoveryLab(lab.machine, sent).on(disk);
        const readings = await after.read([...sent.keys()]);
        for (const [id, messages] of sent) {
          const found = readings.get(id)?.messages ?? [];
          expect(found.slice(0, messages.length), `${id} after ${changes}`).toEqual(messages);
        }
      }
    }
  });

  it('DETACH: closed by one writer, deleted by another, a session never comes back', async () => {
    const lab = await RecoveryLab.start();
    const a = await lab.writer('a', ['s', 'kept']);
    await a.append('s');
    await a.append('kept');
    await a.closeSession('s');
    const b = await lab.writer('b', ['s']);
    await b.append('s');
    expect(await lab.machine.run(collectAll(b.session('s').messages()))).toHaveLength(2);
    await b.closeSession('s');
    await lab.machine.run(b.store.deleteSession('s'));
    lab.sent.delete('s');
    for (const dead of [['a'], ['b'], ['a', 'b']]) {
      const copy = lab.disk;
      for (const disk of afterPowerLoss(copy, dead.length)) {
        const after = lab.on(disk);
        await after.recover();
        expect(after.disk.paths('directory')).not.toContain(`${labRoot}/sessions/s`);
        await expectWhole(after, `after ${dead.join()} died`);
      }
    }
  });

  it('tombstones come before any replay, and a new life of the name is another one', async () => {
    const base = await RecoveryLab.start();
    const writer = await base.writer('w', ['s']);
    await writer.append('s');
    await writer.closeSession('s');
    let deleted = false;
    let renewed = 0;
    const changes = await atEveryChange(
      base,
      async (lab) => {
        [deleted, renewed] = [false, 0];
        const next = await lab.writer('next', []);
        await lab.machine.run(next.store.deleteSession('s'));
        deleted = true;
        const session = await lab.machine.run(next.store.createSession({ id: 's' }));
        await lab.machine.run(session.append(say('another life')));
        renewed = 1;
        lab.machine.kill('next');
      },
      async (lab, count) => {
        for (const disk of afterPowerLoss(lab.disk, count)) {
          const after = base.on(disk);
          const reading = (await after.read(['s'])).get('s');
          const texts = reading?.messages?.map((message) => message.content) ?? null;
          const when = `after ${count} changes`;
          if (renewed === 1) expect(texts, when).toEqual(['another life']);
          else if (deleted)
            expect(texts ?? [], when).not.toContain(base.sent.get('s')?.[0]?.content);
          // Not told yet: all of it, or nothing.
          else
            expect([null, base.sent.get('s')?.map((one) => one.content)], when).toContainEqual(
              texts,
            );
        }
      },
    );
    expect(changes).toBeGreaterThan(30);
  });

  it('a session directory removed by hand under a dead journal is set aside, never made again', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s', 'o']);
    await writer.append('s');
    await writer.append('o');
    writer.kill();
    lab.disk.removePath(`${labRoot}/sessions/s`);
    const salvaged = await lab.salvage('/salvaged');
    expect(salvaged.sessions).toMatchObject([{ id: 'o' }, { id: 's', entries: 1, lost: [] }]);
    const report = await lab.recover();
    expect(report.findings).toContainEqual(
      expect.objectContaining({
        code: 'SET_ASIDE',
        session: 's',
        message: 'Entries 1 of session s have no home here any more; recovery sets them aside',
      }),
    );
    expect(lab.disk.paths('directory')).not.toContain(`${labRoot}/sessions/s`);
    expect(lab.disk.paths().some((path) => path.includes('/quarantine/'))).toBe(true);
    lab.sent.delete('s');
    await expectWhole(lab, 'afterwards');
  });

  it('an older copy of a history, put back by hand, does not make the journal forget', async () => {
    const lab = await RecoveryLab.start();
    const first = await lab.writer('first', ['s']);
    await first.append('s');
    await first.close();
    const older = lab.disk.readFile(`${labRoot}/sessions/s/history`);
    const second = await lab.writer('second', ['s']);
    await second.append('s');
    await second.closeSession('s');
    const third = await lab.writer('third', ['s']);
    await third.append('s');
    third.kill();
    lab.disk.writeFile(`${labRoot}/sessions/s/history`, older);
    const report = await lab.recover();
    expect(report.findings.map((one) => one.code)).toContain('SET_ASIDE');
    expect(lab.disk.paths().some((path) => path.includes('/quarantine/'))).toBe(true);
  });

  it('a journal directory removed by hand refuses exactly the sessions attached to it', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s', 'closed']);
    await writer.append('s');
    await writer.append('closed');
    await writer.closeSession('closed');
    writer.kill();
    lab.disk.removePath(lab.segment(1).slice(0, -19));
    expect((await lab.scan()).findings.map((one) => one.code)).toContain('MISSING_JOURNAL');
    const readings = await lab.read();
    expect(lostOf(readings.get('s'), 's')).toEqual([{ from: 1, to: null }]);
    expect(readings.get('closed')?.messages).toEqual(lab.sent.get('closed'));
    await lab.acceptLoss('s');
    expect(await lab.messages('s')).toEqual([]);
  });

  it('a deletion that failed behind its tombstone is given up when the session goes on', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('w', ['s']);
    await writer.append('s');
    await writer.closeSession('s');
    lab.disk.failNext('rename', 'EIO');
    await expect(lab.machine.run(writer.store.deleteSession('s'))).rejects.toMatchObject({
      code: 'IO',
    });
    const session = await lab.machine.run(writer.store.openSession('s'));
    await lab.machine.run(session.append(say('still here')));
    writer.kill();
    expect(await lab.messages('s')).toEqual([...(lab.sent.get('s') ?? []), say('still here')]);
  });
});

/** How many times each session says that it was recovered from its dead writer. */
async function notesOf(lab: RecoveryLab): Promise<readonly number[]> {
  const accepted = lab.rebooted();
  for (const id of ['a', 'b', 'c']) await accepted.acceptLoss(id);
  const writer = await accepted.writer('counting', ['a', 'b', 'c']);
  const counts = ['a', 'b', 'c'].map((id) => {
    const writers = writer.session(id).recoveries.map((one) => one.writer);
    return writers.length;
  });
  await writer.close();
  return counts;
}

async function collectAll<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
