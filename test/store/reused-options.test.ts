/**
 * What a caller does to the object that it gave after the call: an append may wait for its turn, and is
 * kept as it was asked for. A durable one was answered as a batched one, and lost with the power.
 */
import { describe, expect, it } from 'vitest';
import { openWal } from '../../src/log/open-wal.ts';
import type { Message } from '../../src/session/message.ts';
import type { AppendOptions } from '../../src/store/api.ts';
import { collect, SimMachine } from '../helpers/sim-store.ts';

const say = (content: string): Message => ({ role: 'user', content });

/** A session whose first append waits until the session is attached. */
async function unattached() {
  const machine = await SimMachine.start(5);
  const store = await machine.open();
  await machine.run((await machine.run(store.createSession({ id: 's' }))).close());
  return { machine, session: await machine.run(store.openSession('s')) };
}

async function afterPowerCut(machine: SimMachine): Promise<unknown[]> {
  const after = new SimMachine(machine.disk.crash({ keep: 'none' }));
  const store = await after.open({}, 'after');
  const session = await after.run(store.openSession('s'));
  return (await after.run(collect(session.messages()))).map(({ message }) => message.content);
}

describe('options of an append', () => {
  it('are taken when it is called: one object may serve for the next call at once', async () => {
    const { machine, session } = await unattached();
    const options: { durability: 'durable' | 'batched' } = { durability: 'durable' };
    const durable = session.append(say('placed'), options);
    options.durability = 'batched';
    const batched = session.append(say('progress'), options);
    await machine.run(durable);
    expect(session.durableUpTo).toBeGreaterThanOrEqual(1);
    await machine.run(batched);
    expect((await afterPowerCut(machine))[0]).toBe('placed');
  });

  it('are read once: a getter that says something else later changes nothing', async () => {
    const { machine, session } = await unattached();
    const said: unknown[] = ['durable', 'weird', {}, null];
    const options = {
      get durability() {
        return said.shift();
      },
    };
    await machine.run(session.append(say('kept'), options as AppendOptions));
    expect(await afterPowerCut(machine)).toEqual(['kept']);
  });

  it('that throw when they are read are INVALID, and nothing is written', async () => {
    const { machine, session } = await unattached();
    const throwing = {
      get signal(): AbortSignal {
        throw new Error('not today');
      },
    };
    const refused = { code: 'INVALID', details: { path: 'signal' } };
    await expect(machine.run(session.append(say('no'), throwing))).rejects.toMatchObject(refused);
    expect(session.state.entries).toBe(0);
  });
});

describe('what is to be appended', () => {
  it('is taken when it is called for: an outcome that waits for its call', async () => {
    const { machine, session } = await unattached();
    const outcome = { status: 'ok' as const, content: [{ type: 'text', text: 'done' }] };
    const intended = session.intend({ id: 'c', name: 'tool', input: {} });
    const completed = session.complete('c', outcome);
    Object.assign(outcome.content[0] ?? {}, { text: 'changed' });
    await machine.run(Promise.all([intended, completed]));
    const entries = await machine.run(collect(session.entries()));
    const expected = { kind: 'outcome', outcome: { content: [{ type: 'text', text: 'done' }] } };
    expect(entries.at(-1)?.event).toMatchObject(expected);
  });

  it('is taken when it is called for: the new end behind a rewind', async () => {
    const { machine, session } = await unattached();
    await machine.run(session.appendAll([say('one'), say('two')]));
    const end = { role: 'user' as const, content: 'as asked for' };
    const rewinding = session.rewind({ to: { messages: 1 }, append: [end] });
    end.content = 'changed';
    await machine.run(rewinding);
    expect((await afterPowerCut(machine)).at(-1)).toBe('as asked for');
  });
});

describe('a list of messages', () => {
  it.each([
    ['more than its length', 5000],
    ['nothing', 0],
  ])('is read by its places when its iterator gives %s', async (_, count) => {
    const { machine, session } = await unattached();
    const list = [say('one'), say('two')];
    const iterate = function* (): Generator<Message> {
      for (let at = 0; at < count; at += 1) yield say('never');
    };
    Object.defineProperty(list, Symbol.iterator, { value: iterate });
    expect(await machine.run(session.appendAll(list))).toEqual({ firstSeq: 1, lastSeq: 2 });
    const rewound = await machine.run(session.rewind({ to: { messages: 1 }, append: list }));
    expect(rewound.messagesAfter).toBe(3);
  });

  it('that throws when it is read is INVALID at its place', async () => {
    const { machine, session } = await unattached();
    const list = [say('one')];
    Object.defineProperty(list, 0, {
      get() {
        throw new Error('not today');
      },
    });
    const refused = { code: 'INVALID', details: { path: 'messages[0]' } };
    await expect(machine.run(session.appendAll(list))).rejects.toMatchObject(refused);
  });
});

describe('options of an append to a bare log', () => {
  it('are taken when it is called', async () => {
    const machine = await SimMachine.start(5);
    const log = await machine.run(openWal(machine.parts('one'), '/log', { io: 'pool' }));
    const options: { durability: 'durable' | 'batched' } = { durability: 'durable' };
    const durable = log.append(new Uint8Array([1]), options);
    options.durability = 'batched';
    await machine.run(durable);
    expect(log.durableUpTo).toBe(1);
  });
});
