/**
 * Installed where `fs-ext` is not there (no compiler, or install scripts blocked): looking works,
 * writing says what to run. And packed and installed as npm does it, without a network.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Store } from '../src/index.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
let directory = '';
let store = '';

/** Runs the command line of the copy that has no fs-ext. */
function run(args: readonly string[], input = ''): ReturnType<typeof spawnSync> {
  const main = join(directory, 'node_modules/holdfast/dist/doors/main.js');
  return spawnSync(process.execPath, [main, ...args], { input, encoding: 'utf8' });
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-install-'));
  store = join(directory, 'store');
  const packages = join(directory, 'node_modules');
  mkdirSync(join(packages, 'holdfast'), { recursive: true });
  cpSync(join(root, 'dist/doors'), join(packages, 'holdfast/dist/doors'), { recursive: true });
  cpSync(join(root, 'package.json'), join(packages, 'holdfast/package.json'));
  for (const name of ['msgpackr', 'xxhash-wasm']) {
    symlinkSync(join(root, 'node_modules', name), join(packages, name));
  }
  const open = await Store.open(store);
  const session = await open.createSession({ id: 'one' });
  await session.append({ role: 'user', content: 'hello' });
  await open.close();
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('an installation without fs-ext', () => {
  test('append says LOCK_UNAVAILABLE and what to run, and exits with 40', () => {
    const { status, stderr } = run(['append', '--store', store, '--session', 'one'], '{}\n');
    expect(stderr).toContain('LOCK_UNAVAILABLE');
    expect(stderr).toContain('npm rebuild fs-ext');
    expect(status).toBe(40);
  });

  test('recover scan looks and exits with 0', () => {
    const { status, stdout } = run(['recover', 'scan', store, '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(String(stdout))).toMatchObject({ verdict: 'clean' });
  });

  test('export reads the messages', () => {
    const { status, stdout } = run(['export', 'one', '--store', store, '--format', 'jsonl']);
    expect(status).toBe(0);
    expect(JSON.parse(String(stdout))).toEqual({ role: 'user', content: 'hello' });
  });
});

describe('a package that was packed and installed', () => {
  let app = '';

  /** npm itself would obey what npm tells the programs that it runs. */
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)),
  );
  const inApp = (program: string, ...args: string[]) =>
    spawnSync(program, args, { cwd: app, encoding: 'utf8', env });

  beforeAll(() => {
    app = mkdtempSync(join(tmpdir(), 'holdfast-app-'));
    const tarballs = join(app, 'tarballs');
    mkdirSync(tarballs);
    // What it depends on is packed from here as well, because there may be no network.
    const named = { holdfast: root, msgpackr: '', 'xxhash-wasm': '' };
    const dependencies = Object.entries(named).map(([name, path]) => {
      const from = path === '' ? join(root, 'node_modules', name) : path;
      const args = ['pack', from, '--ignore-scripts', '--silent', '--pack-destination', tarballs];
      execFileSync('npm', args, { env, encoding: 'utf8' });
      const file = readdirSync(tarballs).find((one) => one.startsWith(`${name}-`));
      return [name, `file:tarballs/${file}`] as const;
    });
    const manifest = {
      private: true,
      type: 'module',
      dependencies: Object.fromEntries(dependencies),
    };
    writeFileSync(join(app, 'package.json'), JSON.stringify(manifest));
    const flags = ['--offline', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund'];
    execFileSync('npm', ['install', ...flags], { cwd: app, env, encoding: 'utf8', stdio: 'pipe' });
  }, 60_000);
  afterAll(() => rmSync(app, { recursive: true, force: true }));

  test('import finds both doors, and they write and read', () => {
    // The native package cannot be built without a network; it is brought in as it was built here.
    symlinkSync(join(root, 'node_modules/fs-ext'), join(app, 'node_modules/fs-ext'));
    const code = `
      import { Store, recover } from 'holdfast';
      import { Wal } from 'holdfast/wal';
      const store = await Store.open('store');
      const session = await store.openSession('s1', { create: true });
      const { seq } = await session.append({ role: 'user', content: 'hello' });
      await store.close();
      const wal = await Wal.open('log');
      const entry = await wal.append(new Uint8Array(3));
      await wal.close();
      console.log(seq, entry.seq, (await recover('store')).verdict);
    `;
    writeFileSync(join(app, 'main.mjs'), code);
    expect(inApp(process.execPath, 'main.mjs')).toMatchObject({
      stderr: '',
      stdout: '1 1 clean\n',
    });
  });

  test('HoldfastError is one class behind all doors', () => {
    const code = `
      import { HoldfastError, Store } from 'holdfast';
      import { HoldfastError as OfLogs, Wal } from 'holdfast/wal';
      import { SimMachine } from 'holdfast/testing';
      const error = await Wal.open('one', { mode: 'read' }).catch((error) => error);
      const other = await Store.open('two', { mode: 'read' }).catch((error) => error);
      console.log(HoldfastError === OfLogs, error instanceof HoldfastError, error.code);
      console.log(other instanceof OfLogs, other.code, typeof SimMachine);
    `;
    writeFileSync(join(app, 'doors.mjs'), code);
    expect(inApp(process.execPath, 'doors.mjs')).toMatchObject({
      stderr: '',
      stdout: 'true true NOT_FOUND\ntrue NOT_FOUND function\n',
    });
  });

  test('npx runs both programs', () => {
    for (const [program, told] of [
      ['holdfast', 'holdfast COMMAND'],
      ['recover', 'recover COMMAND'],
    ] as const) {
      const { status, stdout } = inApp('npx', '--no-install', program, '--help');
      expect(stdout).toContain(told);
      expect(status).toBe(0);
    }
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      readonly version: string;
    };
    expect(inApp('npx', '--no-install', 'holdfast', '--version').stdout).toBe(
      `holdfast ${version}\n`,
    );
  });

  test('types are found behind both doors, and hold together', () => {
    const code = `
      import { Store, type Session } from 'holdfast';
      import { Wal } from 'holdfast/wal';
      export const session: Promise<Session> = Store.open('x').then((one) => one.openSession('s'));
      export const seq: Promise<{ seq: number }> = Wal.open('x').then((one) => one.append(new Uint8Array(1)));
    `;
    writeFileSync(join(app, 'types.mts'), code);
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const settings = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023'];
    const types = ['--lib', 'es2023,esnext.disposable', '--types', 'node'];
    const roots = ['--typeRoots', join(root, 'node_modules/@types')];
    const told = inApp(process.execPath, tsc, ...settings, ...types, ...roots, 'types.mts');
    expect(told).toMatchObject({ stdout: '', status: 0 });
  });
});
