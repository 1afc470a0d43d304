/**
 * Runs of `npm run bench` that go wrong: what was done before is told, mistakes are found before
 * anything is measured, and each is one line. The machine's refusals are made with bounds on the
 * process, which hold for root too.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { explained, failureText } from '../../bench/failure.ts';
import * as children from '../../bench/children.ts';
import type { BenchReport } from '../../bench/report.ts';
import { UsageError } from '../../bench/words.ts';
import { HoldfastError } from '../../src/index.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const compiled = join('.bench', 'main.js');

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Whatever comes of it. */
async function bench(...args: readonly string[]): Promise<Ran> {
  return ended(spawn(process.execPath, [compiled, ...args], { cwd: root }));
}

/** Files of the run may have so many KiB. */
async function benchBounded(kibi: number, ...args: readonly string[]): Promise<Ran> {
  const words = [process.execPath, compiled, ...args].map((word) => `'${word}'`).join(' ');
  return ended(spawn('bash', ['-c', `ulimit -f ${kibi}; exec ${words}`], { cwd: root }));
}

async function ended(child: ReturnType<typeof spawn>): Promise<Ran> {
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...said };
}

let directory = '';
beforeAll(async () => {
  const compiler = 'node_modules/typescript/bin/tsc';
  await run(process.execPath, [compiler, '-p', 'tsconfig.bench.json'], { cwd: root });
});
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-run-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A run that would take far longer than the test may, if it measured first. */
const long = ['append', '--seconds', '600'];

describe('main finds before it measures', () => {
  test('a page that cannot be written', async () => {
    const missing = join(directory, 'nope', 'x.html');
    const one = await bench(...long, '--html', missing);
    expect(one).toMatchObject({ code: 64, stdout: '' });
    const where = JSON.stringify(join(directory, 'nope'));
    expect(one.stderr).toBe(
      `bench: Cannot write ${JSON.stringify(missing)}: there is no directory ${where}; make it ` +
        '(see npm run bench -- --help)\n',
    );
    const there = join(directory, 'there.html');
    writeFileSync(there, 'mine');
    const two = await bench(...long, '--html', there);
    expect(two.code).toBe(64);
    expect(two.stderr).toContain('something is there; name a new file');
    expect(readFileSync(there, 'utf8')).toBe('mine');
    const three = await bench(...long, '--html', join(there, 'x.html'));
    expect(three.code).toBe(50);
    expect(three.stderr).toMatch(/^bench: Cannot write ".*": the machine answered ENOTDIR\n$/);
    expect(readdirSync(directory)).toEqual(['there.html']);
  });

  test('a directory that is none, or in which nothing can be made', async () => {
    const file = join(directory, 'file');
    writeFileSync(file, '');
    for (const dir of [join(directory, 'nope'), file, join(file, 'below')]) {
      const { code, stderr } = await bench(...long, '--dir', dir);
      expect(code).toBe(64);
      expect(stderr).toBe(
        `bench: There is no directory ${JSON.stringify(dir)}; name one with --dir, on the disk ` +
          'that is to be measured (see npm run bench -- --help)\n',
      );
    }
    if (process.platform !== 'linux') return;
    const { code, stderr } = await bench(...long, '--dir', '/proc');
    expect(code).toBe(50);
    expect(stderr).toBe('bench: Cannot write into "/proc": the machine answered ENOENT\n');
  });

  test('a mistake in its words, and tells it in one line', async () => {
    const { code, stdout, stderr } = await bench('append', '--seconds', '-1');
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toBe(
      'bench: --seconds must be a number above 0, not "-1" (see npm run bench -- --help)\n',
    );
  });
});

/** `list` is done, and then a process of `recover` fails: no entry may be that long. */
const failing = ['list', 'recover', '--seconds', '0.1', '--sessions', '3', '--text-bytes', '64MiB'];

