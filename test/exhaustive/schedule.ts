/**
 * Enumerates the orders in which pieces of work that run at the same time can get at the disk. Every
 * operation of the file system waits until it is chosen; one is carried out at a time. An order is a
 * list of choices; all orders are walked, depth first, in which the work that just ran is put aside at
 * most so many times while it could go on (a context bound, as in the CHESS model checker).
 */
import type { File, FileSystem } from '../../src/platform/file-system.ts';
import type { SimClock } from '../../src/platform/sim/sim-clock.ts';

/** Operations that wait to be chosen; the others see and change nothing that matters for the order. */
const chosen: ReadonlySet<string> = new Set([
  'create',
  'open',
  'rename',
  'remove',
  'syncDirectory',
  'read',
  'write',
  'truncate',
  'sync',
]);

/** Rounds without any operation after which work has hung. */
const idleRoundsMax = 20_000;

interface Waiting {
  readonly run: () => void;
}

/** Holds operations back and lets one through at a time. */
export class Scheduler {
  #isOn = false;
  #waiting: Waiting[] = [];

  /** The same file system; its operations wait while `drive` runs. */
  wrap<T extends FileSystem | File>(inner: T): T {
    const verbs = new Map<PropertyKey, unknown>();
    return new Proxy(inner, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        if (!verbs.has(name)) verbs.set(name, this.#verb(target, String(name), value));
        return verbs.get(name);
      },
    });
  }

  /**
   * Runs until all the work has ended. `choose` picks one of so many operations; 0 is the one with
   * which the work goes on that ran last, when `goesOn` is that it could. `done` hears of each.
   */
  async drive(
    clock: SimClock,
    work: readonly Promise<unknown>[],
    choose: (count: number, last: 'goes on' | 'waits') => number,
    done: () => void,
  ): Promise<void> {
    this.#isOn = true;
    let isOver = false;
    const all = Promise.all(work).finally(() => {
      isOver = true;
    });
    // Looked at behind the loop.
    all.catch(() => undefined);
    let known = new Set<Waiting>();
    for (let idle = 0; idle < idleRoundsMax; ) {
      await clock.advanceThrough(idle > 0 ? 5 : 0);
      if (isOver) break;
      const fresh = this.#waiting.filter((one) => !known.has(one));
      const options = [...fresh, ...this.#waiting.filter((one) => known.has(one))];
      known = new Set(this.#waiting);
      idle = options.length === 0 ? idle + 1 : 0;
      if (options.length === 0) continue;
      const last = fresh.length > 0 ? 'goes on' : 'waits';
      const next = options[options.length === 1 ? 0 : choose(options.length, last)];
      this.#waiting = this.#waiting.filter((one) => one !== next);
      next?.run();
      done();
    }
    this.#isOn = false;
    for (const one of this.#waiting.splice(0)) one.run();
    if (!isOver) throw new Error('The work never ends in this order');
    await all;
  }

  #verb(target: object, name: string, value: Function): unknown {
    return async (...given: unknown[]): Promise<unknown> => {
      if (this.#isOn && chosen.has(name)) {
        await new Promise<void>((resolve) => this.#waiting.push({ run: resolve }));
      }
      const result: unknown = await Reflect.apply(value, target, given);
      return result instanceof Object && 'hasName' in result ? this.wrap(result as File) : result;
    };
  }
}

interface Decision {
  readonly choice: number;
  readonly count: number;
  /** 1 when another choice than 0 puts work aside that could go on. */
  readonly cost: number;
}

/** Walks all lists of choices within a bound, one after the other. */
export class Orders {
  readonly #switchesMax: number;
  #prefix: readonly number[] = [];
  #taken: Decision[] = [];

  constructor(switchesMax: number) {
    this.#switchesMax = switchesMax;
  }

  /** The choices of the order that runs, to repeat it. */
  get choices(): readonly number[] {
    return this.#taken.map(({ choice }) => choice);
  }

  choose(count: number, last: 'goes on' | 'waits'): number {
    const choice = this.#prefix[this.#taken.length] ?? 0;
    this.#taken.push({ choice, count, cost: last === 'goes on' ? 1 : 0 });
    return choice;
  }

  /** Goes to the next order; false when there is none. */
  next(): boolean {
    for (let at = this.#taken.length - 1; at >= 0; at -= 1) {
      const { choice, count, cost } = this.#taken[at] ?? { choice: 0, count: 0, cost: 0 };
      const before = this.#taken.slice(0, at);
      const switches = before.reduce((sum, one) => sum + (one.choice > 0 ? one.cost : 0), cost);
      if (choice + 1 >= count || switches > this.#switchesMax) continue;
      this.#prefix = [...before.map((one) => one.choice), choice + 1];
      this.#taken = [];
      return true;
    }
    return false;
  }
}
