/** Snapshots and rewinding, against a plain model of a conversation, on a simulated machine. */
import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/session/message.ts';
import { Prng } from '../../src/platform/sim/prng.ts';
import type { Session } from '../../src/store/api.ts';
import type { Store } from '../../src/store/store.ts';
import { validate } from '../../src/store/validate.ts';
import { collect, SimMachine } from '../helpers/sim-store.ts';

const say = (text: string): Message => ({ role: 'user', content: text });
const call = (id: string): Message => ({
  role: 'assistant',
  content: [{ type: 'tool_use', id, name: 'read', input: {} }],
});
const result = (id: string): Message => ({
  role: 'user',
  content: [{ type: 'tool_result', tool_use_id: id, content: 'done' }],
});

interface Bench {
  readonly machine: SimMachine;
  /** Name of the process that has the store. */
  readonly name: string;
  readonly store: Store;
  readonly session: Session;
}

async function bench(): Promise<Bench> {
  const machine = await SimMachine.start();
  const store = await machine.open();
  const session = await machine.run(store.createSession({ id: 's' }));
  return { machine, name: 'main', store, session };
}

async function reopened(on: Bench): Promise<Bench> {
  await on.machine.run(on.store.close());
  return opened(on);
}

async function opened({ machine, name: before }: Bench): Promise<Bench> {
  const name = `${before}+`;
  const store = await machine.open({}, name);
  return { machine, name, store, session: await machine.run(store.openSession('s')) };
}

/** The same after the process was killed and its journal recovered. */
async function killed(on: Bench): Promise<Bench> {
  on.machine.kill(on.name);
  return opened(on);
}

async function talk({ machine, session }: Bench, ...messages: readonly Message[]): Promise<void> {
  for (const message of messages) await machine.run(session.append(message));
}

async function shown({ machine, session }: Bench, options = {}): Promise<unknown[]> {
  const found = await machine.run(collect(session.messages(options)));
  return found.map(({ message }) => message.content);
}

