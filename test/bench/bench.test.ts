/** The benchmarks run, and tell what they promise to tell. Nothing here judges a time. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { syncsOf } from '../../bench/cases/batched.ts';
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
    expect(cases[0]?.numbers['ratioP50Rounds']).toBe(5);
    expect(cases[0]?.numbers['cpuUsPerAppend']).toBeGreaterThan(0);
    expect(cases[0]?.numbers['syncsPerAppend']).toBe(1);
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

  test('snapshot and open look at the same sessions, the longest in a fresh process too', async () => {
    const { cases } = await report('snapshot', 'open', '--messages', '1000', '--text-bytes', '10');
    const [snapshot, open] = cases;
    for (const one of [snapshot, open]) {
      expect(one?.rows.map((row) => row['messages'])).toEqual([10, 1000]);
      const shapes = one?.series?.map(({ over, points }) => [over, points.length]);
      expect(shapes).toEqual([['messages', 2]]);
    }
    expect(snapshot?.numbers['snapshotRatio']).toBeGreaterThan(0);
    expect(snapshot?.numbers['snapshotRatioRounds']).toBeGreaterThanOrEqual(5);
    expect(open?.numbers['openRatio']).toBeGreaterThan(0);
    expect(open?.numbers['openRatioRounds']).toBeGreaterThanOrEqual(5);
    const { openBytes, freshMs, freshMiB, freshBytes } = open?.numbers ?? {};
    expect(freshMs).toBeGreaterThan(0);
    expect(freshMiB).toBeGreaterThan(0);
    expect(freshBytes).toBeGreaterThan(1000 * 64);
    if (process.platform === 'linux') expect(openBytes).toBeLessThan(4 * 1024 * 1024);
  });

  test.each(['load', 'many'])('%s appends at a rate and tells it over time', async (name) => {
    const args = [name, '--sessions', '5', '--rate', '200', '--workload', 'tool-heavy'];
    const { cases } = await report(...args);
    const { rows, data, series, numbers, settings } = cases[0] ?? {};
    expect(settings).toMatchObject({ sessions: 5, 'rate/s': 200, workload: 'tool-heavy' });
    expect(rows).toHaveLength(2);
    // Arrivals come by chance, and those of a seed always at the same times.
    expect(numbers?.['arrivals']).toBe(37);
    expect(numbers).toMatchObject({ appends: 37, dropped: 0 });
    expect(numbers?.['p999Ms']).toBeGreaterThanOrEqual(numbers?.['p50Ms'] ?? Number.NaN);
    expect(data?.['minutes']).toHaveLength(1);
    expect(series?.map((one) => one.name)).toContain('memory');
  });

  test('recover recovers the journal of a killed writer in rounds of its own', async () => {
    const { cases } = await report('recover', '--bytes', '256KiB');
    const { numbers } = cases[0] ?? {};
    expect(numbers?.['msRounds']).toBeGreaterThanOrEqual(5);
    // What was settled before the kill is not in the journal any more.
    expect(numbers?.['entries']).toBeGreaterThan(0);
    expect(numbers?.['entries']).toBeLessThanOrEqual(263);
    expect(numbers?.['segmentBytes']).toBeGreaterThanOrEqual(256 * 1024);
    expect(numbers?.['mibPerSecond']).toBeGreaterThan(0);
  });

  test.each(['scan', 'verify'])('%s compares looking with reading and hashing', async (name) => {
    const { cases } = await report(name, '--bytes', '100KiB', '--workload', 'many-sessions');
    const [result] = cases;
    expect(result?.rows.map((row) => row['what'])).toEqual([`recover ${name}`, 'read + xxHash64']);
    expect(result?.numbers['share']).toBeGreaterThan(0);
    expect(result?.numbers['shareRounds']).toBeGreaterThanOrEqual(5);
    expect(result?.numbers['bytes']).toBeGreaterThanOrEqual(100 * 1024);
  });

  test('settle moves every entry of a round into the histories', async () => {
    const { cases } = await report('settle', '--bytes', '20KiB', '--sessions', '3');
    const { numbers } = cases[0] ?? {};
    expect(numbers?.['entries']).toBe(21);
    expect(numbers?.['mibPerSecondRounds']).toBeGreaterThanOrEqual(5);
    // Nothing had settled by itself: each history and its head are synced now.
    expect(numbers?.['syncsPerSession']).toBeGreaterThanOrEqual(3);
  });

  test('list finds every session, in a fresh process too', async () => {
    const { cases } = await report('list', '--sessions', '20');
    const { numbers } = cases[0] ?? {};
    expect(numbers?.['ms']).toBeGreaterThan(0);
    expect(numbers?.['freshMsRounds']).toBe(5);
    expect(numbers?.['freshMiB']).toBeGreaterThan(0);
  });

  test('pool appends while the pool is full of long jobs', async () => {
    const { cases } = await report('pool');
    expect(cases[0]?.rows).toHaveLength(2);
    expect(cases[0]?.numbers['ratioP50Rounds']).toBeGreaterThanOrEqual(5);
  });

  test('main prints tables for people, and usage for what it does not know', async () => {
    const { stdout } = await bench('append', '--seconds', '0.1', '--text-bytes', '10');
    const isUnreal = stdout.includes('fsync is not real');
    const finding =
      /p50 is .* times that of the raw loop \(target: at most 1.25\)(: met|: MISSED|)$/m;
    expect(isUnreal ? ['', undefined] : [': met', ': MISSED']).toContain(finding.exec(stdout)?.[1]);
    expect(stdout).toContain('fdatasync median');
    expect(stdout).toMatch(/pwrite \+ fdatasync +\d/);
    await expect(bench('apend')).rejects.toMatchObject({
      code: 64,
      stderr: expect.stringContaining('There is no case "apend"') as string,
    });
    await expect(bench('append', '--secnds', '1')).rejects.toMatchObject({
      code: 64,
      stderr: expect.stringContaining('--secnds') as string,
    });
    expect((await bench('--help')).stdout).toContain('Usage: npm run bench');
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('main leaves nothing behind at %s', async (signal) => {
    const directory = mkdtempSync(join(tmpdir(), 'holdfast-signal-'));
    try {
      const watching = watch(directory);
      const args = ['.bench/main.js', 'recover', '--seconds', '60', '--dir', directory];
      const child = spawn(process.execPath, args, { cwd: root, stdio: 'ignore' });
      const exit = once(child, 'exit');
      await once(watching, 'change');
      watching.close();
      child.kill(signal);
      expect(await exit).toEqual([130, null]);
      expect(readdirSync(directory)).toEqual([]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test('main writes a page with the tables and plots that needs no network', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'holdfast-page-'));
    try {
      const page = join(directory, 'page.html');
      await report('load', '--sessions', '2', '--rate', '50', '--html', page);
      const text = readFileSync(page, 'utf8');
      expect(text).toContain('fdatasync median');
      expect(text.match(/<svg /g)).toHaveLength(6);
      expect(text).not.toMatch(/https?:|src=|href=|<script/);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
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