describe('main tells the cases that are done', () => {
  test('in tables, when a process of a later one fails, and the failure in one line', async () => {
    const { code, stdout, stderr } = await bench(...failing);
    expect(code).toBe(64);
    expect(stdout).toContain('fdatasync median');
    expect(stdout).toContain('that has the store open');
    expect(stdout).not.toContain('recover');
    expect(stderr).toMatch(/^bench: recover: The value needs 67\d+ bytes[^\n]*\n$/);
  });

  test('as JSON and on the page, with the one that failed and why', async () => {
    const page = join(directory, 'page.html');
    const { code, stdout } = await bench(...failing, '--json', '--html', page);
    expect(code).toBe(64);
    const { cases, failure, warnings } = JSON.parse(stdout) as BenchReport;
    expect(cases.map((one) => one.case)).toEqual(['list']);
    expect(failure).toMatchObject({ case: 'recover', exit: 64 });
    expect(failure?.message).toContain('The value needs');
    expect(warnings).toBeInstanceOf(Array);
    expect(readFileSync(page, 'utf8')).toContain('recover was not measured');
    expect(readdirSync(directory)).toEqual(['page.html']);
  });

  test('in one line, when the machine refuses', async () => {
    const { code, stdout, stderr } = await benchBounded(1000, 'append', '--seconds', '0.1');
    expect(code).toBe(50);
    expect(stdout).toContain('fdatasync median');
    expect(stderr).toMatch(/^bench: append: [^\n]*EFBIG[^\n]*\n$/);
  });

  test('and says so when nobody can be told', async () => {
    if (!existsSync('/dev/full')) return;
    const words = `exec '${process.execPath}' ${compiled} append --seconds 0.1 > /dev/full`;
    const { code, stderr } = await ended(spawn('bash', ['-c', words], { cwd: root }));
    expect({ code, stderr }).toEqual({
      code: 50,
      stderr: 'bench: ENOSPC: no space left on device, write\n',
    });
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('at %s, each when it is done', async (signal) => {
    const args = ['append', 'load', '--seconds', '2', '--rate', '10', '--text-bytes', '10'];
    const text = spawn(process.execPath, [compiled, ...args], { cwd: root });
    const told = ended(text);
    // Of `append`, which is told before `load` has begun.
    await untilSays(text, 'pwrite + fdatasync');
    text.kill(signal);
    expect(await told).toMatchObject({ code: 130, stderr: `bench: load: stopped by ${signal}\n` });

    const json = [...args.slice(1), '--json', '--seconds', '600', '--dir', directory];
    const child = spawn(process.execPath, [compiled, ...json], { cwd: root });
    const all = ended(child);
    await untilMade(directory);
    child.kill(signal);
    const { code, stdout } = await all;
    expect(code).toBe(130);
    const { cases, failure } = JSON.parse(stdout) as BenchReport;
    expect(cases).toEqual([]);
    expect(failure).toEqual({ case: 'load', message: `stopped by ${signal}`, exit: 130 });
    expect(readdirSync(directory)).toEqual([]);
  });
});

async function untilSays(child: ReturnType<typeof spawn>, words: string): Promise<void> {
  let said = '';
  await new Promise<void>((resolve) => {
    child.stdout?.on('data', (text: string) => {
      said += text;
      if (said.includes(words)) resolve();
    });
  });
}

/** The store of the case is there. */
async function untilMade(where: string): Promise<void> {
  while (!readdirSync(where, { recursive: true }).some((name) => String(name).endsWith('load'))) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('Child of a case that is dead already is not waited for', async () => {
  const { href } = pathToFileURL(join(root, '.bench', 'children.js'));
  const { Child } = (await import(href)) as typeof children;
  const writer = new Child('writer', [directory, '1000', 'fixed', '1', '1', '10']);
  expect(await writer.line()).toBe('open');
  await writer.kill();
  await writer.kill();
  await writer.ended();
  writer.say('fill');
  await expect(writer.line()).rejects.toThrow('was killed by SIGKILL');
});

describe('failures', () => {
  test('explained gives machines, mistakes and errors of Holdfast one line and their code', () => {
    const full = { path: '', bytesNeeded: null, errno: 'ENOSPC' };
    const wrapped = new Error('A slice has failed', {
      cause: new HoldfastError('FULL', 'No room', full),
    });
    expect(explained(wrapped)).toEqual({ message: 'No room', exit: 50, trace: null });
    const machine = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
    expect(explained(machine)).toMatchObject({ exit: 50, trace: null });
    expect(explained(new UsageError('No'))).toEqual({ message: 'No', exit: 64, trace: null });
  });

  test('explained keeps the stack of a fault of the harness, with its causes', () => {
    const fault = explained(new Error('Outer', { cause: new TypeError('Inner') }));
    expect(fault).toMatchObject({ message: 'Outer', exit: 70 });
    expect(fault.trace).toContain('run.test.ts');
    expect(fault.trace).toContain('TypeError: Inner');
    expect(failureText('bench', fault, 'open')).toMatch(/^bench: open: Outer\nError: Outer\n/);
  });

  test('endedEarly tells of a killed process, and what a failed one has said', () => {
    const killed = children.endedEarly({ code: null, signal: 'SIGKILL', stderr: '' });
    const message = 'A process of the benchmark was killed by SIGKILL';
    expect(explained(killed)).toEqual({ message, exit: 50, trace: null });
    expect(explained(children.endedEarly({ code: null, signal: 'SIGINT', stderr: '' })).exit).toBe(
      130,
    );
    const why = { message: 'No room', exit: 50, trace: null };
    const stderr = `a warning\n${JSON.stringify({ explained: why })}\n`;
    expect(explained(children.endedEarly({ code: 50, signal: null, stderr }))).toEqual(why);
    const odd = explained(children.endedEarly({ code: 1, signal: null, stderr: 'Segmentation\n' }));
    expect(odd).toMatchObject({ exit: 70, trace: 'Segmentation' });
  });
});
