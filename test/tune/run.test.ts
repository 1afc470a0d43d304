/** A run on a machine of the test: its load, its mounts, its processes, its permissions. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import type { File, FileSystem } from '../../src/platform/file-system.ts';
import { optionsAt } from '../../src/platform/mount-options.ts';
import { nodeClock, nodeRandom } from '../../src/platform/node-clock.ts';
import { nodeFileSystem } from '../../src/platform/node-file-system.ts';
import { isAlive } from '../../src/platform/process-info.ts';
import { systemError } from '../../src/platform/system-error.ts';
import { Store } from '../../src/store/store.ts';
import { busyWarning, calmOf } from '../../src/tune/busy.ts';
import { loadOf } from '../../src/tune/engine.ts';
import { Pace } from '../../src/tune/pace.ts';
import { Subject } from '../../src/tune/subject.ts';
import { tune } from '../../src/tune/tune.ts';
import type { TuneParts } from '../../src/tune/tune.ts';
import type { TuneReport } from '../../src/tune/report.ts';
import { breaches } from './schema.ts';

const MiB = 1024 * 1024;
let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'holdfast-tune-run-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const signal = new AbortController().signal;

/** As short as it gets, on this disk, on a machine that has nothing else to do. */
function run(parts: Partial<TuneParts> = {}, seconds = 0.3): Promise<TuneReport> {
  const machine: TuneParts = {
    fileSystem: nodeFileSystem('inline'),
    clock: nodeClock(),
    random: nodeRandom(),
    open: (root, options) => Store.open(root, options),
    node: '20',
    load: { loadAverage: 0, processors: 2 },
    self: { pid: process.pid, bootId: 'aaaaaaaa-bbbb' },
    isAlive,
    mountOptions: () => [],
    ...parts,
  };
  const options = { directory: home, seconds, bytes: 64 * MiB, signal, onProgress: undefined };
  return tune(machine, options);
}

describe('busy machine', () => {
  test('calmOf goes by half of the processors, as the benchmarks do', () => {
    expect(calmOf({ loadAverage: 1, processors: 2 })).toBe('quiet');
    expect(calmOf({ loadAverage: 1.01, processors: 2 })).toBe('busy');
    expect(calmOf({ loadAverage: 0, processors: 1 })).toBe('quiet');
    expect(busyWarning({ loadAverage: 0.5, processors: 1 })).toBeNull();
  });

  test('tune on a busy machine says so first, and has its load in JSON', async () => {
    const load = { loadAverage: 7.5, processors: 2 };
    const report = await run({ load });
    expect(breaches(report)).toEqual([]);
    expect(report.load).toEqual(load);
    expect(report.warnings[0]).toContain('The machine is busy (load 7.50 on 2 processors)');
    expect((await run()).warnings.join()).not.toContain('busy');
  });
});

describe('flush', () => {
  /** Syncs take no time at all, and writes take as long as a quick disk would need for both. */
  function swallowing(): FileSystem {
    const real = nodeFileSystem('inline');
    const wrapped = (file: File): File => ({
      path: file.path,
      read: (into, at) => file.read(into, at),
      write: (bytes, at) => {
        const until = performance.now() + 0.2;
        while (performance.now() < until);
        return file.write(bytes, at);
      },
      truncate: (size) => file.truncate(size),
      sync: () => Promise.resolve(),
      stat: () => file.stat(),
      hasName: () => file.hasName(),
      close: () => file.close(),
    });
    return new Proxy(real, {
      get: (target, name) => {
        const verb = (target as unknown as Record<PropertyKey, (...words: unknown[]) => unknown>)[
          name
        ]?.bind(target);
        if (name !== 'create' && name !== 'open') return verb;
        return async (...words: unknown[]) => wrapped((await verb?.(...words)) as File);
      },
    });
  }

  test('tune judges a flush by the sync alone, however long the write in front of it takes', async () => {
    const { disk } = await run({ fileSystem: swallowing() }, 2);
    expect(disk.ready?.p50Ms).toBeGreaterThan(0.2);
    expect(disk.sync?.p50Ms).toBeLessThan(0.1);
    expect(disk.flush.why).toContain(`${disk.sync?.p50Ms.toPrecision(3)} ms`);
  });

  test('tune tells of a mount that does not flush, whatever its syncs take', async () => {
    const report = await run({ mountOptions: () => ['rw', 'nobarrier'] });
    expect(report.disk.flush.verdict).toBe('doubtful');
    expect(report.warnings[0]).toContain('mounted with nobarrier');
  });

  test('optionsAt finds the mount that a path lies in, the last one of several at one place', () => {
    const mounts = [
      '/dev/a / ext4 rw,relatime 0 0',
      '/dev/b /data ext4 rw,nobarrier 0 0',
      '/dev/c /data/a\\040b xfs rw 0 0',
      '/dev/d /data/a\\040b ext4 rw,barrier=0 0 0',
      '',
    ].join('\n');
    expect(optionsAt(mounts, '/data/x')).toEqual(['rw', 'nobarrier']);
    expect(optionsAt(mounts, '/data')).toEqual(['rw', 'nobarrier']);
    expect(optionsAt(mounts, '/database')).toEqual(['rw', 'relatime']);
    expect(optionsAt(mounts, '/data/a b/c')).toEqual(['rw', 'barrier=0']);
    expect(optionsAt('', '/data')).toEqual([]);
  });
});

