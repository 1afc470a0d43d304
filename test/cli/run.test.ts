/** From words to exit codes: every code, every error, and the words that are said. */
import { describe, expect, test } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import type { ErrorCode, ErrorDetails } from '../../src/base/errors.ts';
import { Stopped } from '../../src/cli/io.ts';
import type { StoreVerdict } from '../../src/recovery/report.ts';
import { engineOf, Memory, reportOf, runIn, runWith, worldOf } from '../helpers/cli.ts';

const verdicts: Readonly<Record<StoreVerdict, number>> = {
  clean: 0,
  healed: 0,
  healable: 10,
  damaged: 20,
  unsupported: 40,
  unreadable: 50,
};

const errors: Readonly<Record<ErrorCode, number>> = {
  LOCKED: 30,
  LOCK_UNAVAILABLE: 40,
  CLOSED: 70,
  POISONED: 50,
  DAMAGED: 20,
  IN_DOUBT: 20,
  NEEDS_RECOVERY: 10,
  FULL: 50,
  TOO_LARGE: 64,
  INVALID: 64,
  EXISTS: 64,
  NOT_FOUND: 66,
  READ_ONLY: 40,
  UNDECODABLE: 20,
  NEWER_FORMAT: 40,
  IO: 50,
};

function failing(error: unknown): Parameters<typeof runWith>[0] {
  return { recover: () => Promise.reject(error as Error) };
}

