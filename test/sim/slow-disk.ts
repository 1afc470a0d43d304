/**
 * A file system whose operations take simulated time, before or behind their effect, so that what runs
 * side by side really does: an append comes in while a sync runs, a kill in the middle of settling.
 */
import type { Clock } from '../../src/platform/clock.ts';
import type { File, FileSystem } from '../../src/platform/file-system.ts';
import type { Prng } from '../../src/platform/sim/prng.ts';

/** Part of the operations that take time at all. */
const slowPart = 0.15;
/** A sync that hangs: longer than any ceiling of the engine, shorter than the patience of callers. */
const hangMs = 4000;

/** The same file system, slower. */
export function slowDisk(inner: FileSystem, clock: Clock, dice: () => Prng): FileSystem {
  return slowed(inner, clock, dice);
}

function slowed<T extends FileSystem | File>(inner: T, clock: Clock, dice: () => Prng): T {
  const verbs = new Map<PropertyKey, unknown>();
  return new Proxy(inner, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      const known = verbs.get(name);
      if (known !== undefined) return known;
      const verb = async (...given: unknown[]): Promise<unknown> => {
        const draw = dice();
        const ms = delayOf(String(name), draw);
        const isBefore = draw.below(2) === 0;
        if (ms > 0 && isBefore) await clock.sleep(ms);
        const result: unknown = await Reflect.apply(value, target, given);
        if (ms > 0 && !isBefore) await clock.sleep(ms);
        return result instanceof Object && 'hasName' in result
          ? slowed(result as File, clock, dice)
          : result;
      };
      verbs.set(name, verb);
      return verb;
    },
  });
}

function delayOf(verb: string, dice: Prng): number {
  if (!dice.chance(slowPart)) return 0;
  const hangs = verb === 'sync' && dice.below(100) === 0;
  return hangs ? hangMs : 1 + dice.below(8);
}
