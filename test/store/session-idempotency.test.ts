/** Appends with a key: whatever is repeated, tried again or taken back, each is there once. */
import { describe, expect, it } from 'vitest';
import { say, texts } from '../helpers/said.ts';
import { numbered, bench, reopened } from './session-bench.ts';

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
