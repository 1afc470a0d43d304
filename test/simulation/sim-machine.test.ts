/** The simulated machine as users of `holdfast/testing` have it. */
import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import { SimMachine } from '../../src/simulation/sim-machine.ts';
import type { Session } from '../../src/store/api.ts';
import type { Store } from '../../src/store/store.ts';

const root = '/agent';
const say = (content: string) => ({ role: 'user', content }) as const;

/** Opens a store with one session, in a process. */
async function begun(machine: SimMachine, process = 'main') {
  const store = await machine.openStore(root, { process });
  const session = await machine.run(() => store.openSession('s', { create: true }));
  return { store, session };
}

async function textsOf(machine: SimMachine, session: Session): Promise<unknown[]> {
  return machine.run(async () => {
    const texts: unknown[] = [];
    for await (const { message } of session.messages()) texts.push(message.content);
    return texts;
  });
}

/** What whoever opens the store of this machine finds in its session. */
async function found(machine: SimMachine): Promise<unknown[]> {
  const { store, session } = await begun(machine, 'looks');
  const texts = await textsOf(machine, session);
  await machine.run(() => store.close());
  return texts;
}

describe('SimMachine and power', () => {
  it('SimMachine.cutPower keeps what was durable, and turns the old machine off', async () => {
    const machine = await SimMachine.create();
    const { session } = await begun(machine);
    await machine.run(() => session.append(say('durable')));
    await machine.run(() => session.append(say('batched'), { durability: 'batched' }));
    const left = machine.cutPower({ keep: 'none' });
    expect(machine.isOff).toBe(true);
    expect(await found(left)).toEqual(['durable']);
    await expect(machine.run(() => session.append(say('too late')))).rejects.toThrow();
    expect(left.isOff).toBe(false);
  });

  it('SimMachine.afterPowerCut draws many machines from one that goes on', async () => {
    const machine = await SimMachine.create();
    const { session } = await begun(machine);
    for (const text of ['one', 'two', 'three']) {
      await machine.run(() => session.append(say(text), { durability: 'batched' }));
    }
    const lengths = new Set<number>();
    for (let seed = 0; seed < 40; seed += 1) {
      const texts = await found(machine.afterPowerCut({ seed }));
      expect(['one', 'two', 'three'].slice(0, texts.length)).toEqual(texts);
      lengths.add(texts.length);
    }
    expect(lengths).toContain(0);
    expect(lengths).toContain(3);
    await machine.run(() => session.append(say('four')));
    expect(await found(machine.afterPowerCut({ keep: 'none' }))).toHaveLength(4);
  });

  it('SimMachine.cutPowerAfter goes off after so many changes; runUntilOff tells', async () => {
    const machine = await SimMachine.create();
    const { session } = await begun(machine);
    const before = machine.changes;
    machine.cutPowerAfter(3);
    let told = 0;
    const ended = await machine.runUntilOff(async () => {
      for (;;) told = (await session.append(say('again'))).seq;
    });
    expect(ended).toBe(false);
    expect(machine.changes).toBe(before + 3);
    expect((await found(machine.afterPowerCut({ keep: 'none' }))).length).toBeGreaterThanOrEqual(
      told,
    );
    const on = await SimMachine.create();
    expect(await on.runUntilOff(() => on.openStore(root))).toBe(true);
    const failing = on.runUntilOff(() => Promise.reject(new Error('of the work')));
    await expect(failing).rejects.toThrow('of the work');
  });

  it('SimMachine.run ends when the power is gone and the work does not notice', async () => {
    const machine = await SimMachine.create();
    const hanging = machine.run(() => {
      machine.cutPowerAfter(0);
      return new Promise(() => undefined);
    });
    await expect(hanging).rejects.toThrow('The machine is off');
  });
});

