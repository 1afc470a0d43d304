/**
 * Installed where `fs-ext` is not there (no compiler, or install scripts blocked): looking works,
 * writing says what to run.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
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
  const main = join(directory, 'node_modules/holdfast/dist/cli/main.js');
  return spawnSync(process.execPath, [main, ...args], { input, encoding: 'utf8' });
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-install-'));
  store = join(directory, 'store');
  const packages = join(directory, 'node_modules');
  mkdirSync(join(packages, 'holdfast'), { recursive: true });
  cpSync(join(root, 'dist'), join(packages, 'holdfast/dist'), { recursive: true });
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
