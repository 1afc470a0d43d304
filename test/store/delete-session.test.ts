/** Deleting sessions: for ever, as a whole, and beside whatever else goes on. */
import { describe, expect, it } from 'vitest';
import { Store } from '../../src/store/store.ts';
import { collect, SimMachine, simRoot } from '../helpers/sim-store.ts';
import { say, texts } from '../helpers/said.ts';

describe('Store.deleteSession', () => {
  it('deleteSession removes the session for ever, and its id can be used again', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open({ lockWaitMs: 0 });
    const session = await machine.run(store.createSession({ id: 's' }));
    await machine.run(session.appendAll([say('old 1'), say('old 2')]));
    await expect(machine.run(store.deleteSession('s'))).rejects.toMatchObject({ code: 'LOCKED' });
    await machine.run(session.close());
    await machine.run(store.deleteSession('s'));
    await expect(machine.run(store.openSession('s'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(machine.run(store.deleteSession('s'))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(machine.disk.paths().filter((path) => path.includes('trash/'))).toEqual([]);
    const reborn = await machine.run(store.createSession({ id: 's' }));
    expect(await machine.run(reborn.append(say('new')))).toEqual({ seq: 1 });
    machine.kill();
    const next = await machine.open({}, 'next');
    expect(await texts(machine, await machine.run(next.openSession('s')))).toEqual(['new']);
  });

  it('a session deleted with SIGKILL at any step is there whole, or not at all', async () => {
    const outcomes = { whole: 0, gone: 0 };
    for (let step = 0; step < 60; step += 1) {
      const machine = await SimMachine.start(step + 1);
      const store = await machine.open();
      const session = await machine.run(store.createSession({ id: 's' }));
      await machine.run(session.appendAll([say('one'), say('two')]));
      await machine.run(session.close());
      let left = step;
      machine.disk.beforeOperation = () => {
        if (left === 0) machine.kill();
        left -= 1;
      };
      let answered = false;
      const deleting = store.deleteSession('s').then(
        () => {
          answered = true;
        },
        () => undefined,
      );
      await machine.pass(200);
      machine.disk.beforeOperation = null;
      machine.kill();
      await deleting;
      const next = await machine.open({}, 'next');
      const found = await machine.run(next.openSession('s').catch(() => null));
      outcomes[found === null ? 'gone' : 'whole'] += 1;
      if (found === null) await machine.run(next.createSession({ id: 's' }));
      else {
        expect(answered, `step ${step}`).toBe(false);
        expect(await texts(machine, found), `step ${step}`).toEqual(['one', 'two']);
      }
      // A second crash does not change the answer.
      machine.kill('next');
      const last = await machine.open({}, 'last');
      const again = await machine.run(last.openSession('s'));
      expect(again.state.messages, `step ${step}`).toBe(found === null ? 0 : 2);
    }
    expect(outcomes.whole).toBeGreaterThan(2);
    expect(outcomes.gone).toBeGreaterThan(2);
  });

  it('a session whose deletion failed keeps what is appended to it afterwards', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const session = await machine.run(store.createSession({ id: 's' }));
    await machine.run(session.append(say('one')));
    await machine.run(session.close());
    machine.disk.failNext('rename', 'EIO');
    await expect(machine.run(store.deleteSession('s'))).rejects.toMatchObject({ code: 'IO' });
    const again = await machine.run(store.openSession('s'));
    await machine.run(again.append(say('two')));
    machine.kill();
    const next = await machine.open({}, 'next');
    expect(await texts(machine, await machine.run(next.openSession('s')))).toEqual(['one', 'two']);
  });

  it('deleteSession and a start elsewhere, which empties the trash, do not disturb each other', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const ids = Array.from({ length: 12 }, (_, index) => `s${index}`);
    for (const id of ids)
      await machine.run((await machine.run(store.createSession({ id }))).close());
    const deleting = (async () => {
      for (const id of ids) await store.deleteSession(id);
    })();
    const starting = (async () => {
      for (let count = 0; count < 40; count += 1) {
        const parts = machine.parts(`p${count}`);
        const other = await Store.openWith(parts, simRoot, { io: 'pool' });
        await other.close();
      }
    })();
    await machine.run(Promise.all([deleting, starting]));
    expect(await machine.run(collect(store.sessions()))).toEqual([]);
  });
});
