/**
 * The comparison with other logs runs, and tells what it promises to tell. The logs are a package of
 * their own: where it is not installed, the test of the runs says so, and the rest is tested all the
 * same. Nothing here judges a time.
 */
import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Environment } from '../../bench/environment.ts';
import type { CaseResult } from '../../bench/report.ts';
import { settingsOf } from '../../bench/compare/arguments.ts';
import { ratiosOf, spreadOf } from '../../bench/compare/ratios.ts';
import { seenIn } from '../../bench/compare/seen.ts';
import { planOf, takeTurns } from '../../bench/compare/turns.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

/** `npm run compare` without the build of the library, which `npm test` has made. Compiles first. */
function compare(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  return run(process.execPath, ['scripts/compare.mjs', ...args], { cwd: root });
}

/** Exit code of the script when its packages are not there, or not for this Node. */
const notReady = 69;
const { status } = spawnSync(process.execPath, ['scripts/compare.mjs', '--help'], { cwd: root });
const isInstalled = status !== notReady;
const notRun = 'NOT RUN: bench/compare is not installed, or not for this Node';

if (!isInstalled) process.stderr.write(`${notRun}\n`);

interface Told {
  readonly schema: string;
  readonly environment: Environment;
  readonly cases: readonly CaseResult[];
}

/** One case, from what was compiled above. */
async function told(...args: string[]): Promise<CaseResult> {
  const main = 'bench/compare/.bench/compare/main.js';
  const all = [main, '--json', '--seconds', '0.3', ...args];
  const { stdout } = await run(process.execPath, all, { cwd: root });
  const { schema, environment, cases } = JSON.parse(stdout) as Told;
  expect(schema).toBe('holdfast.compare/1');
  expect(environment.fdatasyncMedianMs).toBeGreaterThan(0);
  const [result] = cases;
  if (result === undefined) throw new Error('The case told nothing');
  return result;
}

describe('the comparison', () => {
  test.runIf(!isInstalled)('names the command that makes it ready, and runs nothing', () => {
    return expect(compare('one')).rejects.toMatchObject({
      code: notReady,
      stderr: expect.stringMatching(/npm (ci|rebuild) --prefix bench\/compare/) as string,
    });
  });

  test('of other logs runs', async ({ skip }) => {
    skip(!isInstalled, notRun);
    expect((await compare('--help')).stdout).toContain('Usage: npm run compare');
    await expect(compare('two')).rejects.toMatchObject({ code: 64 });
  });

  test('tells a mistake in one line, and measures nothing', async ({ skip }) => {
    skip(!isInstalled, notRun);
    const nope = '/nope/there-is-none';
    const mistakes = [
      [['--dir', nope], `There is no directory "${nope}"; name one with --dir`],
      [['--seconds', '-1'], '--seconds must be a number above 0, not "-1"'],
    ] as const;
    for (const [args, message] of mistakes) {
      const said = await compare(...args).catch((error: unknown) => error);
      const stderr = expect.stringMatching(/^compare: [^\n]*\(see npm run compare -- --help\)\n$/);
      expect(said).toMatchObject({ code: 64, stderr: stderr as unknown });
      expect(said).toMatchObject({ stderr: expect.stringContaining(message) as unknown });
    }
  });

  const everybody = ['holdfast', 'better-sqlite3', 'lmdb', 'classic-level', 'JSON lines'];

  test('syncs sees a sync in front of every answer, or says that it cannot look', async ({
    skip,
  }) => {
    skip(!isInstalled, notRun);
    const { rows, findings } = await told('syncs');
    if (findings[0]?.startsWith('not verified')) return;
    expect(rows.map((row) => row['answers without a sync'])).toEqual([0, 0, 0, 0, 0]);
  });

  test('one puts the latencies of all beside that of the raw loop', async ({ skip }) => {
    skip(!isInstalled, notRun);
    const { rows, numbers, settings } = await told('one');
    expect(rows.map((row) => row['contestant'])).toEqual([...everybody, 'pwrite + fdatasync']);
    expect(rows[0]?.['holdfast is × as fast']).toBe(1);
    expect(Number(settings['rounds'])).toBeGreaterThanOrEqual(5);
    expect(numbers['ratioToRaw']).toBeGreaterThan(0);
  });

  test('hundred has a target for each log, and batches for the raw loop', async ({ skip }) => {
    skip(!isInstalled, notRun);
    const { rows, findings, settings } = await told('hundred');
    expect(rows).toHaveLength(7);
    expect(findings).toHaveLength(4);
    // More than one message: they share their syncs.
    expect(Number(settings['raw bytes'])).toBeGreaterThan(2200);
  });

  test('sessions spreads as many appenders over more and more sessions', async ({ skip }) => {
    skip(!isInstalled, notRun);
    const { rows, numbers } = await told('sessions', '--sessions', '64');
    const spread = [1, 8, 64, 1, 8];
    expect(rows.map((row) => row['sessions'])).toEqual([...spread, ...spread]);
    expect(rows[0]?.['rate to that of one']).toBe(1);
    expect(numbers['holdfast, 64 over 64: syncs per append']).toBeLessThan(0.5);
    expect(numbers['JSON lines, 64 over 64: syncs per append']).toBe(1);
  });

  test('cpu counts the processor time of all threads', async ({ skip }) => {
    skip(!isInstalled, notRun);
    const { numbers } = await told('cpu');
    expect(numbers['holdfast: µs per append']).toBeGreaterThan(0);
    expect(numbers['JSON.stringify + write: µs per append']).toBeGreaterThan(0);
  });

  test('rebuild reads the whole conversation from all three', async ({ skip }) => {
    skip(!isInstalled, notRun);
    const { rows, findings, settings } = await told('rebuild', '--messages', '3000');
    expect(settings['messages']).toBe(3000);
    expect(rows).toHaveLength(3);
    expect(findings).toHaveLength(2);
  });

  test('verify reads every byte that is hashed beside it', async ({ skip }) => {
    skip(!isInstalled, notRun);
    const { numbers, settings } = await told('verify', '--bytes', '4000000');
    expect(Number(settings['bytes'])).toBeGreaterThan(3_900_000);
    expect(numbers['share']).toBeGreaterThan(0);
  });

  test('langgraph has its saver twice, once with every commit on the disk', async ({ skip }) => {
    skip(!isInstalled, notRun);
    const { rows } = await told('langgraph');
    const names = ['holdfast', 'LangGraph SQLite, FULL', 'LangGraph SQLite, NORMAL'];
    expect(rows.map((row) => row['contestant'])).toEqual(names);
    for (const row of rows) expect(row['bytes/turn']).toBeGreaterThan(2000);
  });
});

