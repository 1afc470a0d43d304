/** Sessions as a program uses them, on a simulated machine: quick, and the same every time. */
import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import type { Message, NewMessage } from '../../src/session/message.ts';
import type { Session } from '../../src/store/api.ts';
import type { Store } from '../../src/store/store.ts';
import { validate } from '../../src/store/validate.ts';
import { collect, SimMachine } from '../helpers/sim-store.ts';

const say = (text: string): Message => ({ role: 'user', content: text });
const numbered = (from: number, to: number): Message[] =>
  Array.from({ length: to - from + 1 }, (_, index) => say(`message ${from + index}`));

interface Bench {
  readonly machine: SimMachine;
  readonly store: Store;
  readonly session: Session;
}

async function bench(options = {}): Promise<Bench> {
  const machine = await SimMachine.start();
  const store = await machine.open(options);
  const session = await machine.run(store.createSession({ id: 's' }));
  return { machine, store, session };
}

/** Texts of all messages, as the handle shows them. */
async function texts(machine: SimMachine, session: Session, options = {}): Promise<unknown[]> {
  const found = await machine.run(collect(session.messages(options)));
  return found.map(({ message }) => message.content);
}

async function reopened(machine: SimMachine): Promise<Bench> {
  const store = await machine.open({}, 'next');
  const session = await machine.run(store.openSession('s'));
  return { machine, store, session };
}

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

describe('Session idempotency', () => {
  it('a repeated key answers with the first seq and appends nothing', async () => {
    const { machine, session } = await bench();
    const first = session.append(say('once'), { idempotencyKey: 'k' });
    const second = session.append(say('once'), { idempotencyKey: 'k' });
    expect(await machine.run(Promise.all([first, second]))).toEqual([{ seq: 1 }, { seq: 1 }]);
    expect(await machine.run(session.append(say('once'), { idempotencyKey: 'k' }))).toEqual({
      seq: 1,
    });
    expect(session.state.entries).toBe(1);
    expect(await machine.run(session.append(say('two')))).toEqual({ seq: 2 });
  });

  it('a key of appendAll answers with the same range, also after a crash and a reopen', async () => {
    const { machine, session } = await bench();
    const options = { idempotencyKey: 'turn-7' };
    const range = await machine.run(session.appendAll(numbered(1, 5), options));
    expect(range).toEqual({ firstSeq: 1, lastSeq: 5 });
    expect(await machine.run(session.appendAll(numbered(1, 5), options))).toEqual(range);
    machine.kill();
    const crashed = await reopened(machine);
    expect(await machine.run(crashed.session.appendAll(numbered(1, 5), options))).toEqual(range);
    await machine.run(crashed.store.close());
    const last = await machine.open({}, 'last');
    const again = await machine.run(last.openSession('s'));
    expect(await machine.run(again.appendAll(numbered(1, 5), options))).toEqual(range);
    expect(again.state.entries).toBe(5);
  });

  it('a key whose append failed is free again', async () => {
    const { machine, session } = await bench();
    const options = { idempotencyKey: 'k' };
    machine.disk.failNext('write', 'ENOSPC');
    await expect(machine.run(session.append(say('x'), options))).rejects.toBeDefined();
    const { seq } = await machine.run(session.append(say('x'), options));
    expect(await machine.run(session.append(say('x'), options))).toEqual({ seq });
    expect(session.state.entries).toBe(1);
  });

  it('a durable append with the key of a batched one waits until that one is durable', async () => {
    const { machine, session } = await bench();
    const options = { idempotencyKey: 'k' };
    await machine.run(session.append(say('x'), { ...options, durability: 'batched' }));
    expect(session.durableUpTo).toBe(0);
    expect(await machine.run(session.append(say('x'), options))).toEqual({ seq: 1 });
    expect(session.durableUpTo).toBe(1);
  });
});

