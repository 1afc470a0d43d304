/** Rewinding a session, against a plain model of a conversation, on a simulated machine. */
import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/session/message.ts';
import { Prng } from '../../src/platform/sim/prng.ts';
import { validate } from '../../src/store/validate.ts';
import { collect } from '../helpers/sim-store.ts';
import { say } from '../helpers/said.ts';
import { call, result, bench, reopened, killed, talk } from './restore-bench.ts';
import type { Bench } from './restore-bench.ts';

async function shown({ machine, session }: Bench, options = {}): Promise<unknown[]> {
  const found = await machine.run(collect(session.messages(options)));
  return found.map(({ message }) => message.content);
}

/** A model: the conversation is a list of texts, and each rewind remembers the list before it. */
async function walk(seed: number): Promise<void> {
  const prng = Prng.fromSeed(seed);
  let on = await bench();
  let texts: readonly string[] = [];
  let before: readonly string[] | null = null;
  const taken: { readonly id: number; readonly texts: readonly string[] }[] = [];
  for (let step = 0; step < 40; step += 1) {
    const { machine, session } = on;
    const choice = prng.below(10);
    if (choice < 4) {
      const text = `step ${step}`;
      await talk(on, say(text));
      texts = [...texts, text];
    } else if (choice < 6) {
      const { id } = await machine.run(session.snapshots.take({ action: `step ${step}` }));
      taken.push({ id, texts });
    } else if (choice === 6) {
      const messages = prng.below(texts.length + 1);
      const { seq } = await machine.run(session.rewind({ to: { messages } }));
      // To where it stands already: nothing is written, and nothing to undo.
      if (seq !== null) [before, texts] = [texts, texts.slice(0, messages)];
    } else if (choice === 7 && before !== null) {
      await machine.run(session.rewind({ to: 'undo' }));
      [before, texts] = [texts, before];
    } else if (choice === 8 && taken.length > 0) {
      const { id, texts: then } = taken[prng.below(taken.length)] ?? { id: 0, texts: [] };
      await machine.run(session.rewind({ to: { snapshot: id } }));
      [before, texts] = [texts, then];
    } else if (choice === 9) {
      on = prng.below(2) === 0 ? await reopened(on) : await killed(on);
    }
    expect(await shown(on)).toEqual(texts);
    expect(on.session.state.messages).toBe(texts.length);
  }
  for (const { id, texts: then } of taken) {
    const snapshot = await on.machine.run(on.session.snapshots.load(id));
    const found = await on.machine.run(collect(snapshot.messages()));
    expect(found.map(({ message }) => message.content)).toEqual(then);
  }
}

