/** The benchmarks run, and tell what they promise to tell. Nothing here judges a time. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { syncsOf } from '../../bench/cases/batched.ts';
import { latencyOf } from '../../bench/latency.ts';
import { reportText } from '../../bench/report.ts';
import type { BenchReport } from '../../bench/report.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

/** `npm run bench` without the build of the library, which `npm test` has made. */
function bench(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  return run(process.execPath, ['.bench/main.js', ...args], { cwd: root });
}

async function report(...args: string[]): Promise<BenchReport> {
  const { stdout } = await bench('--json', '--seconds', '0.2', ...args);
  return JSON.parse(stdout) as BenchReport;
}

beforeAll(async () => {
  await run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.bench.json'], {
    cwd: root,
  });
});

describe('the benchmarks', () => {
  test('append compares one awaiting writer with the raw loop and says what it ran on', async () => {
    const { schema, environment, cases } = await report('append');
    expect(schema).toBe('holdfast.bench/1');
    expect(environment).toMatchObject({ node: process.version });
    expect(environment.fdatasyncMedianMs).toBeGreaterThan(0);
    expect(cases.map((one) => one.case)).toEqual(['append']);
    expect(cases[0]?.rows).toHaveLength(2);
    expect(cases[0]?.numbers['ratioP50']).toBeGreaterThan(0);
    expect(cases[0]?.numbers['bytes']).toBeGreaterThan(1000);
  });

  test('sessions shares syncs between sessions that append at the same time', async () => {
    const { cases } = await report('sessions', '--sessions', '64');
    expect(cases[0]?.numbers['syncsPerAppend']).toBeGreaterThan(0);
    expect(cases[0]?.numbers['syncsPerAppend']).toBeLessThanOrEqual(0.1);
  });

  test('batched finds the sync of every acknowledged entry, or says that it cannot look', async () => {
    const { cases } = await report('batched');
    const [result] = cases;
    const canLook = await run('strace', ['-V']).then(
      () => true,
      () => false,
    );
    expect(result?.rows.map((row) => row['while'])).toHaveLength(canLook ? 3 : 0);
    if (!canLook) expect(result?.findings).toEqual(['not measured: strace is not here']);
  });

  test('open tells what opening a short and a long session takes, and what it reads', async () => {
    const { cases } = await report('open', '--messages', '1000', '--bytes', '10');
    expect(cases[0]?.rows.map((row) => row['messages'])).toEqual([10, 1000]);
    expect(cases[0]?.numbers['openRatio']).toBeGreaterThan(0);
    const { openBytes } = cases[0]?.numbers ?? {};
    if (process.platform === 'linux') expect(openBytes).toBeLessThan(4 * 1024 * 1024);
  });

  test('main prints tables for people, and usage for what it does not know', async () => {
    const { stdout } = await bench('append', '--seconds', '0.1', '--bytes', '10');
    expect(stdout).toContain('fdatasync median');
    expect(stdout).toMatch(/pwrite \+ fdatasync +\d/);
    await expect(bench('apend')).rejects.toMatchObject({
      code: 64,
      stderr: expect.stringContaining('There is no case "apend"') as string,
    });
    expect((await bench('--help')).stdout).toContain('Usage: npm run bench');
  });
});

const environment = {
  node: 'v20',
  system: 'Linux',
  cpu: 'fast',
  cores: 2,
  loadAverage: 0.1,
  directory: '/dev/shm',
  fileSystem: 'tmpfs',
  fdatasyncMedianMs: 0.001,
};

test('reportText warns when fsync is not real', () => {
  const text = (isFsyncReal: boolean): string =>
    reportText({
      schema: 'holdfast.bench/1',
      environment: { ...environment, isFsyncReal },
      cases: [],
    });
  expect(text(false)).toContain('WARNING: fsync is not real here');
  expect(text(true)).not.toContain('WARNING');
});

test('reportText warns when the machine is busy with something else', () => {
  const busy = { ...environment, loadAverage: 7.5, isFsyncReal: true };
  const text = reportText({ schema: 'holdfast.bench/1', environment: busy, cases: [] });
  expect(text).toContain('WARNING: the machine is busy (load 7.50)');
});

test('latencyOf gives quantiles of unsorted samples', () => {
  const samples = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(latencyOf(samples)).toEqual({ count: 100, p50Ms: 51, p90Ms: 91, p99Ms: 100, maxMs: 100 });
});

test('syncsOf reads whole and split calls, of journal segments only', () => {
  const log = [
    '100 1000.000000 fdatasync(24</s/journals/a/0000000001.segment>) = 0 <0.000500>',
    '101 1000.100000 fdatasync(25</s/sessions/x/history>) = 0 <0.000100>',
    '100 1000.200000 fdatasync(24</s/journals/a/0000000001.segment> <unfinished ...>',
    '101 1000.200100 fdatasync(25</s/sessions/x/history> <unfinished ...>',
    '101 1000.200200 <... fdatasync resumed>) = 0 <0.000100>',
    '100 1000.201000 <... fdatasync resumed>) = 0 <0.001000>',
    '100 1000.300000 +++ exited with 0 +++',
  ];
  const syncs = syncsOf(log.join('\n'));
  expect(syncs.map(({ beganAt }) => beganAt)).toEqual([1000, 1000.2]);
  expect(syncs[1]?.endedAt).toBeCloseTo(1000.201, 6);
});
