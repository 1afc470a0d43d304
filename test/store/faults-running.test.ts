/**
 * Faults that meet a store while it works, by the names of the fault list: writes that fail and go
 * on, syncs that are under way, settling beside everything else, and clocks that jump.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/session/message.ts';
import type { AppendOptions, Session } from '../../src/store/api.ts';
import type { SessionWriter } from '../../src/store/session-writer.ts';
import { Store } from '../../src/store/store.ts';
import { durableMarks } from '../helpers/durable-marks.ts';
import { HeldOperation } from '../helpers/held-operation.ts';
import { HeldSyncs, turn } from '../helpers/journal-lab.ts';
import { RecoveryLab } from '../helpers/recovery-lab.ts';
import { collect, SimMachine, simRoot } from '../helpers/sim-store.ts';

const say = (text: string): Message => ({ role: 'user', content: text });

async function textsOf(machine: SimMachine, session: Session): Promise<unknown[]> {
  const found = await machine.run(collect(session.messages()));
  return found.map(({ message }) => message.content);
}

/** The texts of `s` on what a power cut that keeps this leaves of the machine. */
async function afterCut(machine: SimMachine, keep: 'none' | 'all'): Promise<unknown[]> {
  const after = new SimMachine(machine.disk.crash({ keep }));
  const store = await after.open({ mode: 'write' }, 'after the cut');
  return textsOf(after, await after.run(store.openSession('s')));
}

describe('a write that failed', () => {
  it('F27 leaves nothing of its batch behind once a later one succeeded, however far it came', async () => {
    const lab = await RecoveryLab.start();
    const never = 'never acknowledged '.repeat(8);
    for (const later of ['x', never.replace('never', 'later'), 'long '.repeat(200)]) {
      for (const errno of ['ENOSPC', 'EIO']) {
        for (let taken = 0; taken <= 400; taken += 40) {
          const machine = new SimMachine(lab.disk.clone());
          const store = await machine.open();
          const session = await machine.run(store.createSession({ id: 's' }));
          await machine.run(session.append(say('before')));
          let step = 0;
          machine.disk.beforeOperation = ({ kind, path }) => {
            if (kind !== 'write' || !path.includes('.segment') || step > 1) return undefined;
            step += 1;
            return step === 1 && taken > 0 ? { shortWrite: taken } : { errno };
          };
          const failing = machine.run(session.append(say(never)));
          await expect(failing).rejects.toMatchObject({ code: errno === 'EIO' ? 'IO' : 'FULL' });
          machine.disk.beforeOperation = null;
          const { seq } = await machine.run(session.append(say(later)));
          expect(seq).toBe(2);
          machine.kill();
          const expected = ['before', later];
          // What is left of the failed batch is disowned, not a tail that would have to be judged.
          const { writers } = await new SimMachine(machine.disk.crash({ keep: 'all' })).recover();
          expect(writers).toMatchObject([{ verdict: 'unclean', cut: { bytes: 0 } }]);
          expect(await afterCut(machine, 'none'), `${taken} bytes`).toEqual(expected);
          expect(await afterCut(machine, 'all'), `${taken} bytes`).toEqual(expected);
        }
      }
    }
  });

  it('F27 of a keyed append is there once when it is tried again, before and after a crash', async () => {
    for (let taken = 0; taken <= 600; taken += 60) {
      for (const between of ['nothing', 'SIGKILL'] as const) {
        const machine = await SimMachine.start();
        const open = async (name: string): Promise<Session> => {
          const store = await machine.open({}, name);
          return machine.run(store.openSession('s', { create: true }));
        };
        const first = await open('first');
        await machine.run(first.append(say('before')));
        let step = 0;
        machine.disk.beforeOperation = ({ kind, path }) => {
          if (kind !== 'write' || !path.includes('.segment') || step > 1) return undefined;
          step += 1;
          return step === 1 && taken > 0 ? { shortWrite: taken } : { errno: 'ENOSPC' };
        };
        const keyed = (session: Session): Promise<unknown> =>
          machine.run(session.append(say('keyed'), { idempotencyKey: 'once' }));
        const wasTaken = await keyed(first).then(
          () => true,
          () => false,
        );
        machine.disk.beforeOperation = null;
        if (between === 'SIGKILL') machine.kill('first');
        const again = between === 'SIGKILL' ? await open('again') : first;
        await keyed(again);
        expect(await textsOf(machine, again), `${taken}, ${wasTaken}`).toEqual(['before', 'keyed']);
      }
    }
  });
});

