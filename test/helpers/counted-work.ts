/**
 * Work, counted and not timed: how many elements of arrays are walked over or copied, by iterators,
 * spreads and the methods that look at many. A machine may be busy; the count is the same.
 */
import { afterEach } from 'vitest';

const walkers = ['concat', 'filter', 'find', 'findIndex', 'findLast', 'flatMap'] as const;
const more = ['includes', 'indexOf', 'join', 'map', 'slice', 'some', 'toSorted'] as const;

let restore: () => void = () => undefined;
afterEach(() => restore());

/** How many elements are walked over while `work` runs. */
export async function elementsWalked(work: () => Promise<unknown>): Promise<number> {
  let walked = 0;
  const proto = Array.prototype as unknown as Record<string, unknown>;
  const steps = Object.getPrototypeOf([][Symbol.iterator]()) as { next: () => unknown };
  const { next } = steps;
  const old = new Map([...walkers, ...more].map((name) => [name, proto[name]]));
  restore = () => {
    steps.next = next;
    for (const [name, method] of old) proto[name] = method;
    restore = () => undefined;
  };
  steps.next = function counted(this: unknown) {
    walked += 1;
    return next.call(this);
  };
  for (const [name, method] of old) {
    proto[name] = function counted(this: readonly unknown[], ...given: unknown[]) {
      walked += this.length;
      return Reflect.apply(method as () => unknown, this, given);
    };
  }
  try {
    await work();
  } finally {
    restore();
  }
  return walked;
}
