/** Outcomes of calls that are unknown or have one, and rewinds that change nothing. */
import { describe, expect, it } from 'vitest';
import type { Session } from '../../src/store/api.ts';
import { SimMachine } from '../helpers/sim-store.ts';

async function bench(): Promise<{ readonly machine: SimMachine; readonly session: Session }> {
  const machine = await SimMachine.start();
  const store = await machine.open();
  return { machine, session: await machine.run(store.createSession({ id: 's' })) };
}

const ok = { status: 'ok' } as const;
const use = { type: 'tool_use', id: 'c', name: 'bash', input: {} } as const;
const result = { type: 'tool_result', tool_use_id: 'c', content: 'done' } as const;
const refused = (words: string) => ({
  code: 'INVALID',
  message: expect.stringContaining(words) as string,
  details: { path: 'callId' },
});

describe('Session.complete', () => {
  it('complete refuses a call that nobody announced, and writes nothing', async () => {
    const { machine, session } = await bench();
    await machine.run(session.append({ role: 'user', content: 'c' }));
    const unknown = machine.run(session.complete('c', ok));
    await expect(unknown).rejects.toMatchObject(refused('nobody announced it'));
    expect(session.state.lastSeq).toBe(1);
  });

  it('complete takes a call with an intent or a tool_use, under way or answered already', async () => {
    const { machine, session } = await bench();
    const intending = session.intend({ id: 'a', name: 'bash' });
    const completing = session.complete('a', ok);
    expect(await machine.run(Promise.all([intending, completing]))).toEqual([
      { seq: 1 },
      { seq: 2 },
    ]);
    await machine.run(session.append({ role: 'assistant', content: [use] }));
    await machine.run(session.append({ role: 'user', content: [result] }));
    expect(await machine.run(session.complete('c', ok))).toEqual({ seq: 5 });
  });

  it('complete stands in front of what is submitted behind it', async () => {
    const { machine, session } = await bench();
    await machine.run(session.intend({ id: 'a', name: 'bash' }));
    const completing = session.complete('a', ok);
    const appending = session.append({ role: 'user', content: 'next' });
    expect(await machine.run(Promise.all([completing, appending]))).toEqual([
      { seq: 2 },
      { seq: 3 },
    ]);
  });

  it('complete refuses a second outcome, open or answered, but for a retry and another try', async () => {
    const { machine, session } = await bench();
    const keyed = { idempotencyKey: 'k' };
    await machine.run(session.append({ role: 'assistant', content: [use] }));
    const first = await machine.run(session.complete('c', ok, keyed));
    expect(await machine.run(session.complete('c', ok, keyed))).toEqual(first);
    const second = machine.run(session.complete('c', { status: 'error' }));
    await expect(second).rejects.toMatchObject(refused('it has one'));
    await machine.run(session.append({ role: 'user', content: [result] }));
    const late = machine.run(session.complete('c', ok, { idempotencyKey: 'other' }));
    await expect(late).rejects.toMatchObject(refused('it has one'));
    await machine.run(session.intend({ id: 'c', name: 'bash' }));
    expect(await machine.run(session.complete('c', ok))).toEqual({ seq: 5 });
  });
});

describe('Session.rewind', () => {
  it('rewind to where the conversation stands writes nothing, and says so', async () => {
    const { machine, session } = await bench();
    await machine.run(session.append({ role: 'user', content: 'one' }));
    const done = await machine.run(session.rewind({ to: { messages: 1 } }));
    expect(done).toMatchObject({ to: 1, movedBy: 0, cut: { from: 2, to: 1 }, seq: null });
    expect(session.state).toMatchObject({ lastSeq: 1, rewound: null });
  });
});