describe('a sync that is under way', () => {
  it('F32 acknowledges nothing that was written after it began, in any session', async () => {
    const machine = await SimMachine.start();
    const held = new HeldSyncs();
    const parts = machine.parts('main');
    const all = { ...parts, fileSystem: held.wrap(parts.fileSystem) };
    const store = await machine.run(Store.openWith(all, simRoot, { io: 'pool' }));
    const [a, b] = [
      await machine.run(store.createSession({ id: 's' })),
      await machine.run(store.createSession({ id: 'other' })),
    ];
    await machine.run(a.append(say('first of s')));
    await machine.run(b.append(say('first of other')));
    held.holding = true;
    const told: string[] = [];
    const tell = (name: string, promise: Promise<unknown>): Promise<unknown> =>
      promise.then(() => told.push(name));
    const work = [tell('began it', a.append(say('began it')))];
    await turn();
    expect(held.held).toHaveLength(1);
    // Whatever comes now is written, or waits; the running sync does not cover it.
    const batched: AppendOptions = { durability: 'batched' };
    work.push(tell('batched', a.append(say('batched'), batched)));
    work.push(tell('durable', a.append(say('durable'))));
    work.push(tell('of other', b.append(say('of other'))));
    work.push(tell('flush', b.flush()));
    await machine.pass(50);
    expect(told).toEqual([]);
    held.held[0]?.release();
    await machine.pass(50);
    // A batched append promises no sync; it only waited for the one in front of it.
    expect(told).toEqual(['began it', 'batched']);
    expect(a.durableUpTo).toBe(2);
    expect(b.durableUpTo).toBe(1);
    // Nobody knows what of the others is on the disk: the sync that covers them is not back yet.
    expect(held.held).toHaveLength(2);
    held.holding = false;
    held.held[1]?.release();
    await machine.run(Promise.all(work));
    expect([a.durableUpTo, b.durableUpTo]).toEqual([4, 2]);
    const texts = ['first of s', 'began it', 'batched', 'durable'];
    expect(await afterCut(machine, 'none')).toEqual(texts);
  });
});

/** What happens beside settling. Texts of `s` that it makes durable are told. */
const besides: Readonly<
  Record<string, (world: World) => Promise<readonly string[] | undefined | void>>
> = {
  'an append': async ({ session }) => {
    await session.append(say('beside'));
    return ['beside'];
  },
  'a rotation': async ({ session }) => {
    const texts = ['one', 'two', 'three'].map((text) => text.padEnd(5000, '.'));
    for (const text of texts) await session.append(say(text));
    return texts;
  },
  'a second settling': ({ session }) => (session as SessionWriter).settle(),
  'settling of the whole store': ({ store }) => store.settle(),
  'a base': async ({ session }) => {
    await session.record({ kind: 'compaction', compaction: { summary: 'so far' } });
  },
  'a restore point': async ({ session }) => {
    await session.snapshots.take({ action: 'beside' });
  },
  'closing the session': ({ session }) => session.close(),
  'closing the store': ({ store }) => store.close(),
  'a reader in the same process': async ({ session, texts }) => {
    const found = await collect(session.messages());
    expect(found.map(({ message }) => message.content)).toEqual(texts);
  },
  'a reader in another process': async ({ machine, texts }) => {
    const settings = { mode: 'read', io: 'pool' } as const;
    const reader = await Store.openWith(machine.parts('reader'), simRoot, settings);
    const found = await collect((await reader.openSession('s')).messages());
    expect(found.map(({ message }) => message.content)).toEqual(texts);
    await reader.close();
  },
};

interface World {
  readonly machine: SimMachine;
  readonly store: Store;
  readonly session: Session;
  /** What was acknowledged before settling began. */
  readonly texts: readonly string[];
}

/** Settles, with this beside it while operation `step` is held; false when it has no such one. */
async function settleBeside(name: string, step: number): Promise<boolean> {
  const machine = await SimMachine.start();
  const parts = machine.parts('main');
  const held = new HeldOperation(parts.fileSystem);
  const all = { ...parts, fileSystem: held.fileSystem };
  const settings = { io: 'pool', segmentBytes: 16_384 } as const;
  const store = await machine.run(Store.openWith(all, simRoot, settings));
  const session = await machine.run(store.createSession({ id: 's' }));
  // So little that settling does not begin by itself.
  const texts = ['a', 'b', 'c'];
  for (const text of texts.slice(0, 1)) await machine.run(session.append(say(text)));
  await machine.run(store.settle());
  for (const text of texts.slice(1)) await machine.run(session.append(say(text)));
  // Readers of another process see what a mark tells to be durable, and that comes with quiet time.
  await machine.pass(50);
  held.hold((_verb, path) => path.includes('/sessions/') || path.includes('.segment'), step);
  const settling = (session as SessionWriter).settle();
  await machine.pass(5);
  const wasHeld = held.isHolding;
  const beside = besides[name]?.({ machine, store, session, texts }) ?? Promise.resolve();
  beside.catch(() => undefined);
  await machine.pass(30);
  held.release();
  const [, more] = await machine.run(Promise.all([settling, beside]));
  const expected = [...texts, ...(more ?? [])];
  const where = `${name} beside operation ${step} of settling`;
  await machine.pass(50);
  expect(await afterCut(machine, 'none'), where).toEqual(expected);
  if (!name.startsWith('closing')) {
    await machine.run(session.append(say('and on')));
    expected.push('and on');
    expect(await textsOf(machine, session), where).toEqual(expected);
    await machine.run(store.close());
  }
  machine.kill();
  const report = await machine.recover({ mode: 'verify' });
  expect(
    report.findings.filter(({ severity }) => severity !== 'info'),
    where,
  ).toEqual([]);
  expect(await afterCut(machine, 'none'), where).toEqual(expected);
  return wasHeld;
}