describe('SimMachine and processes', () => {
  it('SimMachine.kill ends one process with its locks, and what it wrote stays', async () => {
    const machine = await SimMachine.create();
    const { session } = await begun(machine, 'first');
    await machine.run(() => session.append(say('batched'), { durability: 'batched' }));
    const second = await machine.openStore(root, { process: 'second', lockWaitMs: 50 });
    const opening = machine.run(() => second.openSession('s'));
    await expect(opening).rejects.toMatchObject({ code: 'LOCKED' });
    machine.kill('first');
    await expect(machine.run(() => session.append(say('dead')))).rejects.toThrow();
    const taken = await machine.run(() => second.openSession('s'));
    expect(await textsOf(machine, taken)).toEqual(['batched']);
    expect(taken.recoveries).toHaveLength(1);
  });

  it('SimMachine.rebooted loses nothing, and holds nobody', async () => {
    const machine = await SimMachine.create();
    const { session } = await begun(machine);
    await machine.run(() => session.append(say('batched'), { durability: 'batched' }));
    expect(await found(machine.rebooted())).toEqual(['batched']);
  });
});

describe('SimMachine and faults', () => {
  it('SimMachine.fail fails a sync once, and the store is poisoned', async () => {
    const machine = await SimMachine.create();
    const { session } = await begun(machine);
    await machine.run(() => session.append(say('before')));
    machine.fail({ operation: 'sync', error: 'EIO', path: '.segment' });
    for (let time = 0; time < 2; time += 1) {
      const failing = machine.run(() => session.append(say('failed')));
      await expect(failing).rejects.toMatchObject({ code: 'POISONED' });
    }
    expect((await found(machine.cutPower({ keep: 'none' })))[0]).toBe('before');
  });

  it('SimMachine.fail counts skip and times, and matches the path', async () => {
    const machine = await SimMachine.create();
    machine.fail({ operation: 'create', error: 'EMFILE', path: 'store.json', times: 2 });
    for (let time = 0; time < 2; time += 1) {
      await expect(machine.openStore(root)).rejects.toMatchObject({ code: 'IO' });
    }
    machine.fail({ operation: 'write', error: 'ENOSPC', skip: 1, times: Infinity });
    await expect(machine.openStore(root)).rejects.toMatchObject({ code: 'FULL' });
    machine.clearFaults();
    const store = await machine.openStore(root);
    await machine.run(() => store.close());
  });

  it.each([
    ['operation', { operation: 'fsync' as 'sync', error: 'EIO' }],
    ['error', { operation: 'sync', error: 'eio' }],
    ['times', { operation: 'sync', error: 'EIO', times: 0 }],
    ['skip', { operation: 'sync', error: 'EIO', skip: -1 }],
  ] as const)('SimMachine.fail refuses a plan whose %s is out of bounds', async (path, fault) => {
    const machine = await SimMachine.create();
    const refused = (() => {
      try {
        machine.fail(fault);
      } catch (error) {
        return error;
      }
      return null;
    })();
    expect(refused).toMatchObject({ code: 'INVALID', details: { path } });
  });

  it('SimMachine.onOperation cuts writes short, and a full disk is told as FULL', async () => {
    const machine = await SimMachine.create();
    const { session } = await begun(machine);
    machine.onOperation(({ kind, length = 0 }) => {
      return kind === 'write' && length > 100 ? { shortWrite: 60 } : undefined;
    });
    await machine.run(() => session.append(say('in small pieces '.repeat(20))));
    machine.onOperation(null);
    expect(await found(machine.afterPowerCut({ keep: 'none' }))).toHaveLength(1);
    machine.limitDisk(0);
    const failing = machine.run(async () => {
      for (;;) await session.append(say('x'.repeat(8000)));
    });
    await expect(failing).rejects.toMatchObject({ code: 'FULL' });
    machine.limitDisk(2 ** 40);
    await machine.run(() => session.append(say('room again')));
  });

  it('SimMachine.flipBit is damage that recover finds and acceptLoss gives up', async () => {
    const machine = await SimMachine.create();
    const { store, session } = await begun(machine);
    for (const text of ['one', 'two', 'three']) await machine.run(() => session.append(say(text)));
    await machine.run(() => store.close());
    const path = `${root}/sessions/s/history`;
    expect(machine.files()).toContain(path);
    const at = Buffer.from(machine.readFile(path)).indexOf('two');
    machine.flipBit(path, at);
    const report = await machine.recover(root, { mode: 'verify' });
    expect(report.sessions).toMatchObject([{ id: 's', lost: [{ from: 2, to: 2 }] }]);
    await machine.salvage(root, { to: '/saved' });
    const { accepted } = await machine.acceptLoss(root, { session: 's' });
    expect(accepted.lost).toEqual([{ from: 2, to: 2 }]);
    expect(await found(machine)).toEqual(['one', 'three']);
    expect(() => machine.flipBit(path, 10 ** 9)).toThrow('must lie in');
    machine.remove(root);
    expect(machine.files().filter((file) => file.startsWith(root))).toEqual([]);
  });
});

