/** Settling as a store does it by itself: the journal stays small, and nothing is lost. */
import { describe, expect, it } from 'vitest';
import { validate } from '../../src/store/validate.ts';
import { SimMachine, segmentsOf } from '../helpers/sim-store.ts';
import { say, texts } from '../helpers/said.ts';

/** Number of the newest segment: so many were made. */
function segmentsMade(machine: SimMachine): number {
  return Number(
    segmentsOf(machine)
      .at(-1)
      ?.match(/(\d+)\.segment$/)?.[1],
  );
}

describe('Store settling', () => {
  it('several thousand appends leave a bounded journal, and every one can be read meanwhile', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const ids = ['a', 'b', 'c', 'd'];
    const sessions = await machine.run(Promise.all(ids.map((id) => store.createSession({ id }))));
    let segmentsMost = 0;
    for (let round = 0; round < 100; round += 1) {
      const appends = sessions.flatMap((session, index) =>
        Array.from({ length: 10 }, (_, one) => {
          const durability = (round + index) % 2 === 0 ? 'batched' : 'durable';
          const text = `${session.id} ${round * 10 + one} ${'x'.repeat(one * 30)}`;
          return session.append(say(text), { durability });
        }),
      );
      await machine.run(Promise.all(appends));
      await machine.pass(20);
      segmentsMost = Math.max(segmentsMost, segmentsOf(machine).length);
      const read = sessions[round % 4];
      if (round % 7 === 0 && read !== undefined) {
        const found = await texts(machine, read);
        expect(found).toHaveLength((round + 1) * 10);
        found.forEach((text, index) => {
          expect(String(text).startsWith(`${read.id} ${index} `)).toBe(true);
        });
      }
    }
    expect(segmentsMade(machine)).toBeGreaterThanOrEqual(6);
    expect(segmentsMost).toBeLessThanOrEqual(3);
    await machine.pass(2000);
    expect(segmentsOf(machine).length).toBeLessThanOrEqual(2);
    for (const session of sessions) {
      expect((await machine.run(validate(session))).valid).toBe(true);
    }
    machine.kill();
    const next = await machine.open({}, 'next');
    for (const id of ids) {
      const found = await texts(machine, await machine.run(next.openSession(id)));
      expect(found.map((text) => Number(String(text).split(' ')[1]))).toEqual(
        Array.from({ length: 1000 }, (_, index) => index),
      );
    }
  });

  it('an idle session does not keep old segments alive', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const idle = await machine.run(store.createSession({ id: 'idle' }));
    await machine.run(idle.append(say('once')));
    const busy = await machine.run(store.createSession({ id: 'busy' }));
    for (let count = 0; count < 60; count += 1) {
      await machine.run(busy.append(say('x'.repeat(3000))));
    }
    await machine.pass(1000);
    expect(segmentsMade(machine)).toBeGreaterThan(3);
    expect(segmentsOf(machine).length).toBeLessThanOrEqual(2);
    expect(await texts(machine, idle)).toEqual(['once']);
  });

  it('settle that fails loses nothing and is tried again by itself', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const session = await machine.run(store.createSession({ id: 's' }));
    machine.disk.beforeOperation = ({ kind, path }) =>
      kind === 'write' && path.includes('/history') ? { errno: 'ENOSPC' } : undefined;
    for (let count = 0; count < 60; count += 1) {
      await machine.run(session.append(say(`${count} ${'x'.repeat(3000)}`)));
    }
    await machine.pass(3000);
    expect(segmentsOf(machine).length).toBeGreaterThan(3);
    await expect(machine.run(store.settle())).rejects.toMatchObject({ code: 'FULL' });
    expect(await texts(machine, session)).toHaveLength(60);
    machine.disk.beforeOperation = null;
    await machine.pass(3000);
    expect(segmentsOf(machine).length).toBeLessThanOrEqual(2);
    await machine.run(store.close());
    expect((await machine.recover({ mode: 'verify' })).sessions[0]?.messages).toBe(60);
  });
});
