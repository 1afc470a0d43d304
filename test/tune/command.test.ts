/**
 * `holdfast tune` for real: the built program on directories of this machine, with signals, a full
 * disk, and a store that must not be touched.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  statfsSync,
  watch,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resolveOptions } from '../../src/store/options.ts';
import type { TuneReport } from '../../src/tune/report.ts';
import type { Engine } from '../../src/cli/engine.ts';
import { Stopped } from '../../src/cli/io.ts';
import { engine } from '../../src/cli/library.ts';
import { Memory, runIn, worldOf } from '../helpers/cli.ts';
import type { Told } from '../helpers/cli.ts';
import { listing } from '../helpers/listing.ts';
import { LoopDisk, loopDiskTrouble } from '../helpers/loop-disk.ts';
import { breaches } from './schema.ts';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const MiB = 1024 * 1024;
const trouble = loopDiskTrouble();
if (trouble !== null) process.stdout.write(`Full disks are not tuned: ${trouble}\n`);

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'holdfast-tune-test-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, HOLDFAST_STORE: join(home, 'store'), NO_COLOR: '1' };
}

/** Takes all the room that is left. */
function fill(path: string): void {
  const fd = openSync(path, 'a');
  for (let bytes = MiB; bytes >= 1; bytes /= 2) {
    try {
      for (;;) writeSync(fd, new Uint8Array(bytes));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
  closeSync(fd);
}

/** The built program. */
function run(...words: string[]) {
  const options = { encoding: 'utf8', env: environment(), cwd: home } as const;
  return spawnSync(process.execPath, [main, ...words], options);
}

/** The same command line in this process, on the same disk, without the wait for a start. */
function inside(...words: string[]): Promise<Told> {
  return runIn(worldOf({ engine, env: { HOLDFAST_STORE: join(home, 'store') } }), ...words);
}

/** As short as it gets, and small. */
const brief = ['--seconds', '1', '--bytes', '64MiB'];

describe('tune', () => {
  test('tune tells what it measured in the schema, keeps to its bytes, and leaves nothing', () => {
    const told = run('tune', home, '--seconds', '3', '--bytes', String(128 * MiB), '--json');
    expect(told).toMatchObject({ status: 0, stderr: '' });
    const report = JSON.parse(told.stdout) as TuneReport;
    expect(breaches(report)).toEqual([]);
    expect(report.directory).toBe(home);
    expect(report.disk.ready?.count).toBeGreaterThan(0);
    expect(report.bytes.written).toBeGreaterThan(0);
    expect(report.bytes.written).toBeLessThanOrEqual(128 * MiB);
    // What it advises can be used, and is what it says about exposure.
    const { settings, exposure } = report.advice;
    expect(resolveOptions(settings)).toMatchObject(settings);
    expect(exposure.entriesMax).toBe(settings.syncEntriesMax);
    expect(exposure.delayMsMax).toBe(settings.syncDelayMsMax);
    expect(readdirSync(home)).toEqual([]);
  });

  test('tune writes a page with the numbers of the JSON, and only to a new file', async () => {
    const page = join(home, 'page.html');
    const told = await inside('tune', home, ...brief, '--html', page, '--json');
    expect(told.code).toBe(0);
    const html = readFileSync(page, 'utf8');
    const held = /id="report">(.*?)<\/script>/s.exec(html)?.[1] ?? '';
    expect(JSON.parse(held)).toEqual(JSON.parse(told.stdout));
    expect(html).not.toMatch(/https?:|\bsrc=|\bhref=|url\(|@import/i);
    const again = await inside('tune', home, '--html', page);
    expect(again.code).toBe(64);
    expect(again.stderr).toContain('something is there');
    expect((await inside('tune', home, '--html', join(home, 'no', 'page.html'))).code).toBe(64);
    expect(readdirSync(home)).toEqual(['page.html']);
  });

  test('tune is quiet in a pipe but for its report, which says what to open a store with', () => {
    const told = run('tune', ...brief);
    expect(told).toMatchObject({ status: 0, stderr: '' });
    // Nothing in front of the report but its warnings, such as one of a busy machine.
    expect(told.stdout).toMatch(/^(! [^]*?\n\n)*Disk {2}/);
    expect(told.stdout).toMatch(/Store\.open\(root, \{ syncEntriesMax: \d+, /);
    expect(told.stdout).toContain('A power cut costs at most the last');
    expect(told.stdout).not.toContain('\u001b');
    expect(readdirSync(home)).toEqual([]);
  });

  test('tune shows on a terminal what it does, and takes that away', async () => {
    const stderr = new Memory(true);
    const told = await runIn(worldOf({ engine, stderr }), 'tune', home, ...brief);
    expect(told.stderr).toContain('syncs of the disk (seconds): 0 of 1');
    expect(told.stderr.endsWith('\r\u001b[K')).toBe(true);
  });

  test('tune does not touch a store, and measures beside it', async () => {
    const message = `${JSON.stringify({ role: 'user', content: 'a' })}\n`;
    const words = [main, 'append', '--session', 's1'];
    spawnSync(process.execPath, words, { input: message, env: environment() });
    const store = join(home, 'store');
    const before = listing(store);
    const directories = [store, join(store, 'sessions'), join(store, 'sessions', 's1')];
    const times = (): number[] => directories.map((path) => statSync(path).mtimeMs);
    const timesBefore = times();
    for (const named of [[store], [join(store, 'sessions', 's1')], []]) {
      expect(await inside('tune', ...brief, ...named)).toMatchObject({ code: 0, stderr: '' });
    }
    expect(listing(store)).toEqual(before);
    expect(times()).toEqual(timesBefore);
    expect(readdirSync(home)).toEqual(['store']);
    expect((await inside('list', '--json')).stdout).toContain('"messages":1');
  });

  test('tune refuses a directory that is not there, a file, and bounds that are none', async () => {
    const file = join(home, 'file');
    writeFileSync(file, '');
    for (const path of [join(home, 'nowhere'), file, join(file, 'below')]) {
      const told = await inside('tune', path);
      expect(told.code).toBe(66);
      expect(told.stderr).toContain(`There is no directory ${JSON.stringify(path)}`);
    }
    expect((await inside('tune', home, '--seconds', '0')).code).toBe(64);
    expect((await inside('tune', home, '--html=')).code).toBe(64);
    for (const wrong of ['1000', '15MiB', '1.5GiB', '64MB', 'MiB', '99999999999999GiB']) {
      const bytes = await inside('tune', home, '--bytes', wrong);
      expect(bytes.stderr).toContain(
        '--bytes is bytes, or a whole number of KiB, MiB or GiB, as in 512MiB, and at least ' +
          `16MiB, not "${wrong}"`,
      );
      expect(bytes.code).toBe(64);
    }
    expect(readdirSync(home)).toEqual(['file']);
  });

  test.skipIf(!existsSync('/dev/shm'))(
    'tune warns of memory first and exits with 0, because it did what it was asked for',
    async () => {
      const shm = mkdtempSync('/dev/shm/holdfast-tune-');
      try {
        const { code, stdout } = await inside('tune', shm, ...brief);
        expect(code).toBe(0);
        expect(stdout).toMatch(/^! Nothing is durable here: tmpfs keeps files in memory/);
        expect(stdout.replace(/\s+/g, ' ')).toContain('None of this holds here');
        const told = await inside('tune', shm, ...brief, '--json');
        const { disk, warnings } = JSON.parse(told.stdout) as TuneReport;
        expect([disk.flush.verdict, warnings[0]]).toEqual([
          'none',
          expect.stringContaining('Nothing is durable here'),
        ]);
        expect(readdirSync(shm)).toEqual([]);
      } finally {
        rmSync(shm, { recursive: true });
      }
    },
  );

  test.skipIf(process.platform !== 'linux')(
    'tune warns of syncs that a library swallows, as eatmydata does',
    () => {
      const library = join(home, 'nosync.so');
      const source = 'extern "C" int fdatasync(int) { return 0; }';
      const compile = ['-shared', '-fPIC', '-x', 'c++', '-o', library, '-'];
      expect(spawnSync('c++', compile, { input: source }).status).toBe(0);
      const env = { ...environment(), LD_PRELOAD: library };
      const options = { encoding: 'utf8', env, cwd: home } as const;
      const told = spawnSync(process.execPath, [main, 'tune', home, ...brief], options);
      expect(told.status).toBe(0);
      expect(told.stdout).toMatch(/^! A flush may not be one here: an fdatasync takes 0\.0/);
      expect(told.stdout.replace(/\s+/g, ' ')).toContain('only if flushes are real here');
    },
  );

  test('tune of a directory that may not be written says so, and exits with 50', async () => {
    // Nothing is forbidden to root but what the kernel keeps to itself.
    const isRoot = process.getuid?.() === 0;
    chmodSync(home, 0o500);
    const told = await inside('tune', isRoot ? '/proc/self/task' : home, ...brief);
    chmodSync(home, 0o700);
    expect(told.code).toBe(50);
    expect(told.stderr).toContain('Cannot measure the disk');
  });
});

describe('tune on a terminal', () => {
  test('tune draws no progress on a dumb terminal, which would keep every line of it', async () => {
    const stderr = new Memory(true);
    const world = worldOf({ engine, stderr, env: { TERM: 'dumb' } });
    const told = await runIn(world, 'tune', home, ...brief);
    expect([told.code, told.stderr]).toEqual([0, '']);
  });

  test('tune that is stopped says that it was, and that nothing is left', async () => {
    const [stderr, stop] = [new Memory(true), new AbortController()];
    const write = stderr.write.bind(stderr);
    stderr.write = (told) => {
      stop.abort(new Stopped('SIGINT'));
      return write(told);
    };
    const told = await runIn(worldOf({ engine, stderr, signal: stop.signal }), 'tune', home);
    expect(told.code).toBe(130);
    const last = told.stderr.split('\r\u001b[K').at(-1);
    expect(last).toBe('Stopped; nothing was recommended, and the scratch directory is gone.\n');
    expect(readdirSync(home)).toEqual([]);
  });

  test('tune whose directory is moved meanwhile says so and does not make it anew', async () => {
    const [directory, moved] = [join(home, 'disk'), join(home, 'moved')];
    mkdirSync(directory);
    const stderr = new Memory(true);
    const write = stderr.write.bind(stderr);
    stderr.write = (told) => {
      if (existsSync(directory)) renameSync(directory, moved);
      return write(told);
    };
    const told = await runIn(worldOf({ engine, stderr }), 'tune', directory, ...brief);
    expect(told.code).toBe(50);
    expect(told.stdout).toBe('');
    expect(told.stderr).toContain(`so ${JSON.stringify(directory)} was moved or removed`);
    expect(readdirSync(home)).toEqual(['moved']);
  });

  test('tune without DIR asks for one where nothing is there of the usual place but the root', async () => {
    const env = { HOLDFAST_STORE: '/no-such-directory/of/anybody' };
    const told = await runIn(worldOf({ engine, env }), 'tune');
    expect(told.code).toBe(64);
    expect(told.stderr).toContain('name a DIR on the disk that is meant');
  });
});

describe('tune that is stopped', () => {
  /** Resolves once a name that matches has been made below the directory. */
  async function made(name: RegExp): Promise<void> {
    const watcher = watch(home, { recursive: true });
    try {
      for (;;) {
        const [, path] = (await once(watcher, 'change')) as [string, string];
        if (name.test(path)) return;
      }
    } finally {
      watcher.close();
    }
  }

  async function ended(child: ChildProcess): Promise<number | null> {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return child.exitCode;
  }

  test.each([
    ['SIGINT', 130, 'syncs are measured', /growing$/],
    ['SIGTERM', 143, 'syncs are measured', /growing$/],
    ['SIGHUP', 129, 'syncs are measured', /growing$/],
    ['SIGINT', 130, 'stores are open', /store-1/],
  ] as const)('tune removes everything at %s, exits with %i, while %s', async (...row) => {
    const [signal, code, , name] = row;
    const working = made(name);
    const child = spawn(process.execPath, [main, 'tune', home], { env: environment() });
    const [told, said] = [text(child.stdout), text(child.stderr)];
    await working;
    child.kill(signal);
    expect(await ended(child)).toBe(code);
    expect([await told, await said]).toEqual(['', '']);
    expect(readdirSync(home)).toEqual([]);
  });
});

describe.skipIf(trouble !== null)('F29: tune on a small disk', () => {
  let disk: LoopDisk;
  beforeEach(() => {
    disk = new LoopDisk(24);
  });
  afterEach(() => disk.destroy());

  test('tune on a disk that gets full says FULL with what it has, and leaves it as it was', () => {
    // Room for the probes of syncs and sizes, and not for the segments behind them.
    const { bavail, bsize } = statfsSync(disk.directory);
    writeFileSync(join(disk.directory, 'filler'), new Uint8Array(bavail * bsize - 3.5 * MiB));
    const before = readdirSync(disk.directory);
    const told = run('tune', disk.directory, '--json');
    expect(told.status).toBe(50);
    expect(JSON.parse(told.stderr)).toMatchObject({ code: 'FULL', exit: 50 });
    const report = JSON.parse(told.stdout) as TuneReport;
    expect(breaches(report)).toEqual([]);
    expect(report.stopped?.code).toBe('FULL');
    expect(report.disk.ready?.count).toBeGreaterThan(0);
    expect(report.disk.sizes.length).toBeGreaterThan(0);
    expect(report.disk.segments).toEqual([]);
    expect(readdirSync(disk.directory)).toEqual(before);
  });

  test.each(['before', 'after'] as const)(
    'tune whose disk gets full %s a store is opened says FULL, and leaves it as it was',
    async (moment) => {
      const filler = join(disk.directory, 'filler');
      const openStore: Engine['openStore'] = async (root, options) => {
        if (moment === 'before') fill(filler);
        const store = await engine.openStore(root, options);
        fill(filler);
        return store;
      };
      const world = worldOf({ engine: { ...engine, openStore } });
      const told = await runIn(world, 'tune', disk.directory);
      expect(told.code, told.stdout).toBe(50);
      expect(told.stdout).toContain('no room (ENOSPC)');
      expect(told.stdout).toContain('making a segment');
      expect(told.stdout).toContain('Not enough was measured to recommend anything');
      expect(told.stdout).not.toContain('Recommended');
      expect(told.stderr).toContain('recover explain FULL tells more');
      expect(readdirSync(disk.directory)).toEqual(['filler', 'lost+found']);
    },
  );

  test('tune tells its report also where its page finds no room any more, and fails then', async () => {
    // What is written when the run is over, and its room is there again, and before the page is.
    const stderr = new Memory(true);
    const write = stderr.write.bind(stderr);
    stderr.write = (told) => {
      if (told === '\r\u001b[K') fill(join(disk.directory, 'filler'));
      return write(told);
    };
    const page = join(disk.directory, 'page.html');
    const words = ['tune', disk.directory, '--seconds', '1', '--bytes', '16MiB', '--html', page];
    const told = await runIn(worldOf({ engine, stderr }), ...words);
    expect(told.code).toBe(50);
    expect(told.stdout).toContain('Disk  ');
    expect(told.stdout).toContain('Store.open(root, {');
    expect(told.stderr).toContain('no room (ENOSPC)');
    expect(readdirSync(disk.directory)).toEqual(['filler', 'lost+found']);
  });

  test('tune of a disk that is mounted read-only is refused by the machine', async () => {
    disk.unmount();
    disk.mount('ro');
    const told = await inside('tune', disk.directory);
    expect(told.code).toBe(50);
    expect(told.stderr).toContain('EROFS');
  });
});
