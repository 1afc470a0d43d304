/** The door `holdfast/testing` of the built package, used by a small application and nothing else. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as door from '../../src/testing.ts';

const program = fileURLToPath(new URL('bills.mjs', import.meta.url));

function run(variant: 'sound' | 'hasty'): { failure?: string; states?: number; runs?: number } {
  const { stdout, stderr } = spawnSync(process.execPath, [program, variant], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as { failure?: string };
}

describe('holdfast/testing', () => {
  it('crashTest of a sound application finds every bill paid once, wherever it is cut', () => {
    const { failure, states, runs } = run('sound');
    expect(failure).toBeUndefined();
    expect(runs).toBeGreaterThan(40);
    expect(states).toBe((runs ?? 0) * 3);
  });

  it('crashTest of one that acts before its intent is durable finds a bill paid twice', () => {
    expect(run('hasty').failure).toContain('rent,rent');
  });

  it('exports hold what the README names, and no more than that', () => {
    expect(Object.keys(door).toSorted()).toEqual(['SimCrash', 'SimMachine', 'crashTest']);
  });
});