describe('Session.rewind', () => {
  it('rewind cuts the conversation, keeps the rest readable, and undo brings it back', async () => {
    let on = await bench();
    const { machine } = on;
    await talk(on, say('one'), say('two'), say('three'));
    const whole = on.session.state;
    const done = await machine.run(on.session.rewind({ to: { messages: 1 } }));
    expect(done).toEqual({
      to: 1,
      messagesBefore: 3,
      messagesAfter: 1,
      movedBy: 0,
      cut: { from: 2, to: 4 },
      seq: 4,
    });
    await talk(on, say('other'));
    on = await reopened(on);
    expect(await shown(on)).toEqual(['one', 'other']);
    expect(await shown(on, { includeCut: true })).toEqual(['one', 'two', 'three', 'other']);
    const marks = await machine.run(collect(on.session.messages({ includeCut: true })));
    expect(marks.map(({ cut }) => cut)).toEqual([undefined, true, true, undefined]);
    for (const one of await machine.run(collect(on.session.messages()))) {
      expect(one).not.toHaveProperty('cut');
    }
    expect(await shown(on, { reverse: true, limit: 2 })).toEqual(['other', 'one']);
    expect(on.session.state).toMatchObject({ messages: 2, cuts: [[2, 4]] });
    expect((await machine.run(validate(on.session))).errors).toEqual([]);
    await machine.run(on.session.rewind({ to: 'undo' }));
    on = await killed(on);
    expect(await shown(on)).toEqual(['one', 'two', 'three']);
    expect(on.session.state.contentDigest).toBe(whole.contentDigest);
    const [listed] = await machine.run(collect(on.store.sessions()));
    expect(listed).toMatchObject({ messages: 3 });
    // An undo can be undone.
    await machine.run(on.session.rewind({ to: 'undo' }));
    expect(await shown(on)).toEqual(['one', 'other']);
  });

  it('rewind never stands between a call and its result', async () => {
    const on = await bench();
    const { machine, session } = on;
    await talk(on, say('go'), call('a'), result('a'), call('b'), result('b'), say('thanks'));
    for (const [messages, kept] of [
      [2, 1],
      [3, 3],
      [4, 3],
      [5, 5],
      [0, 0],
    ] as const) {
      const plan = await machine.run(session.rewind({ to: { messages }, dryRun: true }));
      expect([plan.messagesAfter, plan.movedBy, plan.seq]).toEqual([kept, messages - kept, null]);
    }
    expect(session.state.entries).toBe(6);
    await machine.run(session.rewind({ to: { messages: 4 } }));
    expect(await shown(on)).toHaveLength(3);
    expect((await machine.run(validate(session))).errors).toEqual([]);
  });

  it('rewind is not moved by a call that the conversation has left behind', async () => {
    const on = await bench();
    const { machine, session } = on;
    await talk(
      on,
      say('go'),
      call('lost'),
      say('are you there?'),
      call('a'),
      result('a'),
      say('on'),
    );
    const { id } = await machine.run(session.snapshots.take({ action: 'here' }));
    await talk(on, say('and on'));
    const to = await machine.run(session.rewind({ to: { snapshot: id }, dryRun: true }));
    expect(to).toMatchObject({ messagesAfter: 6, movedBy: 0 });
    const inside = await machine.run(session.rewind({ to: { messages: 4 }, dryRun: true }));
    expect(inside).toMatchObject({ messagesAfter: 3, movedBy: 1 });
  });

  it('undo gives a branch back that ended in a call without its result', async () => {
    const on = await bench();
    const { machine, session } = on;
    await talk(on, say('go'), call('a'));
    await machine.run(session.rewind({ to: { messages: 1 } }));
    const back = await machine.run(session.rewind({ to: 'undo' }));
    expect(back).toMatchObject({ messagesAfter: 2, movedBy: 0 });
    await talk(on, result('a'));
    expect((await machine.run(validate(session))).errors).toEqual([]);
  });

  it('rewind moves in front of all calls of a turn whose results came one by one', async () => {
    const on = await bench();
    const { machine, session } = on;
    const both: Message = {
      role: 'assistant',
      content: [
        { type: 'tool_use', id: 'a', name: 'read', input: {} },
        { type: 'tool_use', id: 'b', name: 'read', input: {} },
      ],
    };
    await talk(on, say('go'), both, result('a'), result('b'), say('thanks'));
    const plan = await machine.run(session.rewind({ to: { messages: 3 } }));
    expect(plan).toMatchObject({ messagesAfter: 1, movedBy: 2 });
  });

  it('rewind to a snapshot takes its branch up again, also one that was left', async () => {
    const on = await bench();
    const { machine, session } = on;
    await talk(on, say('one'), say('two'));
    const { id } = await machine.run(session.snapshots.take({ action: 'two' }));
    await machine.run(session.rewind({ to: { messages: 1 } }));
    await talk(on, say('other'));
    expect(session.snapshots.list()[0]).toMatchObject({ id, onBranch: false });
    await machine.run(session.rewind({ to: { snapshot: id } }));
    expect(await shown(on)).toEqual(['one', 'two']);
  });

  it('a key of a message that was cut away is a new key', async () => {
    const on = await bench();
    const { machine, session } = on;
    await machine.run(session.append(say('one'), { idempotencyKey: 'k1' }));
    await machine.run(session.append(say('two'), { idempotencyKey: 'k2' }));
    await machine.run(session.rewind({ to: { messages: 1 } }));
    const again = await machine.run(session.append(say('two'), { idempotencyKey: 'k2' }));
    expect(again.seq).toBe(4);
    expect(await machine.run(session.append(say('one'), { idempotencyKey: 'k1' }))).toEqual({
      seq: 1,
    });
    expect(await shown(on)).toEqual(['one', 'two']);
  });

  it('an undo brings back the keys of the messages that it brings back, after a restart too', async () => {
    const ways = [async (now: Bench) => now, reopened, killed];
    for (const [at, next] of ways.entries()) {
      for (const between of ways) {
        let on = await bench();
        const keyed = async (key: string): Promise<number> =>
          (await on.machine.run(on.session.append(say(key), { idempotencyKey: key }))).seq;
        await talk(on, say('one'));
        expect(await keyed('k')).toBe(2);
        await on.machine.run(on.session.rewind({ to: { messages: 1 } }));
        on = await between(on);
        expect(await keyed('k'), 'cut away: a new key').toBe(4);
        expect((await on.machine.run(on.session.rewind({ to: 'undo' }))).seq).toBe(5);
        on = await next(on);
        expect(await keyed('k'), `way ${at}`).toBe(2);
        expect(await shown(on)).toEqual(['one', 'k']);
      }
    }
  });

  it('any series of appends, snapshots, rewinds, undos, closes and kills is what a list would be', async () => {
    for (let seed = 1; seed <= 12; seed += 1) {
      await walk(seed).catch((error: unknown) => {
        throw new Error(`seed ${seed} (in test/store/restore.test.ts)`, { cause: error });
      });
    }
  });
});
