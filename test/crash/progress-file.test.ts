/** Long runs that go on where they were cut off. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Progress } from '../helpers/progress-file.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-progress-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('Progress', () => {
  it('goes on with the next seed and the sums, and knows nothing of what was cut off', () => {
    const path = join(directory, 'run.json');
    const first = Progress.open(path, 'kills', 7);
    expect(first.nextSeed).toBe(7);
    first.add({ kills: 100, torn: 2 });
    first.add({ kills: 100 });
    const second = Progress.open(path, 'kills', 1);
    expect(second.nextSeed).toBe(9);
    expect(second.sums).toEqual({ kills: 200, torn: 2 });
    second.add({ kills: 50, torn: 1 });
    expect(String(Progress.open(path, 'kills', 1))).toBe('kills 250, torn 3');
  });

  it('refuses the file of another run, and keeps none without a path', () => {
    const path = join(directory, 'run.json');
    Progress.open(path, 'kills', 7).add({ kills: 1 });
    expect(() => Progress.open(path, 'power cuts of xfs', 7)).toThrow('is of "kills"');
    const alone = Progress.open(undefined, 'kills', 7);
    alone.add({ kills: 3 });
    expect(alone.sum('kills')).toBe(3);
    expect(Progress.open('', 'kills', 7).sum('kills')).toBe(0);
  });
});
