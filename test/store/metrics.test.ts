/** The numbers of a store, against workloads whose numbers are known. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import type { HistogramSummary, StoreMetrics } from '../../src/store/metrics-api.ts';
import type { Message } from '../../src/session/message.ts';
import { Store } from '../../src/store/store.ts';
import { SimMachine, simRoot } from '../helpers/sim-store.ts';

const say = (text: string): Message => ({ role: 'user', content: text });

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-metrics-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Five appends of six entries, the last one batched, each in a commit and a sync of its own. */
async function work(store: Store): Promise<void> {
  const session = await store.createSession({ id: 's' });
  for (const text of ['one', 'two', 'three']) await session.append(say(text));
  await session.appendAll([say('four'), say('five')]);
  await session.append(say('six'), { durability: 'batched' });
  await session.flush();
}

describe.each(['worker', 'pool'] as const)('Store.metrics of a real store, io %s', (io) => {
  it('counts a known workload, through to the close', async () => {
    const store = await Store.open(join(directory, 'store'), { io, checkpoints: false });
    await work(store);
    const during = store.metrics();
    expect(during).toMatchObject({
      schema: 'holdfast.metrics/1',
      counters: { appends: 5, entries: 6, appendsFailed: 0, commits: 5, syncs: 5, rotations: 0 },
      gauges: {
        sessionsOpen: 1,
        readersOpen: 0,
        journalSegments: 1,
        journalBytes: 1024 * 1024,
        waitingEntries: 0,
        unsyncedEntries: 0,
        oldestUnsyncedMs: 0,
        queuedBytes: 0,
        poisoned: false,
      },
      histograms: null,
    });
    expect(during.counters).toMatchObject({ settles: 0, retires: 0, recoveries: 0 });
    await store.settle();
    const { counters } = store.metrics();
    expect(counters).toMatchObject({ settles: 1, settledEntries: 6, settlesFailed: 0 });
    expect(counters.settledBytes).toBeGreaterThan(0);
    expect(counters.settledBytes).toBeLessThan(counters.bytes);
    await store.close();
    const after = store.metrics();
    // The detach of the session is one more commit, and no append.
    expect(after.counters).toMatchObject({ appends: 5, entries: 6, commits: 6 });
    expect(after.gauges).toMatchObject({ sessionsOpen: 0, poisoned: false });
  });

  it('has histograms of exactly what the counters count, when it was opened with them', async () => {
    const path = join(directory, 'store');
    const store = await Store.open(path, { io, checkpoints: false, histograms: true });
    await work(store);
    await store.close();
    const { counters, histograms } = store.metrics();
    if (histograms === null) throw new Error('histograms were asked for');
    const { appendMs, commitEntries, commitBytes, syncMs, settleMs } = histograms;
    expect(appendMs.count).toBe(counters.appends);
    expect([commitEntries.count, commitBytes.count]).toEqual([counters.commits, counters.commits]);
    expect(syncMs.count).toBe(counters.syncs);
    expect(settleMs.count).toBe(counters.settles);
    expect(commitEntries).toMatchObject({ unit: 'entries', min: 0, p50: 1, max: 2 });
    expect(commitEntries.mean * commitEntries.count).toBeCloseTo(counters.entries, 6);
    expect(commitBytes.mean * commitBytes.count).toBeCloseTo(counters.bytes, 6);
    for (const { unit, min, p50, p90, p99, p999, max } of [appendMs, syncMs, settleMs]) {
      expect(unit).toBe('ms');
      expect(min).toBeGreaterThan(0);
      const steps = [min, p50, p90, p99, p999, max];
      expect(steps).toEqual(steps.toSorted((one, other) => one - other));
    }
  });
});

