/**
 * Following a session that others write, on a simulated machine, where every step of settling,
 * rotation, closing, dying and deleting can be met.
 */
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../src/session/event.ts';
import type { Operation } from '../../src/platform/sim/faults.ts';
import { Prng } from '../../src/platform/sim/prng.ts';
import type { FollowOptions } from '../../src/store/api.ts';
import { collect } from '../helpers/sim-store.ts';
import type { SimMachine } from '../helpers/sim-store.ts';
import { say } from '../helpers/said.ts';
import { count, Watch, bench } from './follow-watch.ts';

/** One series: appends of all kinds, settling, closing, kills; power cuts are looked at on copies. */
async function walk(seed: number): Promise<void> {
  const prng = Prng.fromSeed(seed);
  const { machine, ...first } = await bench();
  let { store, session } = first;
  let name = 'main';
  const watch = new Watch(first.reader);
  const other = await machine.run(store.createSession({ id: 'other' }));
  const guest = await machine.open({}, 'guest');
  for (let step = 0; step < 40; step += 1) {
    const choice = prng.below(12);
    const text = `${step} ${'x'.repeat(prng.below(4000))}`;
    if (choice < 3) await machine.run(session.append(say(text)));
    else if (choice < 6) await machine.run(session.append(say(text), { durability: 'batched' }));
    else if (choice === 6) await machine.run(session.appendAll([say(text), say(text)]));
    else if (choice === 7 && name === 'main') await machine.run(other.append(say(text)));
    else if (choice === 8) await machine.run(store.settle());
    else if (choice === 9) await machine.run(session.snapshots.take({ action: text.slice(0, 9) }));
    else if (choice === 10) {
      if (prng.below(2) === 0) await machine.run(store.close());
      else machine.kill(name);
      name = `${name}+`;
      store = await machine.open({}, name);
      session = await machine.run(store.openSession('s'));
    }
    if (choice === 11) {
      await machine.run(session.close());
      const lent = await machine.run(guest.openSession('s'));
      await machine.run(lent.append(say(`guest ${text}`)));
      await machine.run(lent.close());
      session = await machine.run(store.openSession('s'));
    }
    await machine.pass([0, 15, 60, 250, 1100][prng.below(5)] ?? 0);
    expect(watch.seqs).toEqual(count(watch.seqs.length));
    if (prng.below(4) === 0) await requireKept(machine.crash(seed * 100 + step), watch.entries);
  }
  await machine.run(session.flush());
  await machine.pass(1500);
  const all = await machine.run(collect(session.entries()));
  expect(watch.entries).toEqual(all);
}

async function requireKept(after: SimMachine, shown: readonly Entry[]): Promise<void> {
  const store = await after.open({}, 'after');
  const session = await after.run(store.openSession('s'));
  const kept = await after.run(collect(session.entries()));
  expect(kept.slice(0, shown.length)).toEqual(shown);
}

