/** Faults that were found by people who tried to break the engine: each one stays. */
import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/session/message.ts';
import { acceptLossWith } from '../../src/recovery/accept-loss.ts';
import { collect, SimMachine, simRoot } from '../helpers/sim-store.ts';

const say = (text: string): Message => ({ role: 'user', content: text });

/** A machine whose process died with three entries of session `s` in its journal. */
async function crashed(): Promise<SimMachine> {
  const machine = await SimMachine.start();
  const store = await machine.open();
  const session = await machine.run(store.createSession({ id: 's' }));
  for (const text of ['a', 'b', 'c']) await machine.run(session.append(say(text)));
  machine.kill();
  return machine;
}

describe('regressions', () => {
  it('openSession with create says DAMAGED for a directory without its history, and ends', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    machine.disk.makeDirectory(`${simRoot}/sessions/foo`);
    const opening = machine.run(store.openSession('foo', { create: true }));
    await expect(opening).rejects.toMatchObject({ code: 'DAMAGED' });
    const looking = machine.run(store.openSession('foo', { mode: 'read' }));
    await expect(looking).rejects.toMatchObject({ code: 'DAMAGED' });
  });

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
    'openSession opens a session that is named %s again',
    async (id) => {
      const machine = await SimMachine.start();
      const store = await machine.open();
      const session = await machine.run(store.createSession({ id }));
      await machine.run(session.append(say('hello')));
      await machine.run(session.close());
      const again = await machine.run(store.openSession(id));
      expect(again.state.messages).toBe(1);
      await machine.run(store.close());
      expect((await machine.recover()).verdict).toBe('clean');
    },
  );

  it('append refuses a durability that it does not know', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const session = await machine.run(store.createSession());
    const durability = 'Durable' as 'durable';
    const refused = machine.run(session.append(say('x'), { durability }));
    await expect(refused).rejects.toMatchObject({ code: 'INVALID' });
  });

  it('openSession refuses a second handle also when LOCK was removed by hand', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const session = await machine.run(store.createSession({ id: 's' }));
    await machine.run(session.append(say('x')));
    machine.disk.removePath(`${simRoot}/sessions/s/LOCK`);
    await expect(machine.run(store.openSession('s'))).rejects.toMatchObject({ code: 'LOCKED' });
    expect(session.state.messages).toBe(1);
  });

  it('close fails with POISONED when acknowledged batched entries never became durable', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const session = await machine.run(store.createSession({ id: 's' }));
    await machine.run(session.append(say('durable')));
    await machine.run(session.append(say('batched'), { durability: 'batched' }));
    machine.disk.failNext('sync', 'EIO', 1000);
    await expect(machine.run(session.close())).rejects.toMatchObject({ code: 'POISONED' });
    await expect(machine.run(store.close())).resolves.toBeUndefined();
  });

  it('recover with expectAtLeast tells the damage and writes nothing of it down', async () => {
    const machine = await crashed();
    const report = await machine.recover({ mode: 'run', expectAtLeast: { s: 99 } });
    expect(report.verdict).toBe('damaged');
    expect(report.sessions[0]?.lost).toEqual([{ from: 4, to: 99 }]);
    expect((await machine.recover()).verdict).toBe('clean');
    const store = await machine.open({}, 'next');
    const session = await machine.run(store.openSession('s'));
    expect(session.state.messages).toBe(3);
  });

  it('messages pass over a long accepted loss without looking for every sequence', async () => {
    const machine = await crashed();
    const store = await machine.open({}, 'next');
    await machine.run(store.close());
    const path = `${simRoot}/sessions/s/history`;
    const bytes = machine.disk.readFile(path);
    // The frame of entry 2 rots in the history.
    const at = Buffer.from(bytes).indexOf(Buffer.from('user'), 8192 + 200);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    machine.disk.writeFile(path, bytes);
    const parts = machine.parts('person');
    await machine.run(acceptLossWith(parts, simRoot, { session: 's' }));
    const after = await machine.open({}, 'after');
    const session = await machine.run(after.openSession('s'));
    const seqs = (await machine.run(collect(session.messages()))).map(({ seq }) => seq);
    const back = await machine.run(collect(session.messages({ reverse: true })));
    expect(seqs.length).toBe(2);
    expect(back.map(({ seq }) => seq)).toEqual([...seqs].reverse());
  });

  it('sessions counts what is still in the journal of a dead writer', async () => {
    const machine = await crashed();
    const store = await machine.open({ mode: 'read' }, 'reader');
    const [summary] = await machine.run(collect(store.sessions()));
    expect(summary).toMatchObject({ id: 's', messages: 3, entries: 3, open: false });
  });
});
