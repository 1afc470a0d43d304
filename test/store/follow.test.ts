/**
 * Following a session that others write: on a simulated machine, where every step of settling, rotation,
 * closing, dying and deleting can be met; and once with real processes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Entry } from '../../src/session/event.ts';
import type { Message } from '../../src/session/message.ts';
import type { Operation } from '../../src/platform/sim/faults.ts';
import { Prng } from '../../src/platform/sim/prng.ts';
import type { FollowOptions, Session } from '../../src/store/api.ts';
import { Store } from '../../src/store/store.ts';
import { collect, SimMachine } from '../helpers/sim-store.ts';
import { StoreProcess } from '../helpers/store-process.ts';

const say = (content: string): Message => ({ role: 'user', content });
const count = (entries: number): number[] => Array.from({ length: entries }, (_, at) => at + 1);

/** What a follower was given so far. */
class Watch {
  readonly entries: Entry[] = [];
  readonly #stop = new AbortController();
  readonly ended: Promise<unknown>;

  constructor(session: Session, options: FollowOptions = {}) {
    const { signal } = this.#stop;
    const run = async (): Promise<unknown> => {
      for await (const entry of session.follow({ signal, ...options })) this.entries.push(entry);
      return 'deleted';
    };
    this.ended = run().catch((error: unknown) => error);
  }

  get seqs(): number[] {
    return this.entries.map(({ seq }) => seq);
  }

  get texts(): unknown[] {
    return this.entries.flatMap(({ event }) =>
      event.kind === 'message' ? [event.message.content] : [],
    );
  }

  stop(): void {
    this.#stop.abort(new Error('enough'));
  }
}

interface Bench {
  readonly machine: SimMachine;
  readonly store: Store;
  readonly session: Session;
  readonly reader: Session;
}

