/** Appending to a session: order, durability, what is kept of a message, and what is refused. */
import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import type { Message, NewMessage } from '../../src/session/message.ts';
import { validate } from '../../src/store/validate.ts';
import { collect, SimMachine } from '../helpers/sim-store.ts';
import { say, texts } from '../helpers/said.ts';
import { numbered, bench, reopened } from './session-bench.ts';

describe('Session.append', () => {
  it('append answers with the sequences 1, 2, 3 in the order of the calls', async () => {
    const { machine, session } = await bench();
    const appends = numbered(1, 30).map((message) => session.append(message));
    const seqs = (await machine.run(Promise.all(appends))).map(({ seq }) => seq);
    expect(seqs).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
    expect(session.durableUpTo).toBe(30);
    expect(await texts(machine, session)).toEqual(numbered(1, 30).map(({ content }) => content));
  });

  it('append answers in order also when batched and durable ones alternate', async () => {
    const { machine, session } = await bench();
    const order: number[] = [];
    const appends = numbered(1, 40).map(async (message, index) => {
      const durability = index % 3 === 0 ? 'durable' : 'batched';
      const { seq } = await session.append(message, { durability });
      order.push(seq);
      expect(session.state.lastSeq).toBeGreaterThanOrEqual(seq);
    });
    await machine.run(Promise.all(appends));
    expect(order).toEqual([...order].sort((one, two) => one - two));
    expect(order).toHaveLength(40);
  });

  it('append shows what it acknowledged at once, and what was appended behind it', async () => {
    const { machine, session } = await bench();
    for (let seq = 1; seq <= 5; seq += 1) {
      const durability = seq % 2 === 0 ? 'durable' : 'batched';
      await machine.run(session.append(say(`message ${seq}`), { durability }));
      expect(session.state.messages).toBe(seq);
      expect(await texts(machine, session)).toHaveLength(seq);
    }
  });

  it('append with "batched" is durable within the ceiling, and flush makes it so at once', async () => {
    const { machine, session } = await bench();
    await machine.run(session.append(say('one'), { durability: 'batched' }));
    expect(session.durableUpTo).toBe(0);
    await machine.pass(89);
    expect(session.durableUpTo).toBe(0);
    await machine.pass(20);
    expect(session.durableUpTo).toBe(1);
    await machine.run(session.append(say('two'), { durability: 'batched' }));
    expect(session.state).toMatchObject({ lastSeq: 2, durableUpTo: 1 });
    await machine.run(session.flush());
    expect(session.durableUpTo).toBe(2);
  });

  it('append keeps the message as it was when it was called, whatever the caller does to it', async () => {
    const { machine, session } = await bench();
    const block = { type: 'text', text: 'as it was' };
    const message = { role: 'user', content: [block] };
    const appending = session.append(message);
    block.text = 'changed';
    await machine.run(appending);
    expect(await texts(machine, session)).toEqual([[{ type: 'text', text: 'as it was' }]]);
    expect((await machine.run(validate(session))).valid).toBe(true);
  });

  it('append gives back odd values deep-equal', async () => {
    const { machine, store, session } = await bench();
    const odd: NewMessage[] = [
      say(''),
      say('\ud800 lone, \udfff lone, 𝄞 whole, \u0000 nul'),
      { role: 'user', content: [] },
      { role: 'narrator', content: [{ type: 'of-tomorrow', deep: { a: [[[{}]]] } }] },
      JSON.parse('{"role":"user","content":"x","__proto__":{"a":1}}') as Message,
      { role: 'user', content: 'n', usage: { max: Number.MAX_VALUE, big: 2 ** 53, tiny: 5e-324 } },
      { role: 'user', content: [{ type: 'image', source: new Uint8Array([0, 255, 7]) }] },
      { role: 'tool', content: [{ type: 'tool_result', tool_use_id: 't', content: 'x' }] },
      { role: 'user', content: 'extra', timestamp: 5, tags: [null, true, ''], '': 0 },
    ];
    await machine.run(session.appendAll(odd));
    const own = await machine.run(collect(session.messages()));
    expect(own.map(({ message }) => message)).toEqual(odd);
    await machine.run(store.close());
    const next = await reopened(machine);
    const settled = await machine.run(collect(next.session.messages()));
    expect(settled.map(({ message }) => message)).toEqual(odd);
    expect(Object.keys(settled[4]?.message ?? {})).toContain('__proto__');
  });

  it('append drops undefined members and turns -0 into 0, as JSON does', async () => {
    const { machine, session } = await bench();
    const message = { role: 'user', content: 'x', id: undefined, usage: { zero: -0 } };
    await machine.run(session.append(message as unknown as Message));
    const [found] = await machine.run(collect(session.messages()));
    expect(found?.message).toStrictEqual({ role: 'user', content: 'x', usage: { zero: 0 } });
    expect(found?.message.usage).toHaveProperty('zero', 0);
  });

  it.each([
    ['a message that is none', null],
    ['content that is neither text nor blocks', { role: 'user', content: 7 }],
    ['no role', { content: 'x' }],
    ['a function', { role: 'user', content: 'x', call: () => 1 }],
    ['a date', { role: 'user', content: 'x', at: new Date(0) }],
    ['a number that is none', { role: 'user', content: 'x', usage: Number.NaN }],
    ['a bigint', { role: 'user', content: 'x', usage: 1n }],
  ])('append refuses %s with INVALID and appends nothing', async (_what, message) => {
    const { machine, session } = await bench();
    const appending = session.append(message as unknown as Message);
    await expect(machine.run(appending)).rejects.toMatchObject({ code: 'INVALID' });
    expect(session.state.entries).toBe(0);
    expect(await machine.run(session.append(say('next')))).toEqual({ seq: 1 });
  });

  it('append refuses a cycle and a value that is too deep, and names the place', async () => {
    const { machine, session } = await bench();
    const cycle: Record<string, unknown> = { role: 'user', content: 'x' };
    cycle['usage'] = { again: cycle };
    const error: unknown = await machine
      .run(session.append(cycle as unknown as Message))
      .catch((caught: unknown) => caught);
    expect(HoldfastError.is(error) && error.message).toMatch(/usage/);
    expect(session.state.entries).toBe(0);
  });
});

