/** The list of the sessions of a store: what it tells, what it costs, and deletions meanwhile. */
import { describe, expect, it } from 'vitest';
import { collect, SimMachine } from '../helpers/sim-store.ts';
import { say } from '../helpers/said.ts';

describe('Store.sessions', () => {
  it('createdMs is the same in a listing, in the state of every handle, and in a snapshot', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open({ checkpoints: false });
    const writer = await machine.run(store.createSession({ id: 's' }));
    expect(writer.state.createdMs).not.toBeNull();
    await machine.pass(1000);
    await machine.run(writer.append(say('a second later')));
    const { id } = await machine.run(writer.snapshots.take({ action: 'here' }));
    const snapshot = await machine.run(writer.snapshots.load(id));
    const reader = await machine.run(store.openSession('s', { mode: 'read' }));
    const [summary] = await machine.run(collect(store.sessions()));
    const told = [summary?.createdMs, reader.state.createdMs, snapshot.state.createdMs];
    expect(new Set([...told, writer.state.createdMs]).size).toBe(1);
    expect(writer.state.updatedMs).toBeGreaterThan(Number(writer.state.createdMs));
  });

  it('sessions lists every session by id, with what its head tells', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    for (const id of ['b', 'a', 'c']) {
      const session = await machine.run(store.createSession({ id }));
      await machine.run(session.append(say(`hello from ${id}`)));
      await machine.run(session.record({ kind: 'status', status: 'done' }));
      if (id !== 'c') await machine.run(session.close());
    }
    const found = await machine.run(collect(store.sessions()));
    expect(found.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(found[0]).toMatchObject({
      title: 'hello from a',
      messages: 1,
      entries: 2,
      damaged: false,
      open: false,
    });
    expect(found[0]?.bytes).toBeGreaterThan(8192);
    expect(found[0]?.createdMs).toBe(machine.disk.clock.nowMs() - machine.disk.clock.monotonicMs());
    expect(found[2]?.open).toBe(true);
    // Open here and not yet settled: its head knows no title.
    expect(found[2]?.title).toBe('hello from c');
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(machine.run(collect(store.sessions({ signal })))).rejects.toThrow('enough');
  });

  it('sessions takes five operations for a head, when its turn comes, and none behind the last', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    for (const id of ['a', 'b', 'c', 'd']) {
      await machine.run((await machine.run(store.createSession({ id }))).close());
    }
    const touched: string[] = [];
    machine.disk.beforeOperation = ({ path }) => {
      const [, id] = /sessions\/(\w+)/.exec(path) ?? [];
      if (id !== undefined) touched.push(id);
      return undefined;
    };
    const listing = (async () => {
      for await (const { id } of store.sessions()) {
        expect(touched.at(-1)).toBe(id);
        if (id === 'c') break;
      }
    })();
    await machine.run(listing);
    machine.disk.beforeOperation = null;
    expect(new Set(touched)).toEqual(new Set(['a', 'b', 'c']));
    expect(touched.length).toBeLessThanOrEqual(3 * 5);
  });

  it('sessions goes on past a session that is deleted while it lists', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    for (const id of ['a', 'b', 'c']) {
      await machine.run((await machine.run(store.createSession({ id }))).close());
    }
    const ids: string[] = [];
    const listing = (async () => {
      for await (const { id } of store.sessions()) {
        ids.push(id);
        if (id === 'a') await store.deleteSession('b');
      }
    })();
    await machine.run(listing);
    expect(ids).toEqual(['a', 'c']);
  });
});
