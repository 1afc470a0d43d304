/**
 * A store or log that cannot be opened, in a program of its own: nothing of the attempt is left that
 * would keep the program from ending.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Far more than it takes; a thread that is left waits for ever. */
const limitMs = 20_000;

let directory = '';
beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'holdfast-refused-')), 'opened');
  mkdirSync(directory);
});
afterEach(() => rmSync(join(directory, '..'), { recursive: true }));

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
    const args = ['--input-type=module', '-e', program];
    const options = { encoding: 'utf8', timeout: limitMs, cwd: root } as const;
    const { stdout, stderr, status, signal } = spawnSync(process.execPath, args, options);
    expect({ stdout, stderr }).toEqual({ stdout: `${code} ${code}\n`, stderr: '' });
    expect({ status, signal }).toEqual({ status: 0, signal: null });
  });
});
