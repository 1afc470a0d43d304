import { describe, expect, it } from 'vitest';
import { SettlePace } from '../../src/store/settle-pace.ts';

/** Steps until every session is settled, each of which takes so long. */
function run(pace: SettlePace, begin: { nowMs: number; ready: number }, workMs: number): number {
  let { nowMs, ready } = begin;
  while (ready > 0) {
    const { sessions, pauseMs } = pace.step(1, ready, nowMs);
    ready -= sessions;
    nowMs += workMs + (ready > 0 ? pauseMs : 0);
  }
  return nowMs - begin.nowMs;
}

/** A pace whose last segment took so long to fill, up to the time 10,000. */
function paced(fillMs: number): SettlePace {
  const pace = new SettlePace(10_000 - fillMs);
  pace.filled(1, 10_000);
  return pace;
}

describe('SettlePace', () => {
  it('spreads sessions over most of the time that a segment takes to fill', () => {
    const tookMs = run(paced(4000), { nowMs: 10_000, ready: 200 }, 2);
    expect(tookMs).toBeGreaterThan(2400);
    expect(tookMs).toBeLessThan(3200);
  });

  it('leaves a breath between sessions when settling takes longer than there is time', () => {
    expect(run(paced(100), { nowMs: 10_000, ready: 200 }, 2)).toBe(100 * 2 + 99 * 5);
    expect(run(paced(4000), { nowMs: 20_000, ready: 200 }, 2)).toBe(100 * 2 + 99 * 5);
  });

  it('keeps an old segment for seconds, not for an hour, where hardly anything comes', () => {
    expect(run(paced(3_600_000), { nowMs: 10_000, ready: 200 }, 2)).toBe(100 * 2 + 99 * 50);
  });

  it('hurries when segments pile up, however slowly they filled', () => {
    const pace = paced(3_600_000);
    expect(pace.step(2, 200, 10_000)).toEqual({ sessions: 16, pauseMs: 1 });
    expect(pace.step(3, 200, 10_000)).toEqual({ sessions: 32, pauseMs: 0 });
    expect(pace.step(90, 200, 10_000)).toEqual({ sessions: 32, pauseMs: 0 });
  });

  it('takes the mean time of segments that became full together', () => {
    const pace = new SettlePace(0);
    pace.filled(4, 8000);
    expect(pace.step(1, 140, 8000).pauseMs).toBe(20);
  });

  it('does not hold up the last sessions', () => {
    expect(paced(4000).step(1, 2, 10_000)).toEqual({ sessions: 2, pauseMs: 5 });
  });
});
