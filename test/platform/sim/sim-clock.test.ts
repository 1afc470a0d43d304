/** Time by hand, and randomness by seed. */
import { describe, expect, it } from 'vitest';
import { Prng, simRandom } from '../../../src/platform/sim/prng.ts';
import { simClock } from '../../../src/platform/sim/sim-clock.ts';

describe('simClock', () => {
  it('advance fires what is due in the order of its times, also what is set on the way', () => {
    const clock = simClock();
    const seen: string[] = [];
    const note = (name: string) => () => void seen.push(`${name}@${clock.monotonicMs()}`);
    clock.after(20, note('b'));
    clock.after(10, () => {
      note('a')();
      clock.after(5, note('nested'));
    });
    clock.after(20, note('c'));
    clock.after(15, note('cancelled')).cancel();
    clock.after(31, note('later'));
    clock.advance(30);
    expect(seen).toEqual(['a@10', 'nested@15', 'b@20', 'c@20']);
    expect(clock.monotonicMs()).toBe(30);
    expect(clock.timers).toBe(1);
  });

  it('advanceThrough lets code that sleeps in a loop make its way', async () => {
    const clock = simClock();
    const loop = async (): Promise<number> => {
      for (let round = 0; round < 5; round++) await clock.sleep(10);
      return clock.monotonicMs();
    };
    const done = loop();
    await clock.advanceThrough(100);
    expect(await done).toBe(50);
    expect(clock.monotonicMs()).toBe(100);
  });

  it('sleep rejects with the reason of its signal, and leaves no timer', async () => {
    const clock = simClock();
    const stop = new AbortController();
    const slept = clock.sleep(10, stop.signal);
    stop.abort(new Error('enough'));
    await expect(slept).rejects.toThrow('enough');
    expect(clock.timers).toBe(0);
    await expect(clock.sleep(10, stop.signal)).rejects.toThrow('enough');
  });

  it('jumpWall moves the wall clock alone', () => {
    const clock = simClock(1000);
    clock.jumpWall(-500);
    clock.advance(7);
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([507, 7]);
  });
});

describe('simRandom', () => {
  it('repeats with its seed and differs between seeds', () => {
    expect(simRandom(5).bytes(16)).toEqual(simRandom(5).bytes(16));
    expect(simRandom(5).bytes(16)).not.toEqual(simRandom(6).bytes(16));
  });
});

describe('Prng', () => {
  it('spreads evenly and stays within its bounds', () => {
    const prng = Prng.fromSeed(1);
    const counts = Array.from({ length: 10 }, () => 0);
    for (let draw = 0; draw < 10_000; draw++) {
      const value = prng.below(10);
      counts[value] = (counts[value] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
    expect(prng.chance(0)).toBe(false);
    expect(prng.chance(1)).toBe(true);
  });

  it('clone goes on alike and independently', () => {
    const prng = Prng.fromSeed(2);
    const copy = prng.clone();
    expect([copy.uint32(), copy.uint32()]).toEqual([prng.uint32(), prng.uint32()]);
  });
});
