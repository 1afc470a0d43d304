/**
 * Stores that attack whoever reads them, small: the real `recover` answers within the bound of memory
 * that ARCHITECTURE.md states. `npm run attack` does the same with 2 GiB.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/attack.mjs', import.meta.url));

interface Result {
  readonly name: string;
  readonly command: string;
  readonly exit: number;
  readonly answer: string;
  readonly memoryMiB: number;
  readonly faults: readonly string[];
}

/** What `recover verify` says: a verdict, or the code of an error. */
const expected: Readonly<Record<string, string>> = {
  'large histories': 'clean',
  'tiny frames in a history': 'clean',
  'large journal': 'healable',
  'tiny frames in a journal': 'healable',
  'thousands of segments': 'healable',
  'a mark far beyond the journal': 'damaged',
  'survivors in a journal': 'healable',
  'entries that do not decode': 'damaged',
  'rot in every fourth entry': 'damaged',
  'deep nesting': 'damaged',
  'huge lengths in a history': 'damaged',
  'huge lengths in a journal': 'healable',
  'a writers file that counts to 2^32': 'DAMAGED',
  'a writers file of 4 GiB': 'DAMAGED',
  'a head that vouches for 2^53 bytes': 'damaged',
  'a history that is a hole': 'damaged',
  'many sessions': 'clean',
};

describe('recover under attack', () => {
  it('F49 recover verifies every hostile store within its memory', () => {
    const words = ['--scale', '0.004', '--command', 'verify', '--seconds-max', '100', '--json'];
    const { stdout, stderr } = spawnSync(process.execPath, [script, ...words], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    const lines = stdout.split('\n').filter((line) => line !== '');
    const results = lines.map((line) => JSON.parse(line) as Result);
    expect(results.filter(({ faults }) => faults.length > 0)).toEqual([]);
    const answers = Object.fromEntries(results.map(({ name, answer }) => [name, answer]));
    expect(answers).toEqual(expected);
    for (const { memoryMiB } of results) expect(memoryMiB).toBeGreaterThan(30);
  });

  it('bound of memory is the one that ARCHITECTURE.md states', () => {
    const [, bound] = /memoryMiBMax = (\d+);/.exec(readFileSync(script, 'utf8')) ?? [];
    const architecture = readFileSync(new URL('../../ARCHITECTURE.md', import.meta.url), 'utf8');
    expect(architecture).toContain(`${bound} MiB of memory`);
  });
});