/** A writer with an open session, and another process that has it open for reading. */
async function bench(): Promise<Bench> {
  const machine = await SimMachine.start();
  const store = await machine.open();
  const session = await machine.run(store.createSession({ id: 's' }));
  const watching = await machine.open({ mode: 'read' }, 'watcher');
  const reader = await machine.run(watching.openSession('s', { mode: 'read' }));
  return { machine, store, session, reader };
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

  it('follow goes from writer to writer: closed, opened elsewhere, killed, recovered', async () => {
    const { machine, store, session, reader } = await bench();
    const watch = new Watch(reader);
    await machine.run(session.append(say('one')));
    await machine.pass(300);
    await machine.run(store.close());
    const second = await machine.open({}, 'second');
    const again = await machine.run(second.openSession('s'));
    await machine.run(again.append(say('two')));
    await machine.pass(300);
    expect(watch.texts).toEqual(['one', 'two']);
    await machine.run(again.append(say('three')));
    machine.kill('second');
    await machine.pass(300);
    const third = await machine.open({}, 'third');
    const last = await machine.run(third.openSession('s'));
    await machine.pass(1500);
    expect(watch.texts).toEqual(['one', 'two', 'three']);
    await machine.run(last.append(say('four')));
    await machine.pass(1500);
    expect(watch.texts).toEqual(['one', 'two', 'three', 'four']);
    expect(watch.seqs).toEqual(count(4));
  });

  it('follow sees what another writer did while the first one did not have the session', async () => {
    const { machine, session, store, reader } = await bench();
    const second = await machine.open({}, 'second');
    const watch = new Watch(reader);
    await machine.run(session.append(say('one')));
    await machine.pass(300);
    const lend = async (text: string): Promise<Session> => {
      const lent = await second.openSession('s');
      await lent.append(say(text));
      await lent.close();
      return store.openSession('s');
    };
    // All of it between two looks.
    await session.close();
    const back = await lend('two');
    await back.append(say('three'));
    expect(watch.texts).toEqual(['one']);
    await machine.pass(400);
    expect(watch.texts).toEqual(['one', 'two', 'three']);
    await back.close();
    const again = await lend('four');
    await again.intend({ id: 'c', name: 'read' });
    await machine.pass(1500);
    expect(watch.seqs).toEqual(count(5));
  });

  it('follow finds the writer again in a later segment after a failed write', async () => {
    const { machine, session, reader } = await bench();
    const watch = new Watch(reader);
    await machine.run(session.append(say('one')));
    await machine.pass(300);
    for (const taken of [0, 40, 200]) {
      let isFirst = true;
      machine.disk.beforeOperation = ({ kind, path }) => {
        if (kind !== 'write' || !path.includes('.segment')) return undefined;
        const fault = isFirst && taken > 0 ? { shortWrite: taken } : { errno: 'EIO' };
        isFirst = false;
        return fault;
      };
      await expect(machine.run(session.append(say('refused')))).rejects.toBeDefined();
      machine.disk.beforeOperation = null;
      await machine.pass(300);
      await machine.run(session.append(say(`after ${taken}`)));
      await machine.pass(1500);
    }
    expect(watch.texts).toEqual(['one', 'after 0', 'after 40', 'after 200']);
  });

  it('follow ends when the session is deleted, and does not take the next one for it', async () => {
    const { machine, store, session, reader } = await bench();
    const watch = new Watch(reader);
    await machine.run(session.append(say('one')));
    await machine.pass(300);
    await machine.run(session.close());
    await machine.run(store.deleteSession('s'));
    const next = await machine.run(store.createSession({ id: 's' }));
    await machine.run(next.append(say('another life')));
    await machine.pass(1500);
    expect(watch.texts).toEqual(['one']);
    expect(await watch.ended).toBe('deleted');
  });

  it('messages of a reader whose session was deleted ends with NOT_FOUND, in the next life too', async () => {
    const { machine, store, session } = await bench();
    await machine.run(session.append(say('one')));
    await machine.run(session.close());
    const old = await machine.run(store.openSession('s', { mode: 'read' }));
    const read = (): Promise<unknown> =>
      machine.run(collect(old.messages())).catch((error: unknown) => error);
    await machine.run(store.deleteSession('s'));
    expect(await read()).toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('was deleted') as string,
    });
    const next = await machine.run(store.createSession({ id: 's' }));
    expect(await read()).toMatchObject({ code: 'NOT_FOUND' });
    await machine.run(next.append(say('another life')));
    await machine.run(next.close());
    expect(await read()).toMatchObject({ code: 'NOT_FOUND' });
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

describe('Session.follow on a real machine', () => {
  let cleanUp: (() => Promise<unknown> | undefined)[] = [];
  afterEach(async () => {
    for (const work of cleanUp.reverse()) await work();
    cleanUp = [];
  });

  it('follow gives each entry of two processes that write one after the other, once and in order', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'holdfast-follow-'));
    cleanUp.push(async () => rmSync(directory, { recursive: true, force: true }));
    const root = join(directory, 'store');
    const start = async (): Promise<StoreProcess> => {
      const child = await StoreProcess.start(root, { segmentBytes: 65_536 });
      cleanUp.push(() => child.end());
      await child.session('s');
      return child;
    };
    const first = await start();
    const watching = await Store.open(root, { mode: 'read' });
    cleanUp.push(() => watching.close());
    const reader = await watching.openSession('s');
    const stop = new AbortController();
    const seqs: number[] = [];
    const until = async (last: number): Promise<void> => {
      const from = (seqs.at(-1) ?? 0) + 1;
      for await (const { seq } of reader.follow({ from, signal: stop.signal })) {
        seqs.push(seq);
        if (seq >= last) return;
      }
    };
    const following = until(400);
    await first.call('flood', { id: 's', count: 200, bytes: 3000, durability: 'durable' });
    await first.end();
    const second = await start();
    await second.call('flood', { id: 's', count: 200, bytes: 3000, durability: 'batched' });
    await following;
    expect(seqs).toEqual(count(400));
    const more = until(403);
    await second.append('s', ['a', 'b', 'c']);
    await more;
    expect(seqs).toEqual(count(403));
  });
});
