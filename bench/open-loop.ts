/**
 * Load at a rate that does not wait for the answers. Each arrival has a time at which it was meant to
 * come, drawn before anybody knows how busy the store will be, and its latency counts from there. So
 * a stall meets all that would have come during it: a loop that waits for its answers would count
 * it once, and leave out everything that it kept from coming (coordinated omission).
 */
import { performance } from 'node:perf_hooks';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { LatencyHistogram } from './latency.ts';
import type { Latency } from './latency.ts';
import type { Random } from './random.ts';

/** Time as the driver sees it; a test moves it by hand. */
export interface LoopClock {
  nowMs(): number;
  sleep(ms: number): Promise<unknown>;
  /** Lets everything else that is ready run once. */
  turn(): Promise<unknown>;
}

/** The machine's. */
export const realClock: LoopClock = {
  nowMs: () => performance.now(),
  sleep: (ms) => sleep(ms),
  turn: () => turn(),
};

export interface OpenLoopOptions {
  readonly ratePerSecond: number;
  readonly seconds: number;
  /** When each arrival comes is drawn from it: gaps as of independent users. */
  readonly random: Random;
  /** One operation; resolves when it is answered. */
  readonly send: () => Promise<unknown>;
  /** An operation was answered, so long after it was meant to come. */
  readonly onAnswer: (latencyMs: number) => void;
  /** About every second, and once at the end; how long since the last one, in ms. */
  readonly onSecond: (state: { readonly elapsedMs: number; readonly inFlight: number }) => void;
  /** What comes while so many operations are unanswered is not sent. */
  readonly unansweredMax?: number;
  readonly clock?: LoopClock;
}

/** What came of it. */
export interface OpenLoopResult {
  readonly arrivals: number;
  /** What was not sent, because too many were unanswered; 0 for a store that keeps up. */
  readonly dropped: number;
  readonly inFlightMax: number;
  /** From the first arrival to the last answer. */
  readonly seconds: number;
  /** How late the driver itself was: it is a part of every latency. */
  readonly lag: Latency;
}

/** Timers fire at best every millisecond. */
const tickMs = 1;
/** A driver that is behind still lets go of the loop this often: the answers need it as well. */
const burstMs = 5;
const secondMs = 1000;
/** With more unanswered operations the run is about memory, and no longer about the store. */
const unansweredMaxDefault = 100_000;

/** Runs it to the end; the first operation that fails ends it, and its error is thrown. */
export async function openLoop(options: OpenLoopOptions): Promise<OpenLoopResult> {
  const { ratePerSecond, random, clock = realClock } = options;
  const { unansweredMax = unansweredMaxDefault } = options;
  const lag = new LatencyHistogram();
  const seen = { arrivals: 0, dropped: 0, inFlight: 0, inFlightMax: 0 };
  const failures: unknown[] = [];
  const running = new Set<Promise<void>>();
  const send = async (dueMs: number): Promise<void> => {
    try {
      await options.send();
      options.onAnswer(Math.max(0, clock.nowMs() - dueMs));
    } catch (error) {
      failures.push(error);
    } finally {
      seen.inFlight -= 1;
    }
  };
  const begin = clock.nowMs();
  const end = begin + options.seconds * secondMs;
  let second = begin;
  const tellSecond = (nowMs: number): void => {
    options.onSecond({ elapsedMs: nowMs - second, inFlight: seen.inFlight });
    second = nowMs;
  };
  const gapMs = (): number => random.gap(ratePerSecond) * secondMs;
  for (let due = begin + gapMs(); due < end && failures.length === 0; ) {
    const tick = clock.nowMs();
    let now = tick;
    for (; due <= now && due < end && now < tick + burstMs; due += gapMs()) {
      seen.arrivals += 1;
      if (seen.inFlight >= unansweredMax) {
        seen.dropped += 1;
        continue;
      }
      seen.inFlight += 1;
      seen.inFlightMax = Math.max(seen.inFlightMax, seen.inFlight);
      lag.record(Math.max(0, now - due));
      const one = send(due);
      running.add(one);
      one.finally(() => running.delete(one)).catch(() => undefined);
      now = clock.nowMs();
    }
    if (now - second >= secondMs) tellSecond(now);
    await (due <= now ? clock.turn() : clock.sleep(Math.max(tickMs, due - now)));
  }
  await Promise.all(running);
  if (failures.length > 0) throw failures[0];
  tellSecond(clock.nowMs());
  const { arrivals, dropped } = seen;
  return {
    arrivals,
    dropped,
    inFlightMax: seen.inFlightMax,
    seconds: (clock.nowMs() - begin) / secondMs,
    lag: lag.latency,
  };
}