describe('Session.appendAll', () => {
  it('appendAll answers with the range and stays whole on disk', async () => {
    const { machine, session } = await bench();
    await machine.run(session.append(say('first')));
    const range = await machine.run(session.appendAll(numbered(2, 50)));
    expect(range).toEqual({ firstSeq: 2, lastSeq: 50 });
  });

  it('appendAll is all or nothing whatever the crash leaves', async () => {
    const counts = new Set<number>();
    for (let seed = 1; seed <= 60; seed += 1) {
      const machine = await SimMachine.start(seed);
      const store = await machine.open();
      const session = await machine.run(store.createSession({ id: 's' }));
      await machine.run(session.append(say('before')));
      const rest = session.appendAll(numbered(2, 40)).catch((error: unknown) => error);
      machine.disk.crashAfter(seed % 4);
      await machine.pass(5);
      const after = machine.crash(seed);
      const next = await reopened(after);
      counts.add(next.session.state.messages);
      const found = await texts(after, next.session);
      expect(found[0], `seed ${seed}`).toBe('before');
      await rest;
    }
    expect([...counts].sort((one, two) => one - two)).toEqual([1, 40]);
  });

  it('appendAll refuses nothing at all, and one bad message refuses them all', async () => {
    const { machine, session } = await bench();
    await expect(machine.run(session.appendAll([]))).rejects.toMatchObject({ code: 'INVALID' });
    const bad = [say('good'), { role: 'user' } as unknown as Message];
    await expect(machine.run(session.appendAll(bad))).rejects.toMatchObject({ code: 'INVALID' });
    expect(session.state.entries).toBe(0);
    const many = Array.from({ length: 5000 }, () => say('x'));
    await expect(machine.run(session.appendAll(many))).rejects.toMatchObject({ code: 'TOO_LARGE' });
  });

  it('appendAll refuses more bytes than a batch holds, before anything is written', async () => {
    const { machine, session } = await bench();
    const large = say('x'.repeat(30 * 1024 * 1024));
    const refused = machine.run(session.appendAll([large, large, large]));
    await expect(refused).rejects.toMatchObject({ code: 'TOO_LARGE' });
    expect(await machine.run(session.append(say('small')))).toEqual({ seq: 1 });
  });
});

