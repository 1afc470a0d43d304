/**
 * The canary: bugs that are planted into a copy of the compiled code are caught by the simulation. A few
 * quick ones here; `npm run seeded-bugs` plants all of them and prints which check caught each.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mutations, quickNames } from './mutations.ts';
import { nameOf } from './checks.ts';
import { caught, edited, plant } from './planted.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const copies: string[] = [];

beforeAll(() => {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.sim.json')]);
});

afterAll(() => {
  for (const copy of copies) rmSync(copy, { recursive: true, force: true });
});

function newCopy(): string {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-bug-'));
  copies.push(directory);
  return directory;
}

describe('a seeded bug', () => {
  const quick = mutations.filter(({ name }) => quickNames.has(name));

  it.each(quick.map((one) => [one.name, one] as const))('is caught: %s', (_name, mutation) => {
    const { edits, caughtBy } = mutation;
    if ('equivalent' in caughtBy) throw new Error('A bug that nothing can catch is not quick');
    const directory = newCopy();
    plant(root, directory, edits);
    expect(caught(directory, caughtBy), nameOf(caughtBy)).not.toBeNull();
  });

  it('is what is caught: the code as it is passes the same checks', () => {
    const directory = newCopy();
    plant(root, directory, []);
    const checks = new Map(quick.map(({ caughtBy }) => [JSON.stringify(caughtBy), caughtBy]));
    for (const check of checks.values()) {
      if (!('equivalent' in check)) expect(caught(directory, check), nameOf(check)).toBeNull();
    }
  });
});

describe('the list of seeded bugs', () => {
  it('has texts that stand exactly once in the code', () => {
    const names = new Set(mutations.map(({ name }) => name));
    expect(names.size).toBe(mutations.length);
    expect(mutations.length).toBeGreaterThanOrEqual(25);
    for (const { edits } of mutations) {
      for (const edit of edits) {
        const text = readFileSync(join(root, '.sim/src', `${edit.file}.js`), 'utf8');
        expect(edited(text, edit)).not.toBe(text);
      }
    }
  });

  it('refuses a text that is not there, or is there twice', () => {
    const edit = { file: 'f', find: 'sync();', replace: '' };
    expect(() => edited('write();', edit)).toThrow(/0 times/);
    expect(() => edited('sync(); sync();', edit)).toThrow(/2 times/);
    expect(edited('write(); sync();', edit)).toBe('write(); ');
  });
});