describe('settingsOf', () => {
  test('settingsOf takes all cases when none is named, and refuses what it does not know', () => {
    expect(settingsOf([])?.cases).toContain('one');
    expect(settingsOf(['one', '--json'])).toMatchObject({ cases: ['one'], json: true });
    expect(() => settingsOf(['two'])).toThrow('There is no case "two"');
    expect(() => settingsOf(['--seconds', '0'])).toThrow('--seconds must be a number above 0');
  });
});

test('spreadOf and ratiosOf compare round for round', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
  expect(spreadOf([4, 1, 2, 3]).median).toBe(2.5);
  expect(ratiosOf([2, 30, 8], [1, 10, 2])).toEqual({ median: 3, min: 2, max: 4 });
  expect(() => ratiosOf([1], [])).toThrow('every round');
});

test('seenIn finds the answers that had no sync in front of them', () => {
  const log = [
    '10 fdatasync(24</s/1.segment>) = 0',
    '11 write(2, "answered", 8) = 8',
    '11 write(2, "answered", 8) = 8',
    '10 fdatasync(24 <unfinished ...>',
    '11 write(2, "something else", 14) = 14',
    '10 <... fdatasync resumed>) = 0',
    '10 fsync(3) = -1 EIO (Input/output error)',
    '10 msync(0x7f, 4096, MS_SYNC) = 0',
    '11 write(2, "answered", 8) = 8',
  ];
  expect(seenIn(log.join('\n'))).toEqual({ syncs: 3, early: 1 });
});

test('planOf gives at least five rounds, and no longer slices than a quarter of a second', () => {
  expect(planOf(20, 6)).toEqual({ rounds: 10, sliceMs: 250, warmupMs: 20_000 / 4 / 6 });
  expect(planOf(0.6, 3)).toMatchObject({ rounds: 5, sliceMs: 30 });
});

test('takeTurns lets everybody rest behind each slice, in an order that changes', async () => {
  const order: string[] = [];
  const contestant = (name: string) => ({
    name,
    slice: (sliceMs: number) => {
      order.push(`${name} ${sliceMs}`);
      return Promise.resolve(sliceMs);
    },
    rest: () => {
      order.push(`${name} rests`);
      return Promise.resolve();
    },
  });
  const plan = { rounds: 8, sliceMs: 2, warmupMs: 9 };
  const turns = await takeTurns([contestant('a'), contestant('b')], plan);
  expect(order.slice(0, 4)).toEqual(['a 9', 'a rests', 'b 9', 'b rests']);
  const firsts = new Set(order.slice(4).filter((_, at) => at % 4 === 0));
  expect(firsts).toEqual(new Set(['a 2', 'b 2']));
  expect(turns.map(({ name }) => name)).toEqual(['a', 'b']);
  expect(turns[1]?.results).toEqual(Array.from({ length: 8 }, () => 2));
  expect(turns[1]?.rests).toHaveLength(8);
});
