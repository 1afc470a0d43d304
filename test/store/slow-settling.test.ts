/** Settling on a disk that takes its time: an append that waits for room fails only when it stands still. */
import { expect, it } from 'vitest';
import type { File, FileSystem } from '../../src/platform/file-system.ts';
import type { Message } from '../../src/session/message.ts';
import { SimMachine } from '../helpers/sim-store.ts';

const say = (text: string): Message => ({ role: 'user', content: text });
const MiB = 1024 * 1024;
/** More than is settled at once. */
const text = 'x'.repeat(9 * MiB);

/** Segments of a journal behind the newest at which appends begin to wait. */
const segmentsMax = 32;

/** What a sync of a history takes; changed while a store works on it. */
interface Pace {
  syncMs: number;
  syncs: number;
  running: number;
  mostAtOnce: number;
}

const atOnce: Pace = { syncMs: 0, syncs: 0, running: 0, mostAtOnce: 0 };

/** The file system of a machine whose histories are slow, and whose journals are not. */
function slowHistories(machine: SimMachine, pace: Pace): FileSystem {
  const { clock } = machine.disk;
  const inner = machine.parts().fileSystem;
  const slow = async (opening: Promise<File>): Promise<File> => {
    const file = await opening;
    if (!file.path.endsWith('/history')) return file;
    return replacing(file, {
      sync: async () => {
        pace.syncs += 1;
        pace.running += 1;
        pace.mostAtOnce = Math.max(pace.mostAtOnce, pace.running);
        await clock.sleep(pace.syncMs);
        pace.running -= 1;
        await file.sync();
      },
    });
  };
  return replacing(inner, {
    create: (path: string) => slow(inner.create(path)),
    open: (path: string, mode: 'read' | 'write') => slow(inner.open(path, mode)),
  });
}

function replacing<T extends object>(inner: T, own: Partial<T>): T {
  return new Proxy(inner, {
    get: (target, name) => {
      const value: unknown = Reflect.get(Reflect.has(own, name) ? own : target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/**
 * A store whose journal has more segments than its bound: one session fills the first of them, and each
 * of the others was given up for a write that failed. A sync of a history takes so long from then on.
 */
async function overBound(syncMs: number) {
  const machine = await SimMachine.start(7);
  const pace: Pace = { ...atOnce };
  const parts = { ...machine.parts(), fileSystem: slowHistories(machine, pace) };
  const store = await machine.openWith(parts, { segmentBytes: 16 * MiB });
  const long = await machine.run(store.createSession({ id: 'long' }));
  await machine.run(long.append(say('attached')));
  const other = await machine.run(store.createSession({ id: 'other' }));
  await machine.run(other.append(say('attached')));
  await machine.run(store.settle());
  Object.assign(pace, { syncMs, syncs: 0 });
  for (let count = 0; count < 2; count += 1) await machine.run(long.append(say(text)));
  while (store.metrics().gauges.journalSegments <= segmentsMax) {
    machine.disk.beforeOperation = ({ kind, path }) => {
      if (kind !== 'write' || !path.includes('.segment')) return undefined;
      machine.disk.beforeOperation = null;
      return { errno: 'ENOSPC' };
    };
    await machine.run(other.append(say('no room for it')).catch(() => undefined));
    await machine.run(other.append(say('in the next segment')));
  }
  return { machine, pace, store, long };
}

it('an append waits for settling that gets on, however long a portion of it takes', async () => {
  const { machine, pace, store, long } = await overBound(6_000);
  const before = machine.disk.clock.monotonicMs();
  const { seq } = await machine.run(long.append(say('it waited')));
  expect(seq).toBe(4);
  // It waited for two groups, and longer than it has patience with settling that stands still.
  expect(machine.disk.clock.monotonicMs() - before).toBeGreaterThan(31_000);
  expect(pace.syncs).toBeGreaterThan(5);
  pace.syncMs = 0;
  await machine.run(store.close());
});

// It was heard only once settling got on, after 30 seconds at worst.
it('an append that waits for settling ends at once when it is aborted, and writes nothing', async () => {
  const { machine, pace, store, long } = await overBound(6_000);
  const abort = new AbortController();
  const before = machine.disk.clock.monotonicMs();
  const waiting = [
    long.append(say('first in line'), { signal: abort.signal }),
    long.append(say('behind it'), { signal: abort.signal }),
    long.append(say('with a key'), { signal: abort.signal, idempotencyKey: 'k' }),
  ];
  const told = Promise.allSettled(waiting);
  await machine.pass(100);
  const reason = new Error('enough');
  abort.abort(reason);
  expect(await machine.run(told)).toEqual(waiting.map(() => ({ status: 'rejected', reason })));
  expect(machine.disk.clock.monotonicMs() - before).toBeLessThan(1000);
  pace.syncMs = 0;
  const { seq } = await machine.run(long.append(say('next')));
  expect(seq).toBe(4);
  await machine.run(store.close());
});

it.each(['settle', 'close'] as const)(
  'Store.%s waits for several sessions at once',
  async (verb) => {
    const machine = await SimMachine.start(9);
    const pace: Pace = { ...atOnce };
    const parts = { ...machine.parts(), fileSystem: slowHistories(machine, pace) };
    const store = await machine.openWith(parts);
    for (let count = 0; count < 16; count += 1) {
      const session = await machine.run(store.createSession({ id: `s${count}` }));
      await machine.run(session.append(say('to be settled')));
    }
    Object.assign(pace, { syncMs: 100, syncs: 0, running: 0, mostAtOnce: 0 });
    const before = machine.disk.clock.monotonicMs();
    await machine.run(store[verb]());
    // Four syncs settle a session, and two more let go of it.
    const each = verb === 'settle' ? 4 : 6;
    expect(pace.syncs).toBe(16 * each);
    expect(pace.mostAtOnce).toBe(8);
    expect(machine.disk.clock.monotonicMs() - before).toBeLessThan(4 * each * 100);
    pace.syncMs = 0;
    await machine.run(store.close());
  },
);
