/** Timers that are fired by a loop. */
import { describe, expect, it } from 'vitest';
import { LoopClock } from '../../src/platform/loop-clock.ts';

/** A loop clock whose time is moved by hand. */
class HandClock extends LoopClock {
  timeMs = 1000;
  override monotonicMs(): number {
    return this.timeMs;
  }
}

describe('LoopClock', () => {
  it('LoopClock fires what is due, once, and not what was cancelled', () => {
    const clock = new HandClock();
    const fired: string[] = [];
    clock.after(10, () => fired.push('ten'));
    const cancelled = clock.after(10, () => fired.push('cancelled'));
    clock.after(20, () => fired.push('twenty'));
    cancelled.cancel();
    expect(clock.untilNextMs).toBe(10);
    clock.timeMs += 9.5;
    clock.fire();
    expect(fired).toEqual([]);
    clock.timeMs += 0.5;
    clock.fire();
    clock.fire();
    expect(fired).toEqual(['ten']);
    expect(clock.untilNextMs).toBe(10);
    clock.timeMs += 30;
    expect(clock.untilNextMs).toBe(0);
    clock.fire();
    expect(fired).toEqual(['ten', 'twenty']);
    expect(clock.untilNextMs).toBe(Number.POSITIVE_INFINITY);
  });

  it('LoopClock does not fire what a call before it cancelled, and sets what a call sets', () => {
    const clock = new HandClock();
    const fired: string[] = [];
    clock.after(1, () => {
      fired.push('first');
      second.cancel();
      clock.after(5, () => fired.push('later'));
    });
    const second = clock.after(1, () => fired.push('second'));
    clock.timeMs += 2;
    clock.fire();
    expect(fired).toEqual(['first']);
    clock.timeMs += 5;
    clock.fire();
    expect(fired).toEqual(['first', 'later']);
  });
});