describe('Session idempotency of appends that are on their way', () => {
  const key = 'k';

  /** Two appends with one key, of which the first is taken back before it is written. */
  async function takenBack() {
    const { machine, store, session: made } = await bench();
    await machine.run(made.append(say('before')));
    await machine.run(made.close());
    const session = await machine.run(store.openSession('s'));
    const abort = new AbortController();
    // In line until the head names this writer.
    const first = session.append(say('keyed'), { idempotencyKey: key, signal: abort.signal });
    return { machine, session, first, abort };
  }

  it('an append whose key belongs to one that is aborted is written itself', async () => {
    const { machine, session, first, abort } = await takenBack();
    const second = session.append(say('keyed'), { idempotencyKey: key });
    const third = session.append(say('keyed'), { idempotencyKey: key });
    const later = session.append(say('later'));
    abort.abort(new Error('changed my mind'));
    const [one, two, same, last] = await machine.run(
      Promise.allSettled([first, second, third, later]),
    );
    expect(one).toMatchObject({ reason: { message: 'changed my mind' } });
    expect(two).toEqual({ status: 'fulfilled', value: { seq: 2 } });
    expect(same).toEqual(two);
    expect(last).toEqual({ status: 'fulfilled', value: { seq: 3 } });
    expect(await texts(machine, session)).toEqual(['before', 'keyed', 'later']);
    expect(await machine.run(session.append(say('keyed'), { idempotencyKey: key }))).toEqual({
      seq: 2,
    });
  });

  it('an append that waits for the key of another one is rejected with its own reason', async () => {
    const { machine, session, first, abort } = await takenBack();
    const own = new AbortController();
    const options = { idempotencyKey: key, signal: own.signal };
    const second = session.append(say('keyed'), options);
    const third = session.append(say('keyed'), { idempotencyKey: key, durability: 'batched' });
    abort.abort(new Error('first'));
    own.abort(new Error('second'));
    const flushed = session.flush().then(() => session.durableUpTo);
    const [one, two, last] = await machine.run(Promise.allSettled([first, second, third]));
    expect([one, two]).toMatchObject([
      { reason: { message: 'first' } },
      { reason: { message: 'second' } },
    ]);
    expect(last).toEqual({ status: 'fulfilled', value: { seq: 2 } });
    // A barrier that came behind it has waited for it.
    expect(await machine.run(flushed)).toBe(2);
  });

  it('an append of something else with a key that comes free is written, and closing waits', async () => {
    const { machine, session, first, abort } = await takenBack();
    const second = session.append(say('other'), { idempotencyKey: key });
    const third = session.append(say('keyed'), { idempotencyKey: key });
    abort.abort(new Error('changed my mind'));
    const closed = session.close();
    const [one, two, last] = await machine.run(Promise.allSettled([first, second, third]));
    expect(one.status).toBe('rejected');
    expect(two).toEqual({ status: 'fulfilled', value: { seq: 2 } });
    expect(last).toMatchObject({ reason: { code: 'INVALID' } });
    await machine.run(closed);
  });

  it('a durable append behind a batched one and in front of a third one waits for nobody', async () => {
    const { machine, session } = await bench();
    const batched = { idempotencyKey: key, durability: 'batched' } as const;
    const all = [batched, { idempotencyKey: key }, batched, { idempotencyKey: key }];
    const answers = all.map((options) => session.append(say('keyed'), options));
    expect(await machine.run(Promise.all(answers))).toEqual(all.map(() => ({ seq: 1 })));
    expect(session.state.entries).toBe(1);
    expect(session.durableUpTo).toBe(1);
  });
});

describe('Session idempotency with other content', () => {
  const key = { idempotencyKey: 'k' };
  const refused = { code: 'INVALID', details: { path: 'idempotencyKey' } };

  it('a key that was used for something else is refused with the key and the seq', async () => {
    const { machine, session } = await bench();
    await machine.run(session.append(say('before')));
    const first = session.append(say('first'), key);
    // Also while the first one is on its way.
    const early = machine.run(session.append(say('second'), key));
    await expect(early).rejects.toMatchObject(refused);
    await machine.run(first);
    const late = machine.run(session.append(say('second'), key));
    await expect(late).rejects.toMatchObject({
      ...refused,
      message: expect.stringMatching(/"k".*entry 2/) as string,
    });
    const others = [
      session.appendAll([say('first'), say('second')], key),
      session.record({ kind: 'status', status: 'first' }, key),
    ];
    for (const result of await machine.run(Promise.allSettled(others))) {
      expect(result).toMatchObject({ status: 'rejected', reason: refused });
    }
    expect(session.state.entries).toBe(2);
  });

  it('a key of many entries is refused for fewer, more, and others in their place', async () => {
    const { machine, session } = await bench();
    const [one, two, three] = [say('one'), say('two'), say('three')];
    await machine.run(session.appendAll([one, two], key));
    for (const messages of [[one], [one, two, three], [two, one]]) {
      const again = machine.run(session.appendAll(messages, key));
      await expect(again).rejects.toMatchObject(refused);
    }
    const same = await machine.run(session.appendAll([one, two], key));
    expect(same).toEqual({ firstSeq: 1, lastSeq: 2 });
  });

  it('content is compared as it is kept, in any order of members, after any reopen', async () => {
    const { machine, session } = await bench();
    const bytes = new Uint8Array([1, 2, 3]);
    const first = { role: 'user', content: 'x', extra: { a: -0, b: undefined, bytes } };
    const same = { extra: { bytes, a: 0 }, content: 'x', role: 'user' };
    const other = { ...same, extra: { bytes: new Uint8Array([1, 2, 4]), a: 0 } };
    await machine.run(session.append(first, key));
    expect(await machine.run(session.append(same, key))).toEqual({ seq: 1 });
    machine.kill();
    const crashed = await reopened(machine);
    expect(await machine.run(crashed.session.append(same, key))).toEqual({ seq: 1 });
    const again = machine.run(crashed.session.append(other, key));
    await expect(again).rejects.toMatchObject(refused);
  });

  it('content is what it was at the time of the call', async () => {
    const { machine, session } = await bench();
    const message = { role: 'user', content: 'x' };
    const calls = [session.append(message, key), session.append(message, key)];
    message.content = 'changed';
    expect(await machine.run(Promise.all(calls))).toEqual([{ seq: 1 }, { seq: 1 }]);
  });
});

