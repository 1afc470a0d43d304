/** Making and opening the sessions of a store, also while other processes do the same. */
import { describe, expect, it } from 'vitest';
import type { Session } from '../../src/store/api.ts';
import { Store } from '../../src/store/store.ts';
import { SimMachine, simRoot } from '../helpers/sim-store.ts';
import { say, texts } from '../helpers/said.ts';

describe('Store.createSession', () => {
  it('createSession refuses what exists with EXISTS, and gives a random id when asked for none', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const one = await machine.run(store.createSession());
    const two = await machine.run(store.createSession());
    expect(one.id).toMatch(/^[0-9a-f]{32}$/);
    expect(two.id).not.toBe(one.id);
    const again = machine.run(store.createSession({ id: one.id }));
    await expect(again).rejects.toMatchObject({ code: 'EXISTS', details: { id: one.id } });
    await machine.run(one.close());
    const closed = machine.run(store.createSession({ id: one.id }));
    await expect(closed).rejects.toMatchObject({ code: 'EXISTS' });
  });

  it.each(['', 'a/b', '..', '.', 'a b', 'é', 'x'.repeat(129), 'nul', 7])(
    'createSession refuses the id %j with INVALID',
    async (id) => {
      const machine = await SimMachine.start();
      const store = await machine.open();
      const before = machine.disk.paths('directory');
      const creating = machine.run(store.createSession({ id: id as string }));
      await expect(creating).rejects.toMatchObject({ code: 'INVALID' });
      expect(machine.disk.paths('directory')).toEqual(before);
    },
  );

  it('createSession records metadata, and refuses bad metadata before there is a session', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const metadata = { model: 'm', provider: 'p', name: 'n', tags: ['a'], extra: { deep: 1 } };
    const session = await machine.run(store.createSession({ id: 's', metadata }));
    expect(session.state).toMatchObject({ model: 'm', provider: 'p', name: 'n', tags: ['a'] });
    expect(session.state.metadata).toEqual(metadata);
    expect(session.durableUpTo).toBe(1);
    const bad = { id: 'bad', metadata: { call: () => 1 } };
    await expect(machine.run(store.createSession(bad))).rejects.toMatchObject({ code: 'INVALID' });
    await machine.run(store.createSession({ id: 'bad' }));
  });

  it('createSession survives a start elsewhere that clears half-made sessions away', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    await machine.run((await machine.open({}, 'other')).close());
    let starts = 0;
    machine.disk.beforeOperation = ({ kind, path }) => {
      if (kind !== 'lock' || !path.includes('/.new-') || starts >= 3) return undefined;
      starts += 1;
      // As if another process had looked between the making of the directory and its locking.
      machine.disk.removePath(path.replace(/\/LOCK$/, ''));
      return undefined;
    };
    const session = await machine.run(store.createSession({ id: 's' }));
    machine.disk.beforeOperation = null;
    expect(starts).toBe(3);
    expect(await machine.run(session.append(say('one')))).toEqual({ seq: 1 });
  });

  it('a start elsewhere does not clear away what is being made', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const creating: Promise<Session>[] = [];
    const others: Promise<void>[] = [];
    for (let count = 0; count < 20; count += 1) {
      creating.push(store.createSession({ id: `s${count}` }));
      others.push(
        Store.openWith(machine.parts(`p${count}`), simRoot, { io: 'pool' }).then((other) =>
          other.close(),
        ),
      );
    }
    await machine.run(Promise.all([...creating, ...others]));
    expect((await machine.recover({ mode: 'verify' })).verdict).toBe('clean');
  });
});