describe('SnapshotStore', () => {
  it('load shows a part of the conversation, from its end as well', async () => {
    const on = await bench();
    const { machine, session } = on;
    await talk(on, say('one'), say('two'), say('three'));
    const { id } = await machine.run(session.snapshots.take({ action: 'here' }));
    await talk(on, say('four'));
    const snapshot = await machine.run(session.snapshots.load(id));
    const part = async (options: object): Promise<unknown[]> => {
      const found = await machine.run(collect(snapshot.messages(options)));
      return found.map(({ message }) => message.content);
    };
    expect(await part({ reverse: true })).toEqual(['three', 'two', 'one']);
    expect(await part({ reverse: true, limit: 1 })).toEqual(['three']);
    expect(await part({ limit: 2 })).toEqual(['one', 'two']);
    expect(await part({ from: 2 })).toEqual(['two', 'three']);
    expect(await part({})).toEqual(['one', 'two', 'three']);
  });

  it('refuses numbers that are none', async () => {
    const { machine, session } = await bench();
    for (const id of [0, -1, 1.5, Number.NaN]) {
      await expect(machine.run(session.snapshots.load(id))).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
    }
    for (const keep of [-1, 1.5, Number.NaN, 1e9]) {
      await expect(machine.run(session.snapshots.cleanup({ keep }))).rejects.toMatchObject({
        code: 'INVALID',
        details: { path: 'keep' },
      });
    }
  });

  it('take, list and load give back the conversation and the state as they were', async () => {
    let on: Bench = await bench();
    const { machine, session } = on;
    await talk(on, say('one'), say('two'));
    await machine.run(session.record({ kind: 'metadata', metadata: { model: 'm1' } }));
    const taken = await machine.run(session.snapshots.take({ action: 'before the change' }));
    const before = session.state;
    await talk(on, say('three'));
    await machine.run(session.record({ kind: 'metadata', metadata: { model: 'm2' } }));
    for (const next of [(now: Bench) => now, reopened]) {
      on = await next(on);
      const now = on;
      expect(now.session.snapshots.list()).toEqual([taken]);
      const snapshot = await machine.run(now.session.snapshots.load(taken.id));
      expect(snapshot).toMatchObject({
        id: 4,
        at: 3,
        messageIndex: 2,
        action: 'before the change',
      });
      expect(snapshot.state).toMatchObject({ messages: 2, model: 'm1', lastSeq: 3 });
      expect(snapshot.state.contentDigest).toBe(taken.contentDigest);
      expect(snapshot.state.contentDigest).toBe(before.contentDigest);
      const messages = await machine.run(collect(snapshot.messages()));
      expect(messages.map(({ message }) => message.content)).toEqual(['one', 'two']);
      await machine.run(snapshot.verify());
    }
  });

  it('take while appends are under way covers what was acknowledged, and says how far', async () => {
    const on = await bench();
    const { machine, session } = on;
    await talk(on, say('one'));
    const appending = session.append(say('two'));
    const taken = await machine.run(session.snapshots.take({ action: 'in between' }));
    await machine.run(appending);
    const snapshot = await machine.run(session.snapshots.load(taken.id));
    expect(snapshot).toMatchObject({ id: 3, at: 1, messageIndex: 1 });
    await machine.run(snapshot.verify());
  });

  it('ids never repeat: not after a restart, a cleanup, a kill', async () => {
    let on = await bench();
    const ids: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      await talk(on, say(`round ${round}`));
      ids.push((await on.machine.run(on.session.snapshots.take({ action: 'a' }))).id);
      if (round === 1) await on.machine.run(on.session.snapshots.cleanup({ keep: 0 }));
      on = round % 2 === 0 ? await reopened(on) : on;
    }
    on = await killed(on);
    ids.push((await on.machine.run(on.session.snapshots.take({ action: 'a' }))).id);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort((one, two) => one - two)).toEqual(ids);
  });

  it('list keeps labelled snapshots and the newest 50 others; load finds the rest', async () => {
    let on = await bench();
    const { machine } = on;
    await talk(on, say('hello'));
    const first = await machine.run(on.session.snapshots.take({ action: 'first', label: 'keep' }));
    const second = await machine.run(on.session.snapshots.take({ action: 'second' }));
    for (let count = 0; count < 60; count += 1) {
      await machine.run(on.session.snapshots.take({ action: `number ${count}` }));
    }
    on = await reopened(on);
    const listed = on.session.snapshots.list();
    expect(listed).toHaveLength(51);
    expect(listed[0]).toEqual(first);
    expect(listed.at(-1)?.action).toBe('number 59');
    const old = await machine.run(on.session.snapshots.load(second.id));
    expect(old.action).toBe('second');
  });

  it('label and cleanup are durable, and labelled ones stay', async () => {
    let on = await bench();
    const { machine } = on;
    await talk(on, say('hello'));
    const ids: number[] = [];
    for (let count = 0; count < 5; count += 1) {
      ids.push((await machine.run(on.session.snapshots.take({ action: `${count}` }))).id);
    }
    const [one = 0, two = 0, three = 0, , five = 0] = ids;
    await machine.run(on.session.snapshots.label(one, 'good'));
    await machine.run(on.session.snapshots.label(three, 'bad'));
    await machine.run(on.session.snapshots.label(three, null));
    const { removed } = await machine.run(on.session.snapshots.cleanup({ keep: 1 }));
    expect(removed).toEqual([two, three, ids[3]]);
    for (const next of [(now: Bench) => now, killed]) {
      on = await next(on);
      const listed = on.session.snapshots.list().map(({ id, label }) => [id, label]);
      expect(listed).toEqual([
        [one, 'good'],
        [five, null],
      ]);
    }
  });

  it('refuses what makes no sense, before anything is written', async () => {
    const { machine, session } = await bench();
    const refused = async (work: Promise<unknown>, code: string): Promise<void> => {
      await expect(machine.run(work)).rejects.toMatchObject({ code });
    };
    await refused(session.snapshots.take({ action: '' }), 'INVALID');
    await refused(session.snapshots.take({ action: 'x', label: '' }), 'INVALID');
    await refused(session.snapshots.take({ action: 'x'.repeat(1001) }), 'INVALID');
    await refused(session.snapshots.take({ action: 'x', lable: 'y' } as never), 'INVALID');
    await refused(session.snapshots.load(1), 'NOT_FOUND');
    await refused(session.snapshots.label(7, 'x'), 'NOT_FOUND');
    await refused(session.snapshots.cleanup({ keep: 51 }), 'INVALID');
    await refused(session.rewind({ to: { messages: 1 } }), 'INVALID');
    await refused(session.rewind({ to: 'undo' }), 'NOT_FOUND');
    await refused(session.rewind({ to: { snapshot: 9 } }), 'NOT_FOUND');
    await refused(session.rewind({} as never), 'INVALID');
    expect(session.state.entries).toBe(0);
  });
});

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