describe('Session whose history takes nothing', () => {
  it('append fails with IO once it holds the journal up, and the other sessions go on', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const broken = await machine.run(store.createSession({ id: 'broken' }));
    const other = await machine.run(store.createSession({ id: 'other' }));
    await machine.run(broken.append(say('in the way')));
    machine.disk.beforeOperation = ({ kind, path }) => {
      const isIts = path.includes('/broken/history') || path.includes('/.new-');
      return kind === 'write' && isIts && !path.includes('segment') ? { errno: 'EIO' } : undefined;
    };
    // The largest segments hold one of these.
    const large = say('x'.repeat(9 * 1024 * 1024));
    let refused: unknown = null;
    for (let count = 0; count < 36; count += 1) await machine.run(other.append(large));
    await machine.run(broken.append(say('no'))).catch((error: unknown) => {
      refused = error;
    });
    expect(refused).toMatchObject({ code: 'IO', message: expect.stringContaining('"broken"') });
    await machine.run(other.append(say('still')));
    machine.disk.beforeOperation = null;
    await machine.pass(2_000);
    expect(await machine.run(broken.append(say('again')))).toEqual({ seq: 2 });
    await machine.run(store.close());
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

  it('append that is written already answers in spite of an abort', async () => {
    const { machine, session } = await bench();
    const abort = new AbortController();
    const { seq } = await machine.run(session.append(say('x'), { signal: abort.signal }));
    abort.abort();
    expect(seq).toBe(1);
    expect(await texts(machine, session)).toEqual(['x']);
  });
});

describe('Session.messages', () => {
  const shape = [
    [{}, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
    [{ from: 4 }, [4, 5, 6, 7, 8, 9, 10]],
    [{ to: 3 }, [1, 2, 3]],
    [{ from: 4, to: 6 }, [4, 5, 6]],
    [{ from: 7, to: 6 }, []],
    [{ from: 11 }, []],
    [{ limit: 3 }, [1, 2, 3]],
    [{ limit: 0 }, []],
    [{ reverse: true, limit: 3 }, [10, 9, 8]],
    [{ reverse: true, from: 2, to: 4 }, [4, 3, 2]],
    [{ from: 0, to: 2 }, [1, 2]],
  ] as const;

  it.each(shape)(
    'messages(%j) gives the same from the journal and from the history',
    async (options, seqs) => {
      const { machine, store, session } = await bench();
      await machine.run(session.appendAll(numbered(1, 4)));
      await machine.run(session.appendAll(numbered(5, 6)));
      const read = async (): Promise<number[]> =>
        (await machine.run(collect(session.messages(options)))).map(({ seq }) => seq);
      await machine.run(session.appendAll(numbered(7, 10)));
      expect(await read()).toEqual(seqs);
      await machine.run(store.settle());
      expect(await read()).toEqual(seqs);
    },
  );

  it('messages counts its limit in messages, and entries in entries', async () => {
    const { machine, session } = await bench();
    await machine.run(session.record({ kind: 'status', status: 'running' }));
    await machine.run(session.appendAll(numbered(2, 4)));
    const found = await machine.run(collect(session.messages({ limit: 2 })));
    expect(found.map(({ seq }) => seq)).toEqual([2, 3]);
    const entries = await machine.run(collect(session.entries({ limit: 2 })));
    expect(entries.map(({ event }) => event.kind)).toEqual(['status', 'message']);
    const last = await machine.run(collect(session.messages({ reverse: true, limit: 1 })));
    expect(last.map(({ seq }) => seq)).toEqual([4]);
  });

  it('messages reads again what was appended since an earlier read', async () => {
    const { machine, session } = await bench();
    for (let count = 1; count <= 30; count += 1) {
      await machine.run(session.append(say(`message ${count}`)));
      expect(await texts(machine, session)).toHaveLength(count);
    }
  });

  it('messages stays whole while it is settled under the reader', async () => {
    const { machine, store, session } = await bench();
    await machine.run(session.appendAll(numbered(1, 20)));
    const seqs: number[] = [];
    const reading = (async () => {
      for await (const { seq } of session.messages()) {
        seqs.push(seq);
        if (seq % 3 === 0) await store.settle();
        if (seq % 5 === 0) await session.append(say(`later ${seq}`));
      }
    })();
    await machine.run(reading);
    expect(seqs).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  it('messages finds every entry at every step of a settling', async () => {
    for (let step = 0; step < 120; step += 1) {
      const { machine, store, session } = await bench();
      await machine.run(session.appendAll(numbered(1, 5)));
      const settling = store.settle();
      for (let turn = 0; turn < step; turn += 1) await Promise.resolve();
      const found = await texts(machine, session);
      expect(found, `step ${step}`).toHaveLength(5);
      await machine.run(settling);
    }
  });

  it('messages ends with the reason of an aborted signal', async () => {
    const { machine, session } = await bench();
    await machine.run(session.appendAll(numbered(1, 5)));
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(machine.run(collect(session.messages({ signal })))).rejects.toThrow('enough');
  });

  it.each([{ from: -1 }, { to: 1.5 }, { limit: Number.NaN }, { limit: -1 }])(
    'messages(%o) is refused with INVALID',
    async (options) => {
      const { machine, session } = await bench();
      const reading = machine.run(collect(session.messages(options)));
      await expect(reading).rejects.toMatchObject({ code: 'INVALID' });
    },
  );
});

describe('Session tool calls', () => {
  const call = { id: 'call-1', name: 'write_file', input: { path: 'a' } };

  it('an intent is durable before it resolves, and an outcome ends it', async () => {
    const { machine, session } = await bench();
    const { seq } = await machine.run(session.intend(call));
    expect(session.durableUpTo).toBe(seq);
    expect(session.state.openCalls).toMatchObject([
      { callId: 'call-1', name: 'write_file', intentSeq: seq, progress: 'started' },
    ]);
    await machine.run(session.complete('call-1', { status: 'ok' }));
    expect(session.state.openCalls.filter(({ progress }) => progress === 'started')).toEqual([]);
  });

  it('an intent without an outcome is an unknown outcome after a crash, and stays one', async () => {
    const { machine, session } = await bench();
    await machine.run(session.intend(call));
    machine.kill();
    const report = await machine.recover({ mode: 'scan' });
    expect(report.sessions[0]?.unknownOutcomes).toEqual([
      { callId: 'call-1', name: 'write_file', seq: 1 },
    ]);
    const next = await reopened(machine);
    expect(next.session.state.openCalls).toMatchObject([{ progress: 'unknown-outcome' }]);
    expect(next.session.recoveries).toMatchObject([{ kept: { from: 1, to: 1 }, inDoubt: null }]);
    await machine.run(next.store.close());
    const last = await machine.open({}, 'last');
    const again = await machine.run(last.openSession('s'));
    expect(again.state.openCalls).toMatchObject([{ progress: 'unknown-outcome' }]);
    await machine.run(again.complete('call-1', { status: 'ok' }));
    const open = again.state.openCalls.map(({ progress }) => progress);
    expect(open).not.toContain('unknown-outcome');
  });

  it('an intent that was closed properly without an outcome did not crash', async () => {
    const { machine, store, session } = await bench();
    await machine.run(session.intend(call));
    await machine.run(store.close());
    const next = await reopened(machine);
    expect(next.session.state.openCalls).toMatchObject([{ progress: 'started' }]);
    expect(next.session.recoveries).toEqual([]);
  });

  it('intend and complete refuse what is no call with INVALID', async () => {
    const { machine, session } = await bench();
    const broken = { name: 'x' } as unknown as typeof call;
    await expect(machine.run(session.intend(broken))).rejects.toMatchObject({ code: 'INVALID' });
    const outcome = { status: 'fine' } as unknown as { status: 'ok' };
    const completing = session.complete('call-1', outcome);
    await expect(machine.run(completing)).rejects.toMatchObject({ code: 'INVALID' });
  });
});

describe('Session.state', () => {
  it('state folds messages, metadata and status, and does not change afterwards', async () => {
    const { machine, session } = await bench();
    await machine.run(session.record({ kind: 'metadata', metadata: { model: 'm', tags: ['a'] } }));
    await machine.run(session.record({ kind: 'status', status: 'running' }));
    await machine.run(session.append(say('hello')));
    const before = session.state;
    const use = { type: 'tool_use', id: 't1', name: 'ls', input: {} };
    await machine.run(session.append({ role: 'assistant', content: [use] }));
    await machine.run(session.record({ kind: 'metadata', metadata: { model: null, cwd: '/x' } }));
    expect(before).toMatchObject({ messages: 1, userMessages: 1, model: 'm', status: 'running' });
    expect(session.state).toMatchObject({
      lastSeq: 5,
      durableUpTo: 5,
      entries: 5,
      messages: 2,
      assistantMessages: 1,
      toolUses: 1,
      model: null,
      cwd: '/x',
      tags: ['a'],
      openCalls: [{ callId: 't1', messageSeq: 4, progress: 'not-started' }],
    });
  });

  it('state is the same after settling, after a clean reopen and after a crash', async () => {
    const { machine, store, session } = await bench();
    await machine.run(session.record({ kind: 'metadata', metadata: { model: 'm' } }));
    await machine.run(session.appendAll(numbered(2, 9)));
    const state = session.state;
    await machine.run(store.settle());
    expect(session.state).toEqual(state);
    await machine.run(store.close());
    const next = await reopened(machine);
    expect(next.session.state).toEqual(state);
    await machine.run(next.session.append(say('ten')));
    const later = next.session.state;
    machine.kill('next');
    const last = await machine.open({}, 'last');
    expect((await machine.run(last.openSession('s'))).state).toEqual(later);
  });
});

describe('Session.record', () => {
  it('record takes metadata, status and custom events, and nothing else', async () => {
    const { machine, session } = await bench();
    const custom = { kind: 'custom', name: 'note', data: { a: [1, null] } } as const;
    expect(await machine.run(session.record(custom))).toEqual({ seq: 1 });
    const [entry] = await machine.run(collect(session.entries()));
    expect(entry?.event).toEqual(custom);
    const message = { kind: 'message', message: say('x') } as never;
    const recording = machine.run(session.record(message));
    await expect(recording).rejects.toMatchObject({ code: 'INVALID' });
  });
});

describe('Session.close', () => {
  it('close is idempotent, waits for what is on its way, and then answers CLOSED', async () => {
    const { machine, session } = await bench();
    const appends = numbered(1, 12).map((message) =>
      session.append(message, { durability: 'batched' }),
    );
    const closing = Promise.all([session.close(), session.close()]);
    await expect(session.append(say('late'))).rejects.toMatchObject({ code: 'CLOSED' });
    await machine.run(closing);
    expect((await machine.run(Promise.all(appends))).at(-1)).toEqual({ seq: 12 });
    await machine.run(session.close());
    await expect(session.append(say('x'))).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(session.flush()).rejects.toMatchObject({ code: 'CLOSED' });
    expect(() => session.entries()).toThrow(/closed/);
    expect(() => session.messages()).toThrow(/closed/);
    expect(session.state.messages).toBe(12);
  });

  it("close leaves everything in the session's own history", async () => {
    const { machine, store, session } = await bench();
    await machine.run(session.appendAll(numbered(1, 9)));
    await machine.run(session.close());
    const reader = await machine.run(store.openSession('s', { mode: 'read' }));
    expect(await texts(machine, reader)).toHaveLength(9);
    const again = await machine.run(store.openSession('s'));
    expect(await machine.run(again.append(say('ten')))).toEqual({ seq: 10 });
    expect(await texts(machine, again)).toHaveLength(10);
  });

  it('close that fails keeps the session and can be tried again', async () => {
    const { machine, session } = await bench();
    await machine.run(session.appendAll(numbered(1, 3)));
    machine.disk.beforeOperation = ({ kind, path }) =>
      kind === 'write' && path.endsWith('history') ? { errno: 'ENOSPC' } : undefined;
    await expect(machine.run(session.close())).rejects.toMatchObject({ code: 'FULL' });
    machine.disk.beforeOperation = null;
    expect(await machine.run(session.append(say('four')))).toEqual({ seq: 4 });
    await machine.run(session.close());
    const next = await machine.recover();
    expect(next.sessions[0]).toMatchObject({ lastSeq: 4, messages: 4 });
  });

  it('a session that nothing was appended to leaves no trace of a writer', async () => {
    const { machine, store, session } = await bench();
    await machine.run(session.append(say('one')));
    await machine.run(session.close());
    const again = await machine.run(store.openSession('s'));
    await machine.run(again.close());
    machine.kill();
    const report = await machine.recover({ mode: 'run' });
    expect(report.sessions[0]).toMatchObject({ verdict: 'clean', lastSeq: 1 });
  });
});

describe('Session after a failure', () => {
  it('a session whose attaching failed loses no sequence and goes on', async () => {
    const { machine, store, session } = await bench();
    await machine.run(session.append(say('one')));
    await machine.run(session.close());
    const again = await machine.run(store.openSession('s'));
    machine.disk.beforeOperation = ({ kind, path }) =>
      kind === 'sync' && path.endsWith('history') ? { errno: 'EIO' } : undefined;
    await expect(machine.run(again.append(say('refused')))).rejects.toMatchObject({ code: 'IO' });
    machine.disk.beforeOperation = null;
    await machine.run(again.append(say('two')));
    expect((await texts(machine, again)).at(-1)).toBe('two');
    await machine.run(again.close());
    const report = await machine.recover();
    expect(report.verdict).toBe('clean');
    expect(report.sessions[0]?.entries).toBe(report.sessions[0]?.lastSeq);
  });

  it('a full disk is told at once, and appends go on by themselves when there is room', async () => {
    const { machine, session } = await bench();
    await machine.run(session.append(say('one')));
    machine.disk.failNext('write', 'ENOSPC');
    const refused = machine.run(session.append(say('refused')));
    await expect(refused).rejects.toMatchObject({ code: 'FULL' });
    expect(await machine.run(session.append(say('two')))).toEqual({ seq: 2 });
    expect(await texts(machine, session)).toEqual(['one', 'two']);
    machine.kill();
    const next = await reopened(machine);
    expect(await texts(machine, next.session)).toEqual(['one', 'two']);
  });

  it('a failed sync ends the writer: every later call is POISONED, and a new start has it all', async () => {
    const { machine, store, session } = await bench();
    await machine.run(session.append(say('one')));
    machine.disk.beforeOperation = ({ kind, path }) =>
      kind === 'sync' && path.includes('journals') ? { errno: 'EIO' } : undefined;
    const failed = machine.run(session.append(say('doubtful')));
    await expect(failed).rejects.toMatchObject({ code: 'POISONED' });
    machine.disk.beforeOperation = null;
    const later = machine.run(session.append(say('two')));
    await expect(later).rejects.toMatchObject({ code: 'POISONED' });
    await expect(machine.run(session.flush())).rejects.toMatchObject({ code: 'POISONED' });
    const creating = machine.run(store.createSession());
    await expect(creating).rejects.toMatchObject({ code: 'POISONED' });
    await machine.run(store.close().catch(() => undefined));
    const next = await reopened(machine);
    expect((await texts(machine, next.session))[0]).toBe('one');
    expect(await machine.run(next.session.append(say('three')))).toBeDefined();
  });
});

describe('a close that failed in its last step', () => {
  it.each([4, 5, 6])('loses nothing that is appended afterwards (write %i fails)', async (skip) => {
    const { machine, session } = await bench();
    await machine.run(session.append(say('one')));
    machine.disk.failNext('write', 'ENOSPC', 1, skip);
    await machine.run(session.close().catch(() => undefined));
    const rest: string[] = [];
    for (const text of ['two', 'three']) {
      const append = session.append(say(text)).then(
        () => rest.push(text),
        () => undefined,
      );
      await machine.run(append);
    }
    machine.kill();
    const next = await reopened(machine);
    expect(await texts(machine, next.session)).toEqual(['one', ...rest]);
  });
});
