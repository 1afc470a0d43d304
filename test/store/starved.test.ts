/**
 * F47 of the fault list with real processes: a loop that is blocked, a pool that is full of work, and a
 * clock that jumps. What is asserted is order and content; times are printed, because they are those of
 * the machine.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { initChecksum } from '../../src/format/checksum.ts';
import { Store } from '../../src/store/store.ts';
import { durableMarks } from '../helpers/durable-marks.ts';
import { collect } from '../helpers/sim-store.ts';
import { StoreProcess } from '../helpers/store-process.ts';

const starved = fileURLToPath(new URL('starved.mjs', import.meta.url));
const stuck = fileURLToPath(new URL('stuck.mjs', import.meta.url));
let directory = '';
let root = '';

beforeAll(() => initChecksum());
beforeEach(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'holdfast-starved-'));
  root = join(directory, 'store');
});
afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

/** Looks until it is so; fails after ten seconds. */
async function until(isSo: () => boolean, what: string): Promise<void> {
  const endMs = performance.now() + 10_000;
  while (!isSo()) {
    if (performance.now() > endMs) throw new Error(`It did not happen: ${what}`);
    await new Promise((go) => setImmediate(go));
  }
}

describe('a process with eight pbkdf2 jobs in its pool', () => {
  it('F47 syncs batched entries while its loop is blocked, and appends while the pool is full', async () => {
    const file = join(directory, 'go on');
    const child = spawn(process.execPath, [starved, root, file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async (): Promise<string> => String((await lines.next()).value);
    try {
      expect(await next()).toBe('open');
      expect(await next()).toBe('batched');
      const began = performance.now();
      // The introduction of the session takes a place of its own in front of the two.
      const isMarked = (): boolean => durableMarks(join(root, 'journals')).includes(3);
      await until(isMarked, 'the batched entry is durable although the loop is blocked');
      const waited = performance.now() - began;
      fs.writeFileSync(file, '');
      expect(await next()).toBe('unblocked');
      const [word, count, p50, p99] = (await next()).split(' ');
      expect([word, count]).toEqual(['appended', '200']);
      // Had an append waited for a place in the pool, a job would be done, or it would hang.
      expect(await next()).toBe('jobs 0');
      process.stdout.write(
        `With the loop blocked and eight pbkdf2 jobs: marked as durable ${waited.toFixed(0)} ms ` +
          `after the answer; durable appends p50 ${p50} ms, p99 ${p99} ms\n`,
      );
    } finally {
      const closed = once(child, 'close');
      child.kill('SIGKILL');
      await closed;
    }
    const store = await Store.open(root);
    const session = await store.openSession('s');
    expect(session.state.messages).toBe(202);
    await store.close();
  });
});

/** The wall clock of every thread jumps a year ahead and back, every 20 ms. */
const jumping = `const real = Date.now;
  Date.now = () => real() + (Math.floor(real() / 20) % 2 === 0 ? 0 : 365 * 24 * 3600 * 1000);`;
const preload = ['--import', `data:text/javascript,${encodeURIComponent(jumping)}`];

describe('processes whose clock jumps', () => {
  it('F47 keep ceilings, locks and what was acknowledged, before and after a kill', async () => {
    const owner = await StoreProcess.start(root, {}, preload);
    const processes = [owner];
    try {
      await owner.session('s');
      await owner.append('s', ['one']);
      await owner.append('s', ['two'], 'batched');
      const isMarked = (): boolean => durableMarks(join(root, 'journals')).includes(3);
      await until(isMarked, 'the batched entry is durable');
      for (let turn = 0; turn < 40; turn += 1) await owner.append('s', [`turn ${turn}`]);
      const other = await StoreProcess.start(root, { lockWaitMs: 300 }, preload);
      processes.push(other);
      const began = performance.now();
      await expect(other.session('s')).rejects.toMatchObject({ code: 'LOCKED' });
      const waited = performance.now() - began;
      expect(waited).toBeGreaterThan(290);
      expect(waited).toBeLessThan(10_000);
      await owner.end();
      await other.session('s');
      await other.append('s', ['taken over']);
      const turns = Array.from({ length: 40 }, (_, turn) => `turn ${turn}`);
      expect(await other.call('read', { id: 's' })).toEqual(['one', 'two', ...turns, 'taken over']);
      await other.call('close');
    } finally {
      for (const process of processes) await process.end();
    }
    const store = await Store.open(root);
    const session = await store.openSession('s');
    const times = (await collect(session.entries())).map((entry) => entry.timeMs);
    // The clock did jump in the thread that writes, or this shows nothing.
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(300 * 24 * 3600 * 1000);
    await store.close();
  });
});

describe('a process with a session that cannot be settled', () => {
  const run = (then: 'end' | 'close') =>
    spawnSync(process.execPath, [stuck, root, then], { encoding: 'utf8', timeout: 20_000 });

  it('ends by itself when it has nothing left to do, and keeps what it appended', async () => {
    expect(run('end')).toMatchObject({ stdout: 'stuck\n', stderr: '', status: 0, signal: null });
    await using store = await Store.open(root);
    await using session = await store.openSession('s');
    expect(session.state.messages).toBe(12);
  });

  it('closes its store at once, and hears that the session cannot be closed', () => {
    const told = run('close');
    expect(told).toMatchObject({ stdout: 'stuck\nclosed IO\n', status: 0, signal: null });
  });
});
