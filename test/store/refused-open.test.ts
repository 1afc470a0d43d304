/**
 * A store or log that cannot be opened, in a program of its own: nothing of the attempt is left that
 * would keep the program from ending.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const descriptors = '/proc/self/fd';
/** A thread that is ended as it loads leaves files open behind ten of these and more. */
const openings = 50;
/** Far more than it takes; a thread that is left waits for ever. */
const limitMs = 60_000;

let directory = '';
beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'holdfast-refused-')), 'opened');
  mkdirSync(directory);
});
afterEach(() => rmSync(join(directory, '..'), { recursive: true }));

/** What a program says, that ends by itself and well. */
function ran(program: string): { readonly stdout: string; readonly stderr: string } {
  const args = ['--input-type=module', '-e', program];
  const options = { encoding: 'utf8', timeout: limitMs, cwd: root } as const;
  const { stdout, stderr, status, signal } = spawnSync(process.execPath, args, options);
  expect({ stderr, status, signal }).toEqual({ stderr, status: 0, signal: null });
  return { stdout, stderr };
}

describe('open', () => {
  it.each([
    ['Store', 'a file of somebody else', 'diary.txt', 'INVALID'],
    ['Store', 'a gate that is no file, by which time the thread was hired', 'GATE/', 'DAMAGED'],
    ['Wal', 'a file of somebody else', 'diary.txt', 'INVALID'],
    ['Wal', 'a damaged head, by which time the thread was hired', 'head', 'DAMAGED'],
  ])('%s.open that is refused for %s lets the program end', (name, _, found, code) => {
    if (found.endsWith('/')) mkdirSync(join(directory, found));
    else writeFileSync(join(directory, found), 'not yours');
    const door = join(root, name === 'Wal' ? 'dist/wal.js' : 'dist/index.js');
    const program = `
      import { ${name} } from ${JSON.stringify(door)};
      const refusal = () => ${name}.open(${JSON.stringify(directory)}).catch(({ code }) => code);
      // Twice: the second finds what the first may have left.
      console.log(await refusal(), await refusal());`;
    expect(ran(program)).toEqual({ stdout: `${code} ${code}\n`, stderr: '' });
  });

  it.skipIf(!existsSync(descriptors))(
    `Store.open that ends at any moment leaves no file open (skipped where ${descriptors} is missing)`,
    () => {
      const program = `
        import { readdirSync } from 'node:fs';
        import { Store } from ${JSON.stringify(join(root, 'dist/index.js'))};
        import { hireJournalThread } from ${JSON.stringify(join(root, 'dist/journal/journal-ports.js'))};
        import { nodeLocks } from ${JSON.stringify(join(root, 'dist/platform/node-locks.js'))};
        const place = ${JSON.stringify(directory)};
        const open = () => readdirSync(${JSON.stringify(descriptors)}).length;
        await (await Store.open(place)).close();
        // How long a thread takes until it has loaded all: there is no journal that it could begin.
        const beganMs = performance.now();
        await hireJournalThread().begin(null, null).catch(() => undefined);
        const loadMs = performance.now() - beganMs;
        const gate = nodeLocks().tryLock(place + '/GATE');
        const end = (ms) =>
          Store.open(place, { signal: AbortSignal.timeout(ms) }).catch((error) => error.name);
        const names = new Set([await end(0)]);
        let leaving = 0;
        for (let at = 0; at < ${openings}; at += 1) {
          const before = open();
          names.add(await end(Math.round(loadMs * (0.3 + at / ${openings}))));
          if (open() > before) leaving += 1;
        }
        gate.release();
        console.log(JSON.stringify({ names: [...names], leaving }));`;
      const { stdout, stderr } = ran(program);
      expect(stderr).toBe('');
      const told = JSON.parse(stdout) as { readonly names: string[]; readonly leaving: number };
      expect(told.names).toEqual(['TimeoutError']);
      // A machine so busy that a thread loads for a second ends it where it stands.
      expect(told.leaving).toBeLessThanOrEqual(2);
    },
  );
});
