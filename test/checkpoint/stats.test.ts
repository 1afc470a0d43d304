/** The counts of a checkpointer, put together, and the lines in which people read them. */
import { describe, expect, it } from 'vitest';
import { formatStats, formatSwitches, statsOf } from '../../src/checkpoint/stats.ts';
import { triggers } from '../../src/checkpoint/triggers.ts';

const told = { checkpointsTaken: 5, failed: 1, lastFailure: 'no room' };
const none = statsOf(new Map(), new Map(), { checkpointsTaken: 0, failed: 0, lastFailure: null });

describe('statsOf', () => {
  it('statsOf counts by trigger, and what was neither taken nor failed', () => {
    const seen = new Map([
      ['file-write', 7],
      ['tool-error', 2],
    ] as const);
    const stats = statsOf(seen, new Map([['file-write', 3]] as const), told);
    expect(stats).toMatchObject({ ...told, eventsSeen: 9, filtered: 5 });
    expect(Object.keys(stats.byTrigger)).toEqual(triggers);
    expect(stats.byTrigger).toMatchObject({
      'file-write': { seen: 7, taken: 3 },
      'tool-error': { seen: 2, taken: 0 },
      'plan-change': { seen: 0, taken: 0 },
    });
    expect(none).toMatchObject({ eventsSeen: 0, filtered: 0, checkpointsTaken: 0 });
  });
});

describe('formatStats', () => {
  it('formatStats is one line, with what is older than the handle and what failed', () => {
    const line = '0 events seen, 0 checkpoints taken (0% filtered)';
    expect(formatStats(none)).toBe(line);
    const seen = new Map([['file-write', 8]] as const);
    const taken = new Map([['file-write', 3]] as const);
    expect(formatStats(statsOf(seen, taken, told))).toBe(
      '8 events seen, 5 checkpoints taken, 2 of them before the session was opened ' +
        '(50% filtered), 1 failed (no room)',
    );
    const own = { checkpointsTaken: 3, failed: 0, lastFailure: null };
    expect(formatStats(statsOf(seen, taken, own))).toBe(
      '8 events seen, 3 checkpoints taken (63% filtered)',
    );
    const one = { checkpointsTaken: 4, failed: 2, lastFailure: null };
    expect(formatStats(statsOf(seen, taken, one))).toBe(
      '8 events seen, 4 checkpoints taken, 1 of them before the session was opened ' +
        '(38% filtered), 2 failed ()',
    );
  });
});

describe('formatSwitches', () => {
  it('formatSwitches names those that are on and those that are off, or none', () => {
    const all = (state: boolean) => new Map(triggers.map((one) => [one, state] as const));
    const list = triggers.join(', ');
    expect(formatSwitches(all(true))).toBe(`on:  ${list}\noff: none`);
    expect(formatSwitches(all(false))).toBe(`on:  none\noff: ${list}`);
    const mixed = all(true).set('file-write', false).set('base-bytes', false);
    expect(formatSwitches(mixed)).toBe(
      'on:  user-feedback, context-shift, plan-change, tool-error, replay-budget\n' +
        'off: file-write, base-bytes',
    );
  });
});