describe('Session.follow', () => {
  it('follow gives what is there and then what comes, each once, in order', async () => {
    const { machine, session } = await bench();
    await machine.run(session.append(say('one')));
    await machine.run(session.record({ kind: 'status', status: 'running' }));
    await machine.pass(100);
    const watching = await machine.open({ mode: 'read' }, 'late');
    const reader = await machine.run(watching.openSession('s'));
    const all = new Watch(reader);
    const rest = new Watch(reader, { from: 3 });
    const far = new Watch(reader, { from: 4 });
    await machine.pass(500);
    expect([all.seqs, rest.seqs]).toEqual([[1, 2], []]);
    await machine.run(session.append(say('three')));
    await machine.pass(500);
    await machine.run(session.appendAll([say('four'), say('five')]));
    await machine.pass(500);
    expect(all.seqs).toEqual([1, 2, 3, 4, 5]);
    expect(all.texts).toEqual(['one', 'three', 'four', 'five']);
    expect([rest.seqs, far.seqs]).toEqual([
      [3, 4, 5],
      [4, 5],
    ]);
    // The reader itself does not change.
    expect(await machine.run(collect(reader.entries()))).toHaveLength(2);
    // The writer may follow itself.
    const own = new Watch(session);
    await machine.pass(500);
    expect(own.seqs).toEqual([1, 2, 3, 4, 5]);
  });

  it('follow waits for durability: what is with the operating system only is not shown', async () => {
    const { machine, store, reader, session } = await bench();
    const watch = new Watch(reader);
    await machine.run(session.append(say('one')));
    await machine.pass(300);
    machine.disk.beforeOperation = ({ kind, path }) =>
      kind === 'sync' && path.includes('journals') ? { errno: 'EIO' } : undefined;
    await machine.run(session.append(say('two'), { durability: 'batched' }));
    await machine.pass(3000);
    expect(watch.seqs).toEqual([1]);
    machine.disk.beforeOperation = null;
    await machine.run(store.close().catch(() => undefined));
    // What recovery keeps is made durable, and then it is shown.
    const next = await machine.open({}, 'next');
    await machine.run(next.openSession('s'));
    await machine.pass(2000);
    expect(watch.texts).toEqual(['one', 'two']);
  });

  it('follow goes through settling, rotation and retirement', async () => {
    const { machine, store, session, reader } = await bench();
    const watch = new Watch(reader);
    const long = 'x'.repeat(3000);
    for (let round = 1; round <= 60; round += 1) {
      await machine.run(session.append(say(`${round} ${long}`)));
      if (round % 7 === 0) await machine.run(store.settle());
      if (round % 5 === 0) await machine.pass(120);
    }
    await machine.pass(2500);
    expect(watch.seqs).toEqual(count(60));
    expect(watch.texts).toEqual(count(60).map((round) => `${round} ${long}`));
  });

  it('follow catches up when its segments were retired while it slept', async () => {
    const { machine, store, session, reader } = await bench();
    const watch = new Watch(reader);
    await machine.run(session.append(say('1')));
    await machine.pass(200);
    // All of it between two looks.
    for (let round = 2; round <= 40; round += 1) {
      const appending = session.append(say(`${round} ${'x'.repeat(3000)}`));
      await appending;
    }
    await store.settle();
    await machine.pass(70);
    expect(watch.seqs).toEqual([1]);
    const oldest = machine.disk.paths().find((path) => path.endsWith('.segment')) ?? '';
    expect(Number(oldest.slice(-18, -8))).toBeGreaterThan(2);
    await machine.pass(1500);
    expect(watch.seqs).toEqual(count(40));
  });

  it('follow ends with the reason of its signal, and with CLOSED when its handle is closed', async () => {
    const { machine, session, reader } = await bench();
    await machine.run(session.append(say('one')));
    const [stopped, closed] = [new Watch(reader), new Watch(reader)];
    await machine.pass(300);
    stopped.stop();
    expect(await machine.run(stopped.ended)).toMatchObject({ message: 'enough' });
    await machine.run(reader.close());
    expect(await machine.run(closed.ended)).toMatchObject({ code: 'CLOSED' });
    expect(() => reader.follow()).toThrow(/closed/);
    for (const options of [{ from: -1 }, { from: 1.5 }, { form: 1 } as FollowOptions]) {
      const refused = new Watch(session, options);
      expect(await machine.run(refused.ended)).toMatchObject({ code: 'INVALID' });
    }
  });

  it('follow tells damage and ends', async () => {
    const { machine, store, session, reader } = await bench();
    await machine.run(session.append(say('one')));
    const watch = new Watch(reader);
    await machine.pass(300);
    await machine.run(store.close());
    machine.disk.writeFile('/store/sessions/s/history', new Uint8Array(16_384));
    await machine.pass(1500);
    expect(await machine.run(watch.ended)).toMatchObject({ code: 'DAMAGED' });
    expect(watch.texts).toEqual(['one']);
  });

  it('follow costs two small operations a look when nothing changes, and little a second', async () => {
    const { machine, store, session, reader } = await bench();
    await machine.run(session.appendAll(count(200).map((at) => say(`${at} ${'x'.repeat(500)}`))));
    await machine.run(store.settle());
    await machine.run(session.append(say('in the journal')));
    const watch = new Watch(reader);
    await machine.pass(3000);
    expect(watch.seqs).toHaveLength(201);
    const seen: Operation[] = [];
    machine.disk.beforeOperation = (operation) => {
      seen.push(operation);
    };
    await machine.pass(10_000);
    machine.disk.beforeOperation = null;
    const bytes = seen.reduce(
      (sum, { kind, length = 0 }) => sum + (kind === 'read' ? length : 0),
      0,
    );
    // 100 looks; ten of them read the head, and the headers of the segment and of its successor.
    expect(bytes).toBeLessThan(10 * 3 * 8500 + 100 * 64);
    expect(seen.length).toBeLessThan(100 * 2 + 10 * 20);
    expect(seen.length).toBeGreaterThan(100);
    expect(watch.seqs).toHaveLength(201);
  });

  it('follow reads what is new and not what it has read, whatever the length of the session', async () => {
    const { machine, session, reader } = await bench();
    const long = 'x'.repeat(1000);
    await machine.run(session.appendAll(count(300).map(() => say(long))));
    const watch = new Watch(reader);
    await machine.pass(1000);
    let opened = 0;
    machine.disk.beforeOperation = ({ kind, path }) => {
      if (kind === 'open' && path.endsWith('.segment')) opened += 1;
    };
    for (let round = 0; round < 10; round += 1) {
      await machine.run(session.append(say('short')));
      await machine.pass(90);
    }
    machine.disk.beforeOperation = null;
    await machine.pass(300);
    expect(watch.seqs).toEqual(count(310));
    // Once a second for the look whether the writer went on elsewhere, and for rotation.
    expect(opened).toBeLessThan(8);
  });

  it('follow shows nothing that a power cut could take, and misses nothing, in any series of events', async () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      await walk(seed).catch((error: unknown) => {
        throw new Error(`seed ${seed} (in test/store/follow.test.ts)`, { cause: error });
      });
    }
  });
});
