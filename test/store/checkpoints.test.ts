/** Restore points that take themselves while a session is written. */
import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/session/message.ts';
import type { Session } from '../../src/store/api.ts';
import type { CheckpointOptions } from '../../src/store/checkpoint-options.ts';
import { SimMachine } from '../helpers/sim-store.ts';

const say = (text: string): Message => ({ role: 'user', content: text });
const call = (id: string, name: string): Message => ({
  role: 'assistant',
  content: [{ type: 'tool_use', id, name, input: { file_path: `${id}.ts` } }],
});
const result = (id: string, isError = false): Message => ({
  role: 'user',
  content: [{ type: 'tool_result', tool_use_id: id, content: 'done', is_error: isError }],
});

const thick = { spacing: { messagesEach: 0, saved: 0, sameTrigger: 0 } };

async function bench(
  checkpoints: CheckpointOptions | false = thick,
): Promise<{ readonly machine: SimMachine; readonly session: Session }> {
  const machine = await SimMachine.start();
  const store = await machine.open({ checkpoints });
  return { machine, session: await machine.run(store.createSession({ id: 's' })) };
}

const talk = async (
  on: { readonly machine: SimMachine; readonly session: Session },
  ...messages: readonly Message[]
): Promise<void> => {
  for (const message of messages) await on.machine.run(on.session.append(message));
  // A look at the state, so that what is late is folded.
  expect(on.session.state.lastSeq).toBeGreaterThan(0);
  await on.machine.pass(5);
};

const listed = (session: Session): unknown[] =>
  session.snapshots.list().map(({ trigger, messageIndex }) => [trigger, messageIndex]);

describe('checkpoints', () => {
  it('are taken when a tool has written, behind its result and not before', async () => {
    const on = await bench();
    await talk(on, say('go on'), call('a', 'Write'));
    expect(listed(on.session)).toEqual([]);
    await talk(on, result('a'));
    expect(listed(on.session)).toEqual([['file-write', 3]]);
    expect(on.session.checkpointer?.checkpointsTaken).toBe(1);
    const [point] = on.session.snapshots.list();
    const snapshot = await on.machine.run(on.session.snapshots.load(point?.id ?? 0));
    expect(snapshot.state.openCalls).toEqual([]);
    await on.machine.run(snapshot.verify());
  });

  it('wait until every call is answered', async () => {
    const on = await bench();
    const both: Message = {
      role: 'assistant',
      content: ['a', 'b'].map((id) => ({ type: 'tool_use', id, name: 'Write', input: {} })),
    };
    await talk(on, say('go on'), both, result('a'));
    expect(listed(on.session)).toEqual([]);
    await talk(on, result('b'));
    expect(listed(on.session)).toEqual([['file-write', 4]]);
  });

  it('do not wait for a call that the conversation has left behind, also after a restart', async () => {
    const on = await bench();
    await talk(on, say('go on'), call('lost', 'Bash'), say('are you there?'));
    await talk(on, call('a', 'Write'), result('a'));
    expect(listed(on.session)).toEqual([['file-write', 5]]);
    on.machine.kill();
    const store = await on.machine.open({ checkpoints: thick }, 'next');
    const session = await on.machine.run(store.openSession('s'));
    await talk({ machine: on.machine, session }, call('b', 'Write'), result('b'));
    expect(listed(session)).toEqual([
      ['file-write', 5],
      ['file-write', 7],
    ]);
  });

  it('are not taken again after a restart for a conversation that has not changed', async () => {
    const on = await bench();
    await talk(on, say('go on'), call('a', 'Write'), result('a'));
    await on.machine.run(on.session.close());
    on.machine.kill();
    const store = await on.machine.open({ checkpoints: thick }, 'next');
    const session = await on.machine.run(store.openSession('s'));
    expect(session.checkpointer?.checkpointsTaken).toBe(1);
    expect(session.checkpointer?.shouldCheckpoint('file-write')).toBe(false);
    expect(await session.checkpointer?.onEvent('plan-change', 'by hand')).toBe(false);
    const next = { machine: on.machine, session };
    await talk(next, call('b', 'Edit'), result('b', true));
    expect(listed(session)).toEqual([
      ['file-write', 3],
      ['tool-error', 5],
    ]);
  });

  it('notice after a restart what was asked for before it', async () => {
    const on = await bench();
    await talk(on, say('go on'), call('a', 'Write'));
    on.machine.kill();
    const store = await on.machine.open({ checkpoints: thick }, 'next');
    const session = await on.machine.run(store.openSession('s'));
    await talk({ machine: on.machine, session }, result('a'));
    expect(listed(session)).toEqual([['file-write', 3]]);
  });

  it('can be switched off, as a whole or one by one', async () => {
    const off = await bench(false);
    await talk(off, say('go on'), call('a', 'Write'), result('a'));
    expect([listed(off.session), off.session.checkpointer]).toEqual([[], null]);
    const some = await bench({ ...thick, triggers: { 'file-write': false } });
    await talk(some, say('go on'), call('a', 'Write'), result('a'));
    expect(listed(some.session)).toEqual([]);
    await talk(some, call('b', 'Read'), result('b', true));
    expect(listed(some.session)).toEqual([['tool-error', 5]]);
    const machine = await SimMachine.start();
    const wrong = { triggers: { file_write: false } } as unknown as CheckpointOptions;
    await expect(machine.open({ checkpoints: wrong })).rejects.toMatchObject({ code: 'INVALID' });
  });

  it('never fail an append, and one that failed is not counted', async () => {
    const on = await bench();
    await talk(on, say('go on'), call('a', 'Write'));
    // The append itself finds room, what comes behind it does not.
    let writes = 0;
    on.machine.disk.beforeOperation = ({ kind, path }) => {
      if (kind !== 'write' || !path.includes('/journals/')) return undefined;
      writes += 1;
      return writes > 1 ? { errno: 'ENOSPC' } : undefined;
    };
    await on.machine.run(on.session.append(result('a')));
    expect(on.session.state.messages).toBe(3);
    await on.machine.pass(50);
    expect(on.session.checkpointer?.stats).toMatchObject({ checkpointsTaken: 0, failed: 1 });
    on.machine.disk.beforeOperation = null;
    expect(
      await on.machine.run(
        on.session.checkpointer?.onEvent('file-write', 'again') ?? Promise.resolve(false),
      ),
    ).toBe(true);
    expect(listed(on.session)).toEqual([['file-write', 3]]);
  });
});