describe('settling', () => {
  it.each(Object.keys(besides))(
    'F42 is right with %s beside it, at every one of its steps',
    async (name) => {
      let step = 0;
      while (await settleBeside(name, step)) step += 1;
      expect(step).toBeGreaterThanOrEqual(9);
    },
  );
});

describe('a clock that jumps', () => {
  const yearMs = 365 * 24 * 3600 * 1000;

  it.each([-yearMs, yearMs])(
    'F47 by %d ms keeps ceilings, waits, order and what is retained',
    async (jump) => {
      const machine = await SimMachine.start();
      const store = await machine.open();
      const session = await machine.run(store.createSession({ id: 's' }));
      await machine.run(session.append(say('before')));
      const ids = [(await machine.run(session.snapshots.take({ action: 'before' }))).id];
      await machine.run(session.append(say('batched'), { durability: 'batched' }));
      machine.disk.clock.jumpWall(jump);
      await machine.pass(40);
      expect(session.durableUpTo).toBe(2);
      await machine.pass(60);
      expect(session.durableUpTo).toBe(3);
      ids.push((await machine.run(session.snapshots.take({ action: 'after' }))).id);
      await machine.run(session.append(say('after')));
      // Retention goes by what came last, not by what the clock said.
      const { removed } = await machine.run(session.snapshots.cleanup({ keep: 1 }));
      expect(removed).toEqual(ids.slice(0, 1));
      // A lock is waited for as long as was said, although the wall clock jumps meanwhile.
      const other = await machine.open({ lockWaitMs: 500 }, 'other');
      const began = machine.disk.clock.monotonicMs();
      const opening = other.openSession('s').then(
        () => 'opened',
        (error: { readonly code: string }) => error.code,
      );
      await machine.pass(200);
      machine.disk.clock.jumpWall(-2 * jump);
      expect(await machine.run(opening)).toBe('LOCKED');
      const waited = machine.disk.clock.monotonicMs() - began;
      expect(waited).toBeGreaterThanOrEqual(500);
      expect(waited).toBeLessThan(700);
      machine.kill('main');
      machine.disk.clock.jumpWall(3 * jump);
      // Its owner died; nothing about that is decided by the time its lock tells.
      const next = await machine.run(other.openSession('s'));
      expect(await textsOf(machine, next)).toEqual(['before', 'batched', 'after']);
      await machine.run(next.append(say('and on')));
      await machine.run(other.close());
      expect(await machine.recover({ mode: 'verify' })).toMatchObject({ findings: [] });
    },
  );

  it('F47 a loop that is blocked and a pool that is full do not hold up the sync of a thread', async () => {
    const root = fs.mkdtempSync(join(tmpdir(), 'holdfast-starved-'));
    const pipe = join(root, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const store = await Store.open(join(root, 'store'), { io: 'worker' });
    const session = await store.createSession({ id: 's' });
    await session.append(say('durable'));
    await session.append(say('batched'), { durability: 'batched' });
    expect(session.durableUpTo).toBe(1);
    // Each of these takes a thread of the pool until somebody opens the other end.
    const opening = Array.from({ length: 8 }, () => fs.promises.open(pipe, 'r'));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
    // No turn of the loop since: what is in the file was written and synced by the thread alone.
    const marked = durableMarks(join(root, 'store', 'journals'));
    const writer = fs.openSync(pipe, fs.constants.O_RDWR);
    for (const one of opening) await (await one).close();
    fs.closeSync(writer);
    await store.close();
    fs.rmSync(root, { recursive: true });
    // The introduction of the session takes a place of its own in front of the two.
    expect(Math.max(...marked)).toBe(3);
  });
});
