/** The driver at a given rate, on a clock that is moved by hand. */
import { expect, test } from 'vitest';
import { latencyOf } from '../../bench/latency.ts';
import { openLoop } from '../../bench/open-loop.ts';
import type { LoopClock, OpenLoopResult } from '../../bench/open-loop.ts';
import { Random } from '../../bench/random.ts';

/** Time passes only while somebody sleeps, or works. */
class HandClock implements LoopClock {
  #nowMs = 1000;

  nowMs(): number {
    return this.#nowMs;
  }

  work(ms: number): void {
    this.#nowMs += ms;
  }

  async sleep(ms: number): Promise<void> {
    // What is answered at once is answered before time passes.
    await new Promise((resolve) => setImmediate(resolve));
    this.#nowMs += ms;
  }

  turn(): Promise<void> {
    return this.sleep(0.01);
  }
}

async function run(
  seconds: number,
  send: (clock: HandClock, at: number) => Promise<unknown>,
): Promise<{ latencies: number[]; seconds: number[]; result: OpenLoopResult }> {
  const clock = new HandClock();
  const latencies: number[] = [];
  const told: number[] = [];
  let count = 0;
  const result = await openLoop({
    ratePerSecond: 1000,
    seconds,
    random: new Random(1),
    send: () => {
      count += 1;
      return send(clock, count);
    },
    onAnswer: (ms) => latencies.push(ms),
    onSecond: ({ elapsedMs }) => told.push(elapsedMs),
    clock,
  });
  return { latencies, seconds: told, result };
}

const quick = (): Promise<void> => Promise.resolve();

test('openLoop comes at its rate, and tells every second', async () => {
  const { latencies, seconds, result } = await run(10, quick);
  expect(latencies).toHaveLength(result.arrivals);
  expect(Math.abs(result.arrivals / 10_000 - 1)).toBeLessThan(0.05);
  expect(seconds.length).toBeGreaterThanOrEqual(10);
  expect(result.seconds).toBeCloseTo(10, 1);
  // A timer of a millisecond at best: that is the lateness of the driver and nothing else.
  expect(latencyOf(latencies).maxMs).toBeLessThanOrEqual(1.1);
  expect(result.lag.maxMs).toBeLessThanOrEqual(1.1);
});

test('openLoop counts a stall for everything that would have come during it', async () => {
  const { latencies } = await run(1, async (clock, at) => {
    if (at === 300) clock.work(200);
  });
  // A loop that waits for its answers would have seen one long one.
  expect(latencies.filter((ms) => ms > 100).length).toBeGreaterThan(80);
  expect(latencyOf(latencies).maxMs).toBeGreaterThan(190);
});

test('openLoop throws what an operation failed with, and stops', async () => {
  let sent = 0;
  const failing = async (): Promise<void> => {
    sent += 1;
    if (sent === 5) throw new Error('The fifth');
  };
  await expect(run(1, failing)).rejects.toThrow('The fifth');
  expect(sent).toBeLessThan(20);
});

test('openLoop does not send what comes while too many are unanswered', async () => {
  const clock = new HandClock();
  const waiting: (() => void)[] = [];
  let hangs = true;
  const result = await openLoop({
    ratePerSecond: 1000,
    seconds: 1.5,
    random: new Random(1),
    send: async () => {
      if (hangs) await new Promise<void>((resolve) => waiting.push(resolve));
    },
    onAnswer: () => undefined,
    onSecond: () => {
      hangs = false;
      for (const resolve of waiting) resolve();
    },
    unansweredMax: 10,
    clock,
  });
  expect(waiting).toHaveLength(10);
  expect(result.inFlightMax).toBe(10);
  expect(result.dropped).toBeGreaterThan(900);
  expect(result.arrivals - result.dropped).toBeGreaterThan(400);
});
