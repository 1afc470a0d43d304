/** Workloads: seeded, of the sizes that they promise, and conversations that make sense. */
import { describe, expect, test } from 'vitest';
import { Random } from '../../bench/random.ts';
import { arrivals, workloadNames } from '../../bench/workloads.ts';
import type { Arrival, WorkloadName } from '../../bench/workloads.ts';

function drawn(name: WorkloadName, count: number, seed = 1, sessions = 3): readonly Arrival[] {
  const all = arrivals(name, { seed, sessions, textBytes: 10 });
  return Array.from({ length: count }, () => all.next().value);
}

describe.each(workloadNames)('arrivals of %s', (name) => {
  test('arrivals are those of the seed', () => {
    const [one, same, other] = [drawn(name, 20), drawn(name, 20), drawn(name, 20, 2)];
    expect(one).toEqual(same);
    if (name !== 'fixed') expect(one).not.toEqual(other);
  });

  test('arrivals go to sessions that are there, and say about how long they are', () => {
    for (const { session, message, bytes } of drawn(name, 100)) {
      expect([0, 1, 2]).toContain(session);
      const length = JSON.stringify(message.content).length;
      expect(length).toBeGreaterThan(bytes * 0.9);
      expect(length).toBeLessThan(bytes * 1.6 + 200);
    }
  });
});

test('arrivals of tool-heavy have a result of 0.2 to 20 KB behind each call, in its session', () => {
  const open = new Map<number, string>();
  let calls = 0;
  for (const { session, message, bytes } of drawn('tool-heavy', 2000)) {
    const [block] = typeof message.content === 'string' ? [] : message.content;
    if (block?.type === 'tool_result') {
      expect(block['tool_use_id']).toBe(open.get(session));
      open.delete(session);
    } else {
      expect(open.has(session)).toBe(false);
      if (block === undefined) continue;
      expect(block.type).toBe('tool_use');
      open.set(session, String(block['id']));
      calls += 1;
    }
    expect(bytes).toBeGreaterThanOrEqual(200);
    expect(bytes).toBeLessThanOrEqual(20_000);
  }
  expect(calls).toBeGreaterThan(800);
});

test('arrivals of long-context are of 50 to 500 KB', () => {
  const sizes = drawn('long-context', 50).map(({ bytes }) => bytes);
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(50_000);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(500_000);
});

test('arrivals of many-sessions choose a few sessions often and the others seldom', () => {
  const counts = new Uint32Array(100);
  for (const { session } of drawn('many-sessions', 20_000, 1, 100)) {
    counts[session] = (counts[session] ?? 0) + 1;
  }
  const [first = 0, second = 0] = counts;
  expect(first / second).toBeGreaterThan(1.8);
  expect(first / second).toBeLessThan(2.2);
  expect(counts[99]).toBeGreaterThan(0);
});

test('Random is spread evenly, and gaps have the mean of their rate', () => {
  const random = new Random(7);
  let [sum, gaps] = [0, 0];
  for (let draw = 0; draw < 20_000; draw += 1) {
    sum += random.next();
    gaps += random.gap(4);
  }
  expect(Math.abs(sum / 20_000 - 0.5)).toBeLessThan(0.01);
  expect(Math.abs(gaps / 20_000 - 0.25)).toBeLessThan(0.01);
});
