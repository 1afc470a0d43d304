/** Snapshots: what they give back, how they are named, listed and cleaned up. */
import { describe, expect, it } from 'vitest';
import { collect } from '../helpers/sim-store.ts';
import { say } from '../helpers/said.ts';
import { bench, reopened, killed, talk } from './restore-bench.ts';
import type { Bench } from './restore-bench.ts';

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
