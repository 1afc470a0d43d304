/**
 * The engine in a program whose tests have put timers that stand still in the place of the real
 * ones: what it waits for is the disk, and goes on.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Store } from '../../src/index.ts';
import { SimMachine } from '../../src/testing.ts';

type Faked = NonNullable<NonNullable<Parameters<typeof vi.useFakeTimers>[0]>['toFake']>;

/** All that vitest puts in place by default, and what others do besides. */
const faked: Faked = [
  ...(['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] as const),
  ...(['setImmediate', 'clearImmediate', 'queueMicrotask', 'performance', 'Date'] as const),
];
const text = (bytes: number) => ({ role: 'user', content: 'x'.repeat(bytes) });

describe('a store under timers that stand still', () => {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'holdfast-fake-'));
    vi.useFakeTimers({ toFake: faked });
  });
  afterEach(() => {
    vi.useRealTimers();
    rmSync(directory, { recursive: true });
  });

  it.each(['worker', 'pool'] as const)(
    'opens, appends, settles in the background and closes with io %s',
    async (io) => {
      const store = await Store.open(join(directory, 'store'), { io, segmentBytes: 16 * 1024 });
      const session = await store.openSession('s', { create: true });
      // Several segments, so that settling pauses in between when the store is closed.
      for (let count = 0; count < 40; count += 1) await session.append(text(4000));
      await session.append(text(10), { durability: 'batched' });
      await store.close();
      await using again = await Store.open(join(directory, 'store'), { io });
      await using read = await again.openSession('s');
      expect(read.state.messages).toBe(41);
    },
  );

  it('a held lock is waited for, and then told', async () => {
    const root = join(directory, 'store');
    await using store = await Store.open(root, { lockWaitMs: 50 });
    await using session = await store.openSession('s', { create: true });
    await session.append(text(1));
    await expect(store.openSession('s')).rejects.toMatchObject({ code: 'LOCKED' });
  });

  it('a simulated machine works as ever', async () => {
    const machine = await SimMachine.create({ seed: 1 });
    const store = await machine.openStore('/store');
    await machine.run(async () => {
      const session = await store.openSession('s', { create: true });
      await session.append(text(1));
      await store.close();
    });
  });
});
