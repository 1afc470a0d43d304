/** The real clock, as far as it can be tested without waiting for long. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { nodeClock, nodeRandom } from '../../src/platform/node-clock.ts';
import * as realTimers from '../../src/platform/real-timers.ts';
import { processInfo } from '../../src/platform/process-info.ts';

afterEach(() => {
  vi.useRealTimers();
});

describe('nodeClock', () => {
  it('after sets its timer again when that fires before its time', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { monotonicMs } = realTimers;
    const fakes = { setTimer: setTimeout, clearTimer: clearTimeout, monotonicMs };
    let fired = false;
    const timer = nodeClock(fakes).after(60_000, () => {
      fired = true;
    });
    vi.advanceTimersByTime(60_000);
    expect(fired).toBe(false);
    expect(vi.getTimerCount()).toBe(1);
    timer.cancel();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('after never fires early', async () => {
    const clock = nodeClock();
    for (const delayMs of [0, 0.2, 1, 1.5, 2, 3]) {
      const start = clock.monotonicMs();
      await clock.sleep(delayMs);
      expect(clock.monotonicMs() - start).toBeGreaterThanOrEqual(delayMs);
    }
  });

  it('after takes a delay longer than a timer can hold, and cancel ends it', async () => {
    const clock = nodeClock();
    let fired = false;
    const timer = clock.after(2 ** 33, () => {
      fired = true;
    });
    await clock.sleep(5);
    timer.cancel();
    expect(fired).toBe(false);
  });

  it('sleep and idle end in spite of timers that a test has put in the place of the real ones', async () => {
    vi.useFakeTimers();
    const clock = nodeClock();
    const beganMs = clock.monotonicMs();
    await clock.sleep(3);
    await clock.idle(3);
    expect(clock.monotonicMs() - beganMs).toBeGreaterThanOrEqual(6);
  });

  it('sleep rejects with the reason of its signal', async () => {
    const stop = new AbortController();
    const slept = nodeClock().sleep(60_000, stop.signal);
    stop.abort(new Error('enough'));
    await expect(slept).rejects.toThrow('enough');
  });
});

describe('nodeRandom', () => {
  it('gives as many bytes as asked, and others each time', () => {
    const first = nodeRandom().bytes(16);
    expect(first.length).toBe(16);
    expect(nodeRandom().bytes(16)).not.toEqual(first);
  });
});

describe('processInfo', () => {
  it('tells pid and host, and the same boot id each time', () => {
    const info = processInfo();
    expect(info.pid).toBe(process.pid);
    expect(info.host).not.toBe('');
    expect(info).toEqual(processInfo());
    if (info.platform === 'linux') expect(info.bootId).toMatch(/^[0-9a-f-]{36}$/);
  });
});