describe('Session abort', () => {
  it('append whose signal was aborted before rejects with the reason and writes nothing', async () => {
    const { machine, session } = await bench();
    const reason = new Error('changed my mind');
    const signal = AbortSignal.abort(reason);
    await expect(machine.run(session.append(say('x'), { signal }))).rejects.toBe(reason);
    expect(await machine.run(session.append(say('y')))).toEqual({ seq: 1 });
  });

  it('append that waits in line can be taken back; the ones around it keep their order', async () => {
    const { machine, session } = await bench();
    const abort = new AbortController();
    const before = session.append(say('before'));
    // In line behind a write that is running.
    await Promise.resolve();
    const taken = session.append(say('taken back'), { signal: abort.signal });
    const after = session.append(say('after'));
    abort.abort(new Error('changed my mind'));
    const results = await machine.run(Promise.allSettled([before, taken, after]));
    const found = await texts(machine, session);
    if (results[1]?.status === 'rejected') expect(found).toEqual(['before', 'after']);
    else expect(found).toEqual(['before', 'taken back', 'after']);
    expect(session.state.entries).toBe(found.length);
  });

  it.each(['a text', 7, null, { is: 'mine' }])(
    'append that is aborted with %o rejects with that as it is, also once it is handed over',
    async (reason) => {
      let taken = 0;
      for (let turns = 0; turns < 12; turns += 1) {
        const { machine, session } = await bench();
        const abort = new AbortController();
        const before = session.append(say('before'));
        await Promise.resolve();
        const waiting = session.append(say('taken back'), { signal: abort.signal });
        const end = waiting.then(
          () => 'answered',
          (error: unknown) => ({ error }),
        );
        for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
        abort.abort(reason);
        await machine.run(before);
        const told = await machine.run(end);
        if (told !== 'answered') {
          taken += 1;
          expect(told, `${turns} turns`).toEqual({ error: reason });
        }
        expect(await texts(machine, session)).toHaveLength(told === 'answered' ? 2 : 1);
      }
      expect(taken).toBeGreaterThan(2);
    },
  );

  it('append that waited in line and is aborted while its sync runs answers all the same', async () => {
    const { machine, store } = await bench();
    await machine.run(store.close());
    const { session } = await reopened(machine);
    const abort = new AbortController();
    // The first append behind an opening waits in line until the session's head names the writer.
    const waited = session.append(say('x'.repeat(10_000)), { signal: abort.signal });
    let isWritten = false;
    machine.disk.beforeOperation = ({ kind, length }) => {
      if (kind === 'sync' && isWritten) abort.abort(new Error('too late'));
      isWritten ||= kind === 'write' && length !== undefined && length >= 10_000;
    };
    expect(await machine.run(waited)).toEqual({ seq: 1 });
    expect(abort.signal.aborted).toBe(true);
    expect(session.state.entries).toBe(1);
  });

  it('append that is written already answers in spite of an abort', async () => {
    const { machine, session } = await bench();
    const abort = new AbortController();
    const { seq } = await machine.run(session.append(say('x'), { signal: abort.signal }));
    abort.abort();
    expect(seq).toBe(1);
    expect(await texts(machine, session)).toEqual(['x']);
  });
});
