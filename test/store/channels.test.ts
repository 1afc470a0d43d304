/** What a store tells on the channels, and what it does not do for them. */
import { spawnSync } from 'node:child_process';
import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from 'vitest';
import { channelNames } from '../../src/base/channels.ts';
import type { ChannelKind, ChannelMessages, SyncMessage } from '../../src/base/channels.ts';
import type { Message } from '../../src/session/message.ts';
import { simClock } from '../../src/platform/sim/sim-clock.ts';
import { Metrics } from '../../src/store/metrics.ts';
import { Store } from '../../src/store/store.ts';
import { turn } from '../helpers/journal-lab.ts';
import { Heard } from '../helpers/listening.ts';
import { SimMachine, simRoot } from '../helpers/sim-store.ts';

const secret = 'never told to a listener';
const say = (text: string): Message => ({ role: 'user', content: text });
const checkpoints = false;

let directory = '';
let heard: Heard | null = null;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-channels-'));
});
afterEach(() => {
  heard?.end();
  heard = null;
  rmSync(directory, { recursive: true, force: true });
});

describe.each(['worker', 'pool'] as const)('the channels of a real store, io %s', (io) => {
  it('append, commit, sync and settle tell a known workload with its numbers', async () => {
    heard = new Heard();
    const store = await Store.open(join(directory, 'store'), { io, checkpoints });
    const session = await store.createSession({ id: 's' });
    await session.append(say(secret));
    await session.appendAll([say(secret), say(secret)]);
    await session.append(say(secret), { durability: 'batched' });
    await session.flush();
    await store.settle();
    const { counters } = store.metrics();
    await turn();
    const root = store.root;
    expect(heard.of('append')).toMatchObject([
      { root, session: 's', firstSeq: 1, lastSeq: 1, durability: 'durable' },
      { root, session: 's', firstSeq: 2, lastSeq: 3, durability: 'durable' },
      { root, session: 's', firstSeq: 4, lastSeq: 4, durability: 'batched' },
    ]);
    const [one, two] = heard.of('append').map(({ bytes }) => bytes);
    expect(two).toBe(2 * (one ?? 0));
    const commits = heard.of('commit');
    expect(commits.map(({ entries, segment }) => [entries, segment])).toEqual([
      [1, 1],
      [2, 1],
      [1, 1],
    ]);
    expect(commits.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(counters.bytes);
    expect(heard.of('sync').map(({ entries }) => entries)).toEqual([1, 2, 1]);
    const bytes = counters.settledBytes;
    expect(heard.of('settle')).toMatchObject([
      { root, session: 's', entries: 4, bytes, lastSeq: 4 },
    ]);
    for (const kind of ['append', 'commit', 'sync', 'settle'] as const) {
      for (const { durationMs } of heard.of(kind)) expect(durationMs).toBeGreaterThan(0);
    }
    // In the order of what happened: nothing is acknowledged as durable before its sync.
    const kinds = heard.all.map(({ kind }) => kind);
    expect(kinds.slice(0, 3)).toEqual(['commit', 'sync', 'append']);
    await store.close();
    // The detach, and the syncs of the close, are told by its end.
    expect(heard.of('commit')).toHaveLength(store.metrics().counters.commits);
    expect(heard.of('sync')).toHaveLength(store.metrics().counters.syncs);
    expect(JSON.stringify(heard.all)).not.toContain(secret);
  });

  it('append is told behind the answer, however soon the listener could be called', async () => {
    const store = await Store.open(join(directory, 'store'), { io, checkpoints });
    const session = await store.createSession({ id: 's' });
    heard = new Heard();
    for (const durability of ['durable', 'batched'] as const) {
      const before = heard.of('append').length;
      await session.append(say('one'), { durability });
      expect(heard.of('append')).toHaveLength(before);
      await turn();
      expect(heard.of('append')).toHaveLength(before + 1);
    }
    await store.close();
  });
});

describe('the channels', () => {
  it('retire tells how many segments went, and what is left', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const session = await machine.run(store.createSession({ id: 's' }));
    heard = new Heard(['retire']);
    for (let index = 0; index < 60; index += 1) {
      await machine.run(session.append(say('x'.repeat(2000))));
    }
    await machine.run(store.settle());
    await machine.pass(5000);
    await turn();
    const { counters, gauges } = store.metrics();
    const told = heard.of('retire');
    expect(told.reduce((sum, { segments }) => sum + segments, 0)).toBe(counters.retires);
    expect(counters.retires).toBeGreaterThan(2);
    expect(told.at(-1)).toEqual({
      root: simRoot,
      segments: expect.any(Number),
      firstSegment: counters.retires + 1,
      journalSegments: 1,
      journalBytes: gauges.journalBytes,
    });
  });

  it('recover tells what became of a dead writer, from Store.open and from recover alike', async () => {
    for (const by of ['open', 'run'] as const) {
      const machine = await SimMachine.start();
      const store = await machine.open();
      const session = await machine.run(store.createSession({ id: 's' }));
      await machine.run(session.append(say(secret)));
      await machine.run(session.intend({ id: 'call', name: 'bash' }));
      machine.kill();
      heard = new Heard();
      // A look changes nothing, and tells nothing.
      await machine.recover({ mode: 'scan' });
      await turn();
      expect(heard.all).toEqual([]);
      if (by === 'open') await machine.open();
      else await machine.recover({ mode: 'run' });
      await turn();
      expect(heard.of('recover')).toEqual([
        {
          root: simRoot,
          verdict: 'healed',
          writers: 1,
          sessions: 1,
          entriesKept: 2,
          entriesInDoubt: 0,
          sessionsDamaged: 0,
          cutBytes: 0,
          unknownOutcomes: 1,
          durationMs: expect.any(Number),
        },
      ]);
      expect(JSON.stringify(heard.all)).not.toContain(secret);
      // There is nothing left to recover.
      await machine.recover({ mode: 'run' });
      await turn();
      expect(heard.of('recover')).toHaveLength(1);
      heard.end();
    }
  });

  it('poison is told once, with what the machine said, when a sync fails', async () => {
    const machine = await SimMachine.start();
    const store = await machine.open();
    const session = await machine.run(store.createSession({ id: 's' }));
    await machine.run(session.append(say('one')));
    heard = new Heard(['poison', 'append']);
    machine.disk.beforeOperation = ({ kind, path }) =>
      kind === 'sync' && path.includes('.segment') ? { errno: 'EIO' } : undefined;
    const lost = [session.append(say(secret)), session.append(say(secret))];
    const outcomes = await machine.run(Promise.allSettled(lost));
    const reason: unknown = expect.objectContaining({ code: 'POISONED' });
    expect(outcomes).toEqual([
      { status: 'rejected', reason },
      { status: 'rejected', reason },
    ]);
    await turn();
    // The introduction of the session has a sequence of the journal as well.
    const inDoubt = { from: 3, to: 4 };
    const said = { syscall: 'fdatasync', errno: 'EIO' };
    expect(heard.of('poison')).toEqual([{ root: simRoot, durableUpTo: 2, inDoubt, ...said }]);
    expect(heard.of('append')).toEqual([]);
    await machine.run(store.close()).catch(() => undefined);
    expect(heard.of('poison')).toHaveLength(1);
  });

  it('publish is not called, and no clock read for it, while nobody listens', async () => {
    const spies = Object.values(channelNames).map((name) => vi.spyOn(channel(name), 'publish'));
    const clock = simClock();
    const reads = vi.spyOn(clock, 'monotonicMs');
    const metrics = new Metrics('/store', clock, null);
    expect([metrics.begin('append'), metrics.begin('settle')]).toEqual([null, null]);
    expect(metrics.isMeasuring).toBe(false);
    expect(reads).not.toHaveBeenCalled();
    const store = await Store.open(join(directory, 'store'), { checkpoints });
    const session = await store.createSession({ id: 's' });
    await session.append(say('one'));
    await store.settle();
    await store.close();
    await turn();
    for (const spy of spies) expect(spy).not.toHaveBeenCalled();
    heard = new Heard(['append', 'sync']);
    expect([metrics.begin('append'), metrics.begin('settle')]).toEqual([0, null]);
    expect(metrics.isMeasuring).toBe(true);
    vi.restoreAllMocks();
  });

  it('a listener that comes and goes is told what happens in between', async () => {
    const store = await Store.open(join(directory, 'store'), { checkpoints });
    const session = await store.createSession({ id: 's' });
    await session.append(say('one'));
    const told: SyncMessage[] = [];
    const listener = (message: unknown): void => {
      told.push(message as SyncMessage);
    };
    subscribe(channelNames.sync, listener);
    await session.append(say('two'));
    await turn();
    unsubscribe(channelNames.sync, listener);
    await session.append(say('three'));
    await store.close();
    await turn();
    expect(told.map(({ entries }) => entries)).toEqual([1]);
  });

  it('a listener that throws costs no append, no durability and no close', () => {
    const script = fileURLToPath(new URL('throwing-listener.mjs', import.meta.url));
    const root = join(directory, 'store');
    const run = spawnSync(process.execPath, [script, root], { encoding: 'utf8' });
    expect(run.stderr).toBe('');
    const told = JSON.parse(run.stdout) as {
      readonly seqs: readonly number[];
      readonly durableUpTo: number;
      readonly uncaught: number;
      readonly calls: number;
    };
    expect(told.seqs).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(told.durableUpTo).toBe(20);
    expect(told.calls).toBeGreaterThan(50);
    expect(told.uncaught).toBe(told.calls);
  });

  it('names and messages have the same keys, and every name begins alike', () => {
    expectTypeOf<keyof ChannelMessages>().toEqualTypeOf<ChannelKind>();
    for (const [kind, name] of Object.entries(channelNames)) expect(name).toBe(`holdfast:${kind}`);
  });
});
