/** What a session shows: its messages, its state and its tool calls, however they are kept. */
import { describe, expect, it } from 'vitest';
import { collect } from '../helpers/sim-store.ts';
import { say, texts } from '../helpers/said.ts';
import { numbered, bench, reopened } from './session-bench.ts';

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
