/** From what units of a file shall say to what becomes of their values. */
import { sameJson } from './json-value.ts';
import type { ElementChange } from './array-words.ts';
import { frontUnit } from './edited-units.ts';
import type { WantedTurns } from './edited-units.ts';
import type { Around, ValueCodec } from './value-codec.ts';
import { idGiver } from './value-codec.ts';

/** The changes of the values, and the values of a file that had none. */
export interface UnitChanges {
  readonly changes: ReadonlyMap<number, ElementChange>;
  readonly front: readonly unknown[];
}

/** How the values are found, and what stands in the file beside them. */
export interface UnitValues {
  readonly units: number;
  valueOf(unit: number): unknown;
  /** True when both are the same record, an old one and what becomes of it. */
  isSame(before: unknown, after: unknown): boolean;
  /** Every id of the file; new ones are added to it. */
  readonly ids: Set<string>;
  /** Any value of the file; null in an empty one. */
  readonly like: unknown;
}

/** Encodes what is wanted. The value that goes on keeps its place; others stand around it. */
export function unitChanges(
  wanted: WantedTurns,
  codec: ValueCodec,
  values: UnitValues,
): UnitChanges {
  const changes = new Map<number, ElementChange>();
  const around: Around = { like: values.like, freshId: idGiver(values.ids) };
  let front: readonly unknown[] = [];
  for (const [unit, turns] of wanted) {
    if (unit === frontUnit) {
      front = codec.encode(null, turns, around);
      continue;
    }
    const old = values.valueOf(unit);
    const fresh = codec.encode(old, turns, around);
    const at = fresh.findIndex((value) => values.isSame(old, value));
    if (at < 0) {
      changes.set(unit, { before: fresh, own: 'drop', after: [] });
      continue;
    }
    const value = fresh[at];
    const own = sameJson(value, old) ? 'keep' : { value };
    changes.set(unit, { before: fresh.slice(0, at), own, after: fresh.slice(at + 1) });
  }
  if (values.units === 0) return { changes, front };
  // Values that give no message stay in front of the first that does.
  if (front.length > 0) changes.set(values.units - 1, { before: [], own: 'keep', after: front });
  return { changes, front: [] };
}