describe('SimMachine and time', () => {
  it('SimMachine.pass syncs batched entries, which takes no time in earnest', async () => {
    const machine = await SimMachine.create();
    const { session } = await begun(machine);
    await machine.run(() => session.append(say('batched'), { durability: 'batched' }));
    const from = machine.nowMs;
    await machine.pass(100);
    expect(machine.nowMs).toBeGreaterThanOrEqual(from + 100);
    expect(await found(machine.cutPower({ keep: 'none' }))).toEqual(['batched']);
  });

  it('SimMachine.jumpClock moves the time that entries have, and nothing else', async () => {
    const machine = await SimMachine.create();
    const { session } = await begun(machine);
    machine.jumpClock(-86_400_000);
    await machine.run(() => session.append(say('yesterday')));
    const times = await machine.run(async () => {
      const all: number[] = [];
      for await (const { timeMs } of session.entries()) all.push(timeMs);
      return all;
    });
    expect(times[0]).toBeLessThan(Date.UTC(2026, 0, 1));
  });

  it('SimMachine.run says that work hangs that waits for nothing on the machine', async () => {
    const machine = await SimMachine.create();
    const hanging = machine.run(() => new Promise(() => undefined));
    await expect(hanging).rejects.toMatchObject({ code: 'INVALID', details: { path: 'work' } });
  });

  it('SimMachine.run lets work wait for other work of the machine', async () => {
    const machine = await SimMachine.create();
    const both = await machine.run(() =>
      Promise.all([machine.pass(500), machine.run(() => machine.pass(200)), begun(machine)]),
    );
    expect(both).toHaveLength(3);
  });
});

describe('SimMachine and chance', () => {
  async function life(seed: number): Promise<ReadonlyMap<string, string>> {
    const machine = await SimMachine.create({ seed });
    const { store, session } = await begun(machine);
    for (let at = 0; at < 5; at += 1) await machine.run(() => session.append(say(`entry ${at}`)));
    await machine.run(() => (store as Store).settle());
    const left = machine.cutPower();
    // The lock files name the process that runs the test.
    const files = left.files().filter((path) => !/\/(LOCK|GATE)$/.test(path));
    return new Map(files.map((path) => [path, Buffer.from(left.readFile(path)).toString('hex')]));
  }

  it('SimMachine.create with the same seed gives the same bytes, with another one others', async () => {
    expect(await life(7)).toEqual(await life(7));
    expect(await life(7)).not.toEqual(await life(8));
  });

  it('SimMachine.create refuses what is out of its bounds', async () => {
    const invalid = { code: 'INVALID' };
    await expect(SimMachine.create({ seed: 0.5 })).rejects.toMatchObject(invalid);
    await expect(SimMachine.create({ diskBytesMax: -1 })).rejects.toMatchObject(invalid);
    const machine = await SimMachine.create({ failedSync: 'revert', diskBytesMax: 4096 });
    const opening = machine.openStore(root);
    expect(HoldfastError.is(await opening.catch((error: unknown) => error), 'FULL')).toBe(true);
    expect(() => machine.cutPowerAfter(-1)).toThrow('whole number');
  });
});

describe('SimMachine and logs', () => {
  it('SimMachine.openWal opens a bare log, which recovers after a power cut', async () => {
    const machine = await SimMachine.create();
    const wal = await machine.openWal('/log');
    await machine.run(() => wal.append(Uint8Array.of(1)));
    await machine.run(() => wal.append(Uint8Array.of(2), { durability: 'batched' }));
    const left = machine.cutPower({ keep: 'none' });
    const again = await left.openWal('/log', { process: 'next' });
    expect(again.lastSeq).toBe(1);
    expect(again.recovery.verdict).toBe('unclean');
    await left.run(() => again.close());
  });
});
