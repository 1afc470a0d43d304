/** `expectAtLeast` for readers: a session that is shorter than its owner knows is not shown as whole. */
import { describe, expect, it } from 'vitest';
import type { StoreOptions } from '../../src/store/api.ts';
import { RecoveryLab } from '../helpers/recovery-lab.ts';
import { say, texts } from '../helpers/said.ts';
import { SimMachine } from '../helpers/sim-store.ts';

/** A session with three entries, which was closed. */
async function closed(): Promise<SimMachine> {
  const machine = await SimMachine.start();
  const store = await machine.open();
  const session = await machine.run(store.createSession({ id: 's' }));
  for (const text of ['one', 'two', 'three']) await machine.run(session.append(say(text)));
  await machine.run(store.close());
  return machine;
}

/** What opening for reading answers: the number of its messages, or the error. */
async function read(
  machine: SimMachine,
  id: string,
  options: StoreOptions,
  mode?: 'read',
): Promise<unknown> {
  const store = await machine.open(options, 'reader');
  try {
    const session = await machine.run(store.openSession(id, mode === undefined ? {} : { mode }));
    return session.state.messages;
  } catch (error) {
    return error;
  } finally {
    await machine.run(store.close());
  }
}

describe('Store.openSession for reading with expectAtLeast', () => {
  it('openSession refuses a shorter session as opening for writing does', async () => {
    const machine = await closed();
    const expectAtLeast = { s: 4 };
    const writing = (await read(machine, 's', { expectAtLeast })) as Error;
    expect(writing).toMatchObject({
      code: 'DAMAGED',
      details: { sessions: [{ id: 's', lost: [{ from: 4, to: 4 }] }] },
    });
    expect(await read(machine, 's', { expectAtLeast }, 'read')).toEqual(writing);
    expect(await read(machine, 's', { expectAtLeast, mode: 'read' })).toEqual(writing);
    expect(await read(machine, 's', { expectAtLeast: { s: 3 }, mode: 'read' })).toBe(3);
    expect(await read(machine, 'z', { expectAtLeast: { z: 1 }, mode: 'read' })).toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('openSession takes what a dead writer left for what is there, and its torn tail for doubt', async () => {
    const lab = await RecoveryLab.start();
    const writer = await lab.writer('one', ['b']);
    for (let count = 0; count < 3; count += 1) await writer.append('b');
    lab.machine.kill('one');
    const last = lab.entry(-1);
    const expecting = (seq: number) =>
      read(lab.machine, 'b', { expectAtLeast: { b: seq }, mode: 'read' });
    expect(await expecting(3)).toBe(3);
    expect(await expecting(4)).toMatchObject({ code: 'DAMAGED' });
    lab.flip(last.path, last.offset + 70);
    expect(await expecting(2)).toBe(2);
    const details = { id: 'b', inDoubt: { from: 3, to: 3 }, expected: 3 };
    expect(await expecting(3)).toMatchObject({ code: 'IN_DOUBT', details });
    expect(await expecting(4)).toMatchObject({ code: 'DAMAGED' });
    await lab.recover();
    expect(await expecting(3)).toMatchObject({ code: 'IN_DOUBT', details });
    expect(await expecting(4)).toMatchObject({ code: 'DAMAGED' });
  });

  it('openSession waits until a writer at work has noted what is expected of it', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open({}, 'writer');
    const session = await machine.run(store.createSession({ id: 's' }));
    await machine.run(session.append(say('one')));
    await machine.run(session.append(say('two')));
    // Acknowledged, and noted only later: no other process can see it yet.
    const { clock } = machine.disk;
    const beganMs = clock.monotonicMs();
    expect(await read(machine, 's', { expectAtLeast: { s: 2 }, mode: 'read' })).toBe(2);
    expect(clock.monotonicMs() - beganMs).toBeLessThan(1000);
    const options = { expectAtLeast: { s: 3 }, mode: 'read', lockWaitMs: 200 } as const;
    const refused = await read(machine, 's', options);
    expect(refused).toMatchObject({ code: 'LOCKED' });
    expect(String(refused)).toContain('has noted entry 2 as durable so far, and may hold more');
    let appending: Promise<unknown> = Promise.resolve();
    clock.after(300, () => {
      appending = session.append(say('three'));
    });
    expect(await read(machine, 's', { ...options, lockWaitMs: 5000 })).toBe(3);
    await machine.run(appending);
    expect(await texts(machine, session)).toEqual(['one', 'two', 'three']);
  });

  it.each(['read', 'write'] as const)(
    'openSession that waits for a writer at work ends at once when its store, open to %s, closes',
    async (mode) => {
      const machine = await SimMachine.start();
      const writing = await machine.open({}, 'writer');
      const session = await machine.run(writing.createSession({ id: 's' }));
      await machine.run(session.append(say('one')));
      const store = await machine.open({ mode, expectAtLeast: { s: 2 } }, 'reader');
      const openings = Array.from({ length: 20 }, () => store.openSession('s', { mode: 'read' }));
      const ends = Promise.allSettled(openings);
      await machine.pass(500);
      const { clock } = machine.disk;
      const beganMs = clock.monotonicMs();
      await machine.run(store.close());
      expect(clock.monotonicMs() - beganMs).toBeLessThan(100);
      for (const end of await ends) {
        expect(end).toMatchObject({ status: 'rejected', reason: { code: 'CLOSED' } });
      }
      await machine.run(writing.close());
    },
  );
});