describe('bytes', () => {
  test.skipIf(process.platform !== 'linux')(
    'Subject takes at least as many bytes as a store with many sessions writes',
    async () => {
      const pace = new Pace(nodeClock(), { seconds: 60, bytes: 64 * MiB, signal });
      const open = (root: string, options: object) => Store.open(root, options);
      const written = (): number => {
        const told = readFileSync('/proc/self/io', 'utf8');
        return Number(/wchar: (\d+)/.exec(told)?.[1]);
      };
      const before = written();
      const subject = await Subject.open(open, join(home, 'store'), pace, {});
      const turn = { sliceMs: 0, sliceBytes: 64 * 1000, round: 1 };
      expect(await subject?.slice(turn, loadOf({ sessions: 64, textBytes: 16 }))).not.toBeNull();
      await subject?.[Symbol.asyncDispose]();
      expect(written() - before).toBeLessThanOrEqual(pace.written);
    },
  );

  test('Subject makes no sessions for which there are no bytes', async () => {
    const pace = new Pace(nodeClock(), { seconds: 60, bytes: 4 * MiB, signal });
    await using subject = await Subject.open(
      (root, options) => Store.open(root, options),
      join(home, 'store'),
      pace,
      {},
    );
    const turn = { sliceMs: 0, sliceBytes: 1000, round: 1 };
    expect(await subject?.slice(turn, loadOf({ sessions: 64 }))).toBeNull();
    expect(readdirSync(join(home, 'store', 'sessions'))).toEqual([]);
  });
});

describe('directories of other runs', () => {
  test('tune says of each whether it runs, and how to remove it, and removes none', async () => {
    const { pid: gone } = spawnSync(process.execPath, ['-e', '']);
    const names = [
      '.holdfast-tune-0badcafe',
      `.holdfast-tune-${gone}-aaaaaaaa-00000001`,
      `.holdfast-tune-${process.pid}-aaaaaaaa-00000002`,
      `.holdfast-tune-${process.pid}-cccccccc-00000003`,
    ];
    for (const name of names) mkdirSync(join(home, name));
    const { warnings } = await run();
    const of = (name = ''): string => warnings.find((one) => one.includes(name)) ?? '';
    const [old, killed, running, other] = names.map(of);
    expect(old).toContain(`when no tune runs, remove it with rm -r ${home}`);
    expect(killed).toContain(`was left by a run that was killed (process ${gone}): remove it with`);
    expect(running).toContain(`is of a run that goes on (process ${process.pid})`);
    expect(running).not.toContain('rm -r');
    expect(other).toContain('of another boot, or of another machine');
    expect(readdirSync(home)).toEqual(names.toSorted());
  });
});

describe('refusals', () => {
  test('tune where one may not write says so in words, and to name another directory', async () => {
    const real = nodeFileSystem('inline');
    const fileSystem = new Proxy(real, {
      get: (target, name) => {
        if (name === 'createDirectory') {
          return (path: string) => Promise.reject(systemError('EACCES', 'mkdir', path));
        }
        return (target as unknown as Record<PropertyKey, () => unknown>)[name]?.bind(target);
      },
    });
    const error: unknown = await run({ fileSystem }).catch((thrown: unknown) => thrown);
    expect(HoldfastError.is(error, 'IO')).toBe(true);
    expect(String(error)).toContain('you may not write there (EACCES); name another directory');
  });

  test('tune that did not reach the engine says so first, and recommends nothing', async () => {
    const { warnings, advice } = await run({}, 0.05);
    expect(warnings[0]).toBe(
      'Not enough was measured to recommend anything; these are the defaults: --seconds did not ' +
        'reach as far as the engine.',
    );
    const reasons = Object.values(advice.reasons).map(({ from }) => from);
    expect(reasons).toEqual(Array(4).fill('default'));
  });
});