describe('Store.metrics', () => {
  it('is frozen plain data, the same as JSON, and a copy', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open({ histograms: true });
    const before = store.metrics();
    const session = await machine.run(store.createSession({ id: 's' }));
    await machine.run(session.append(say('one')));
    const metrics = store.metrics();
    expect(before.counters.appends).toBe(0);
    expect(JSON.parse(JSON.stringify(metrics))).toEqual(metrics);
    const parts = [metrics, metrics.counters, metrics.gauges, metrics.histograms];
    const summaries = Object.values(metrics.histograms ?? {});
    expect(summaries).toHaveLength(5);
    for (const part of [...parts, ...summaries]) expect(Object.isFrozen(part)).toBe(true);
    expectTypeOf(metrics).toEqualTypeOf<StoreMetrics>();
    expectTypeOf(metrics.counters.appends).toEqualTypeOf<number>();
    expectTypeOf(metrics.gauges.poisoned).toEqualTypeOf<boolean>();
    expectTypeOf<
      NonNullable<StoreMetrics['histograms']>['syncMs']
    >().toEqualTypeOf<HistogramSummary>();
    // @ts-expect-error: it is read only.
    expect(() => (metrics.counters.appends = 7)).toThrow(TypeError);
  });

  it('has all counters at 0 for a store that is open for reading, with the same members', async () => {
    const machine = await SimMachine.start();
    const writing = await machine.open();
    const session = await machine.run(writing.createSession({ id: 's' }));
    await machine.run(session.append(say('one')));
    const store = await machine.open({ mode: 'read' }, 'reader');
    await machine.run(store.openSession('s'));
    const { counters, gauges, histograms } = store.metrics();
    expect(Object.keys(counters).toSorted()).toEqual(
      Object.keys(writing.metrics().counters).toSorted(),
    );
    expect(new Set(Object.values(counters))).toEqual(new Set([0]));
    expect(gauges).toMatchObject({ sessionsOpen: 0, readersOpen: 1, journalSegments: 0 });
    expect(histograms).toBeNull();
  });

  it('shows what a power cut can cost: batched entries and their age, until they are synced', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const session = await machine.run(store.createSession({ id: 's' }));
    await machine.run(session.append(say('durable')));
    const options = { durability: 'batched' } as const;
    const batched = [session.append(say('one'), options), session.append(say('two'), options)];
    expect(store.metrics().gauges).toMatchObject({ waitingEntries: 2, unsyncedEntries: 0 });
    await Promise.all(batched);
    await machine.pass(40);
    const { gauges } = store.metrics();
    expect(gauges).toMatchObject({ waitingEntries: 0, unsyncedEntries: 2, oldestUnsyncedMs: 40 });
    expect(gauges.queuedBytes).toBeGreaterThan(0);
    machine.disk.clock.jumpWall(-60_000);
    expect(store.metrics().gauges.oldestUnsyncedMs).toBe(0);
    await machine.pass(60);
    expect(store.metrics().gauges).toMatchObject({
      unsyncedEntries: 0,
      oldestUnsyncedMs: 0,
      queuedBytes: 0,
    });
  });

  it('follows segments as they come and go, with their bytes on the disk', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const session = await machine.run(store.createSession({ id: 's' }));
    for (let index = 0; index < 60; index += 1) {
      await machine.run(session.append(say('x'.repeat(2000))));
    }
    const { counters } = store.metrics();
    expect(counters.rotations).toBeGreaterThan(2);
    await machine.run(store.settle());
    await machine.pass(5000);
    const settled = store.metrics();
    const { retires, rotations, settledEntries } = settled.counters;
    expect(retires).toBe(rotations);
    expect(settledEntries).toBe(60);
    expect(settled.gauges.journalSegments).toBe(1);
    // The one that is prepared for later is not part of the journal yet.
    const paths = machine.disk.paths().filter((path) => /journals\/.*\/\d+\.segment$/.test(path));
    const [oldest = ''] = paths.toSorted();
    expect(settled.gauges.journalBytes).toBe(machine.disk.readFile(oldest).length);
  });

  it('counts dead writers that were recovered, and only those', async () => {
    const machine = await SimMachine.start();
    const first = await machine.open();
    expect(first.metrics().counters.recoveries).toBe(0);
    const session = await machine.run(first.createSession({ id: 's' }));
    await machine.run(session.append(say('one')));
    machine.kill();
    const second = await machine.open();
    expect(second.metrics().counters).toMatchObject({ recoveries: 1, appends: 0 });
    await machine.run(second.close());
    const third = await machine.open();
    expect(third.metrics().counters.recoveries).toBe(0);
  });

  it('counts failures, and is told that the journal is poisoned', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const session = await machine.run(store.createSession({ id: 's' }));
    await machine.run(session.append(say('one')));
    machine.disk.beforeOperation = ({ kind, path }) =>
      kind === 'write' && path.endsWith('/history') ? { errno: 'EIO' } : undefined;
    await expect(machine.run(store.settle())).rejects.toMatchObject({ code: 'IO' });
    expect(store.metrics().counters).toMatchObject({ settles: 0, settlesFailed: 1 });
    machine.disk.beforeOperation = null;
    machine.disk.failNext('write', 'ENOSPC');
    await expect(machine.run(session.append(say('two')))).rejects.toMatchObject({ code: 'FULL' });
    expect(store.metrics().counters).toMatchObject({ appends: 1, appendsFailed: 1 });
    // The segment of the failed write is left; the next one is made, and then its sync fails.
    await machine.run(session.append(say('two')));
    machine.disk.beforeOperation = ({ kind, path }) =>
      kind === 'sync' && path.includes('.segment') ? { errno: 'EIO' } : undefined;
    await machine.run(session.append(say('exposed'), { durability: 'batched' }));
    const lost = machine.run(session.append(say('three')));
    await expect(lost).rejects.toMatchObject({ code: 'POISONED' });
    const { counters, gauges } = store.metrics();
    expect(counters).toMatchObject({ appends: 3, appendsFailed: 2 });
    // What was acknowledged and not synced is exposed more than ever.
    const left = { poisoned: true, waitingEntries: 0, unsyncedEntries: 1, queuedBytes: 0 };
    expect(gauges).toMatchObject(left);
    expect(gauges.oldestUnsyncedMs).toBeGreaterThanOrEqual(0);
  });

  it('leaves what is on the disk as it is: with histograms the bytes are the same', async () => {
    const images = await Promise.all(
      [false, true].map(async (histograms) => {
        const machine = await SimMachine.start(3, { last: 0 });
        const store = await machine.open({ histograms });
        const session = await machine.run(store.createSession({ id: 's' }));
        await machine.run(session.append(say('one')));
        expect(existsSync(simRoot)).toBe(false);
        const { disk } = machine;
        return disk.paths().map((path) => [path, Buffer.from(disk.readFile(path)).toString('hex')]);
      }),
    );
    expect(images[0]).toEqual(images[1]);
  });

  it('refuses histograms that are neither asked for nor not', async () => {
    const opening = Store.open(join(directory, 'store'), { histograms: 'yes' as never });
    await expect(opening).rejects.toMatchObject({
      code: 'INVALID',
      details: { path: 'histograms' },
    });
  });
});
