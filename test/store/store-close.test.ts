/** Closing a store: once, with all that is open in it, and whatever is under way. */
import { describe, expect, it } from 'vitest';
import { SimMachine, simRoot } from '../helpers/sim-store.ts';
import { say, texts } from '../helpers/said.ts';

describe('Store.close', () => {
  it('close is idempotent, closes the sessions, and then answers CLOSED', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const session = await machine.run(store.createSession({ id: 's' }));
    const appending = session.append(say('one'), { durability: 'batched' });
    const closing = store.close();
    expect(store.close()).toBe(closing);
    await machine.run(closing);
    expect(await appending).toEqual({ seq: 1 });
    const closed = { code: 'CLOSED' };
    await expect(session.append(say('two'))).rejects.toMatchObject(closed);
    await expect(store.createSession()).rejects.toMatchObject(closed);
    await expect(store.openSession('s')).rejects.toMatchObject(closed);
    await expect(store.deleteSession('s')).rejects.toMatchObject(closed);
    expect(() => store.sessions()).toThrow(/closed/);
    expect(machine.disk.paths().filter((path) => path.includes('journals/'))).toEqual([]);
    expect(await machine.recover()).toMatchObject({ verdict: 'clean', writers: [] });
  });

  it('close closes every reader also when one of them fails, and throws the first error', async () => {
    const machine = await SimMachine.start();
    const owner = await machine.open({}, 'owner');
    const ids = ['a', 'b', 'c'];
    for (const id of ids) {
      const session = await machine.run(owner.createSession({ id }));
      await machine.run(session.append(say('in the journal')));
    }
    await machine.pass(100);
    for (const mode of ['read', 'write'] as const) {
      const store = await machine.open({ mode }, mode);
      const views = await Promise.all(
        ids.map((id) => machine.run(store.openSession(id, { mode: 'read' }))),
      );
      machine.disk.failNext('close', 'EIO');
      await expect(machine.run(store.close())).rejects.toMatchObject({ code: 'IO' });
      for (const view of views) expect(() => view.messages()).toThrow(/closed/);
      // Its own journal ended well: nothing is left to recover of it.
      expect((await machine.recover()).writers).toHaveLength(1);
    }
  });

  it('close waits for sessions that are being made, opened or deleted', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    await machine.run((await machine.run(store.createSession({ id: 'old' }))).close());
    const work = [
      store.createSession({ id: 'new', metadata: { model: 'm' } }),
      store.openSession('old'),
    ];
    const closing = store.close();
    await machine.run(Promise.all([...work, closing]));
    expect(await machine.recover({ mode: 'verify' })).toMatchObject({
      verdict: 'clean',
      writers: [],
    });
  });

  it('close when the gate is held elsewhere leaves a closed journal, which loses nothing', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open({ lockWaitMs: 100 });
    const session = await machine.run(store.createSession({ id: 's' }));
    await machine.run(session.append(say('one')));
    const gate = machine.disk.locks('other').tryLock(`${simRoot}/GATE`);
    await machine.run(store.close());
    gate?.release();
    expect(await machine.recover({ mode: 'run' })).toMatchObject({ verdict: 'healed' });
    const next = await machine.open({}, 'next');
    expect(await texts(machine, await machine.run(next.openSession('s')))).toEqual(['one']);
  });
});