describe('run', () => {
  test.each(Object.entries(verdicts))('run turns the verdict %s into %i', async (verdict, code) => {
    const recover = () => Promise.resolve(reportOf({ verdict: verdict as StoreVerdict }));
    expect(await runWith({ recover }, 'recover')).toMatchObject({ code, stderr: '' });
  });

  test.each(Object.entries(errors))('run turns the error %s into %i', async (name, code) => {
    const details = {} as ErrorDetails[ErrorCode];
    const error = new HoldfastError(name as ErrorCode, 'What happened', details);
    const told = await runWith(failing(error), 'recover');
    expect(told).toMatchObject({ code, stdout: '' });
    expect(told.stderr).toContain('holdfast: What happened\n');
    expect(told.stderr).toContain(`recover explain ${name}`);
  });

  test('run turns anything else into 70 and asks for a report', async () => {
    const told = await runWith(failing(new TypeError('x is not a function')), 'recover', 'run');
    expect(told.code).toBe(70);
    expect(told.stderr).toContain('please report it');
    expect(told.stderr).toContain('x is not a function');
  });

  test('run tells the first error when closing fails as well', async () => {
    const first = new HoldfastError('LOCKED', 'First', { path: '', owner: null });
    const both = Object.assign(new Error('both'), { name: 'SuppressedError', suppressed: first });
    expect((await runWith(failing(both), 'recover')).code).toBe(30);
  });

  test.each([
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('run ends with the code of %s when the work is aborted', async (name, code) => {
    const stop = new AbortController();
    stop.abort(new Stopped(name));
    const recover = () => Promise.reject(stop.signal.reason as Error);
    const world = worldOf({ engine: engineOf({ recover }), signal: stop.signal });
    expect(await runIn(world, 'recover', 'run')).toEqual({ code, stdout: '', stderr: '' });
  });

  test('run tells errors as one object with --json', async () => {
    const error = new HoldfastError('NOT_FOUND', 'No store', { what: '/store' });
    const told = await runWith(failing(error), 'recover', '--json');
    expect(JSON.parse(told.stderr)).toEqual({
      schema: 'holdfast.error/1',
      code: 'NOT_FOUND',
      message: 'No store',
      details: { what: '/store' },
      exit: 66,
    });
  });

  test('run keeps the verdict when nobody reads the report', async () => {
    const stdout = new Memory();
    stdout.close();
    const recover = () => Promise.resolve(reportOf({ verdict: 'damaged' }));
    const told = await runIn(worldOf({ engine: engineOf({ recover }), stdout }), 'recover');
    expect(told.code).toBe(20);
  });

  test('run colours on a terminal only, and NO_COLOR wins over FORCE_COLOR', async () => {
    const recover = () => Promise.resolve(reportOf({}));
    const coloured = async (env: Record<string, string>, terminal: boolean): Promise<boolean> => {
      const stdout = new Memory(terminal);
      const told = await runIn(worldOf({ engine: engineOf({ recover }), stdout, env }), 'recover');
      return told.stdout.includes('\u001b[');
    };
    expect(await coloured({}, true)).toBe(true);
    expect(await coloured({}, false)).toBe(false);
    expect(await coloured({ TERM: 'dumb' }, true)).toBe(false);
    expect(await coloured({ NO_COLOR: '1' }, true)).toBe(false);
    expect(await coloured({ FORCE_COLOR: '1' }, false)).toBe(true);
    expect(await coloured({ FORCE_COLOR: '0' }, true)).toBe(false);
    expect(await coloured({ FORCE_COLOR: '1', NO_COLOR: '1' }, false)).toBe(false);
  });

  test('run shows progress on a terminal only, and takes it away', async () => {
    const recover: Parameters<typeof engineOf>[0]['recover'] = (_root, { onProgress }) => {
      onProgress?.({ what: 'sessions', done: 1, total: 2 });
      return Promise.resolve(reportOf({}));
    };
    const shown = async (terminal: boolean, ...words: string[]): Promise<string> => {
      const stderr = new Memory(terminal);
      return (await runIn(worldOf({ engine: engineOf({ recover }), stderr }), 'recover', ...words))
        .stderr;
    };
    const line = await shown(true);
    expect(line).toContain('sessions: 1 of 2');
    expect(line.endsWith('\r\u001b[K')).toBe(true);
    expect(await shown(false)).toBe('');
    expect(await shown(true, '--quiet')).toBe('');
    expect(await shown(true, '--json')).toBe('');
  });

  test('run hands options on, and the first place that names a store counts', async () => {
    const seen: unknown[] = [];
    const recover: Parameters<typeof engineOf>[0]['recover'] = (root, options) => {
      seen.push([root, options.mode, options.expectAtLeast]);
      return Promise.resolve(reportOf({}));
    };
    const at = (env: Record<string, string>, ...words: string[]) =>
      runIn(worldOf({ engine: engineOf({ recover }), env }), ...words);
    const both = { HOLDFAST_STORE: '/env', XDG_STATE_HOME: '/state' };
    await at(both, 'recover', 'run', '/dir', '--store', '/option');
    await at(both, '--store', '/option', 'recover', 'verify', '--expect-at-least', 's1=4');
    await at(both, 'recover');
    await at({ XDG_STATE_HOME: '/state' }, 'recover');
    await at({ XDG_STATE_HOME: 'relative' }, 'recover');
    expect(seen).toEqual([
      ['/dir', 'run', {}],
      ['/option', 'verify', { s1: 4 }],
      ['/env', 'scan', {}],
      ['/state/holdfast', 'scan', {}],
      ['/home/somebody/.local/state/holdfast', 'scan', {}],
    ]);
  });

  test('run takes a directory where the verb of recover should be for a look at the store there', async () => {
    const seen: unknown[] = [];
    const recover: Parameters<typeof engineOf>[0]['recover'] = (root, options) => {
      seen.push([root, options.mode]);
      return Promise.resolve(reportOf({}));
    };
    const there = ['/store', '/verfy', 'run'];
    const isDirectory = (path: string) => Promise.resolve(there.includes(path));
    const at = (...words: string[]) =>
      runIn(worldOf({ engine: engineOf({ recover }), isDirectory }), ...words);
    expect((await at('recover', '/store')).code).toBe(0);
    expect((await at('recover', '--json', '/store', '--expect-at-least', 's1=4')).code).toBe(0);
    expect((await at('recover', '/verfy')).code).toBe(0);
    // A verb wins over a directory of its name, and a word that is neither changes nothing.
    expect((await at('recover', 'run')).code).toBe(0);
    expect((await at('recover', 'nowhere')).code).toBe(64);
    // What looks like a path is one: that it is not there is for the look to say.
    expect((await at('recover', './nope')).code).toBe(0);
    expect((await at('recover', 'nope/')).code).toBe(0);
    expect((await at('recover', 'verfy')).stderr).toContain('did you mean verify?');
    // Of several paths each is told by itself; on this disk there is none of them.
    expect((await at('recover', '/store', '/other')).code).toBe(66);
    expect(seen).toEqual([
      ['/store', 'scan'],
      ['/store', 'scan'],
      ['/verfy', 'scan'],
      [expect.stringContaining('holdfast'), 'run'],
      [expect.stringContaining('nope'), 'scan'],
      [expect.stringContaining('nope'), 'scan'],
    ]);
  });

  test('run accepts a loss only with --yes, and says what is given up, what stays, and how to go back', async () => {
    const accepted = {
      session: 's1',
      done: false,
      lost: [{ from: 2, to: 3 }],
      kept: [
        { from: 1, to: 1 },
        { from: 4, to: 5 },
      ],
      entries: 3,
      messages: 3,
      badBytes: [
        { file: 'sessions/s1/history', offset: 9000, bytes: 312, reason: 'no header' },
        { file: 'sessions/s1/history', offset: 12_000, bytes: null, reason: 'sequence 3' },
      ],
      deleted: false,
      setAside: null,
    } as const;
    const asked: unknown[] = [];
    const verbs: Parameters<typeof runWith>[0] = {
      acceptLoss: (root, options) => {
        asked.push([root, options]);
        if (options.dryRun === true) {
          return Promise.resolve({ ...reportOf({ verdict: 'damaged' }), accepted });
        }
        const setAside = 'quarantine/sessions/s1.history.7';
        const done = { ...accepted, done: true, setAside };
        return Promise.resolve({ ...reportOf({ changed: true }), accepted: done });
      },
    };
    const words = ['recover', 'accept-loss', '/store', '--session', 's1'];
    const unasked = await runWith(verbs, ...words);
    expect(unasked).toMatchObject({ code: 64, stderr: expect.stringContaining('say --yes') });
    const looked = await runWith(verbs, ...words, '--dry-run');
    expect(looked).toMatchObject({ code: 20, stdout: unasked.stdout, stderr: '' });
    expect(looked.stdout).toBe(
      [
        '● s1 in /store: this would be accepted',
        '    lost      seq 2 to 3',
        '    readable  seq 1, 4 to 5 (3 entries, 3 messages)',
        '    damage    sessions/s1/history, bytes 9000 to 9311 (312 B): no header',
        '    damage    sessions/s1/history, at byte 12,000: sequence 3',
        '',
      ].join('\n'),
    );
    expect((await runWith(verbs, ...words, '--dry-run', '--yes')).code).toBe(64);
    expect(asked).toEqual(Array(2).fill(['/store', { session: 's1', dryRun: true }]));
    const done = await runWith(verbs, ...words, '--yes');
    expect(done.code).toBe(0);
    expect(done.stdout).toContain('✓ s1 in /store: the loss is accepted');
    expect(done.stdout).toContain(
      'cp /store/quarantine/sessions/s1.history.7 /store/sessions/s1/history',
    );
    expect(done.stdout).toContain('recover verify /store tells it as LOSS_ACCEPTED');
    expect(asked.at(-1)).toEqual(['/store', { session: 's1' }]);
    expect(JSON.parse((await runWith(verbs, ...words, '--yes', '--json')).stdout)).toMatchObject({
      schema: 'holdfast.recovery/1',
      accepted: { done: true, lost: [{ from: 2, to: 3 }] },
    });
  });

  test('run of salvage lists what was lost, and exits with the code for losses', async () => {
    const salvage: Parameters<typeof engineOf>[0]['salvage'] = (root, { to }) =>
      Promise.resolve({
        schema: 'holdfast.salvage/1',
        root,
        to,
        sessions: [
          { id: 'whole', entries: 2, messages: 2, lost: [], accepted: [] },
          { id: 'hurt', entries: 4, messages: 3, lost: [{ from: 5, to: null }], accepted: [] },
        ],
        findings: [],
      });
    const told = await runWith({ salvage }, 'recover', 'salvage', '/store', '--to', '/new');
    expect(told.code).toBe(20);
    expect(told.stdout).toContain('/new: 2 sessions, 1 of them whole');
    expect(told.stdout).toContain('hurt  3 messages, 4 entries; lost seq 5 to an unknown end');
    const asJson = await runWith(
      { salvage },
      'recover',
      'salvage',
      '/store',
      '--to',
      '/new',
      '--json',
    );
    expect(JSON.parse(asJson.stdout)).toMatchObject({ schema: 'holdfast.salvage/1' });
  });
});