describe('Store.openSession', () => {
  it('openSession answers NOT_FOUND, or creates the session when asked to', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const missing = machine.run(store.openSession('s'));
    await expect(missing).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const reading = machine.run(store.openSession('s', { mode: 'read', create: true }));
    await expect(reading).rejects.toMatchObject({ code: 'INVALID', details: { path: 'create' } });
    const readOnly = await machine.open({ mode: 'read' });
    const made = machine.run(readOnly.openSession('s', { create: true }));
    await expect(made).rejects.toMatchObject({ code: 'READ_ONLY' });
    const session = await machine.run(store.openSession('s', { create: true }));
    expect((await machine.run(readOnly.openSession('s', { create: true }))).mode).toBe('read');
    expect(await machine.run(session.append(say('one')))).toEqual({ seq: 1 });
  });

  it('openSession with create never makes two of one when two processes race', async () => {
    const machine = await SimMachine.start();
    const one = await machine.open({ lockWaitMs: 0 }, 'one');
    const two = await machine.open({ lockWaitMs: 0 }, 'two');
    const options = { create: true };
    const opened = [one, two].map((store) => store.openSession('s', options));
    const results = await machine.run(Promise.allSettled(opened));
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = results.find((result) => result.status === 'rejected');
    expect(refused?.reason).toMatchObject({ code: 'LOCKED' });
  });

  it('openSession and deleteSession tell at once that this store has the session open', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const session = await machine.run(store.createSession({ id: 's' }));
    const { clock } = machine.disk;
    const beganMs = clock.monotonicMs();
    for (const refused of [() => store.openSession('s'), () => store.deleteSession('s')]) {
      await expect(machine.run<unknown>(refused())).rejects.toMatchObject({ code: 'LOCKED' });
    }
    // Two at the same time find it free, and one of them gets it.
    const both = [1, 2].map(() => store.openSession('other', { create: true }));
    const results = await machine.run(Promise.allSettled(both));
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(clock.monotonicMs() - beganMs).toBeLessThan(500);
    // One that is being closed is waited for.
    const closed = session.close();
    await machine.run(store.openSession('s'));
    await closed;
  });

  it('openSession refuses a second writer in the same store with LOCKED', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open({ lockWaitMs: 50 });
    const session = await machine.run(store.createSession({ id: 's' }));
    const second = machine.run(store.openSession('s'));
    await expect(second).rejects.toMatchObject({ code: 'LOCKED' });
    await machine.run(session.close());
    await machine.run(store.openSession('s'));
  });

  it('openSession answers NOT_FOUND when the session is deleted while its lock is waited for', async () => {
    const machine = await SimMachine.start();
    const one = await machine.open({}, 'one');
    const two = await machine.open({}, 'two');
    const session = await machine.run(one.createSession({ id: 's' }));
    const waiting = two.openSession('s').catch((error: unknown) => error);
    await machine.pass(30);
    await machine.run(session.close().then(() => one.deleteSession('s')));
    const outcome = await machine.run(waiting);
    // It may have had the lock first; then the deletion would have been refused.
    expect(outcome).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('openSession waits for an owner whose locks fall one by one, and then has everything', async () => {
    const machine = await SimMachine.start();
    const owner = await machine.open({}, 'owner');
    await machine.run((await machine.run(owner.createSession({ id: 's' }))).close());
    const session = await machine.run(owner.openSession('s'));
    await machine.run(session.append(say('one')));
    const store = await machine.open({}, 'heir');
    machine.disk.stopProcess('owner');
    machine.disk.releaseLocks('owner', `${simRoot}/sessions/s/LOCK`);
    let looks = 0;
    machine.disk.beforeOperation = ({ kind, path }) => {
      if (kind !== 'probe' || !path.includes('/journals/')) return;
      looks += 1;
      // Between a look that found the owner alive and the next one.
      if (looks === 2) machine.disk.releaseLocks('owner');
    };
    const opened = await machine.run(store.openSession('s'));
    expect(looks).toBeGreaterThan(1);
    expect(await texts(machine, opened)).toEqual(['one']);
  });

  it('a store open for reading reads, and refuses to change anything with READ_ONLY', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const session = await machine.run(store.createSession({ id: 's' }));
    await machine.run(session.append(say('one')));
    await machine.pass(50);
    const reader = await machine.open({ mode: 'read' }, 'reader');
    const view = await machine.run(reader.openSession('s'));
    expect(view.mode).toBe('read');
    expect(await texts(machine, view)).toEqual(['one']);
    const refused = { code: 'READ_ONLY' };
    await expect(view.append(say('x'))).rejects.toMatchObject(refused);
    await expect(view.appendAll([say('x')])).rejects.toMatchObject(refused);
    await expect(view.flush()).rejects.toMatchObject(refused);
    await expect(view.intend({ id: 'c', name: 'n' })).rejects.toMatchObject(refused);
    await expect(view.complete('c', { status: 'ok' })).rejects.toMatchObject(refused);
    const status = { kind: 'status', status: 'done' } as const;
    await expect(view.record(status)).rejects.toMatchObject(refused);
    await expect(reader.createSession()).rejects.toMatchObject(refused);
    await expect(reader.deleteSession('s')).rejects.toMatchObject(refused);
    await expect(reader.openSession('s', { mode: 'write' })).rejects.toMatchObject(refused);
    await machine.run(reader.close());
    expect(() => view.messages()).toThrow(/closed/);
  });
});
