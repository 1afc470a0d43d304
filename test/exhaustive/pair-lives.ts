/**
 * What a user knows of an id whose sessions come and go while calls overlap: one model for each life of
 * it, and of each the groups of entries that were sent at the same time, whose order only the session
 * itself decides.
 */
import { faultOf } from '../sim/model.ts';
import type { Certainty, End, Group, SessionModel } from '../sim/model.ts';

/** A group that may stand anywhere behind what was there before. */
export interface LooseGroup extends Group {
  /** Submitted in the turn of its call: those of one session keep the order of their calls. */
  readonly isAtOnce: boolean;
  /** The answer that its caller got. */
  seq: number | null;
}

/** One session from its making to its deletion. */
export interface Life extends SessionModel {
  /** Null until somebody had a handle of it. */
  incarnation: string | null;
  loose: LooseGroup[];
}

/** All lives of one id, in their order. */
export type Lives = Life[];

/** Those of all ids. */
export type World = ReadonlyMap<string, Lives>;

/** What is known now; what is answered from now on is not in it. */
export function copyOfWorld(world: World): Map<string, Lives> {
  const copied = (life: Life): Life => ({
    ...life,
    groups: life.groups.map((group) => ({ ...group })),
    loose: life.loose.map((group) => ({ ...group })),
  });
  return new Map([...world].map(([id, lives]) => [id, lives.map(copied)]));
}

/** A life that somebody asked for. */
export function newLife(id: string): Life {
  return { id, groups: [], loose: [], created: 'asked', deleted: 'no', incarnation: null };
}

/** Everything that was acknowledged is durable now, as behind a close that resolved. */
export function allDurable(life: Life): void {
  for (const group of [...life.groups, ...life.loose]) {
    if (group.certainty === 'acknowledged') group.certainty = 'durable';
  }
}

/** Why this cannot be what the id shows, or null. `found` is null when there is no session. */
export function faultOfId(lives: Lives, found: readonly string[] | null, end: End): string | null {
  if (found === null) {
    const lost = lives.find(({ created, deleted }) => created === 'done' && deleted === 'no');
    return lost === undefined ? null : 'the session is gone';
  }
  // Before a later life may be there, those before it must have been on their way out.
  const may = lives.filter(
    ({ deleted }, at) =>
      deleted !== 'done' &&
      lives.slice(0, at).every((one) => one.created !== 'done' || one.deleted !== 'no') &&
      lives.slice(at + 1).every((one) => one.created !== 'done'),
  );
  const faults = may.map((life) => faultOfLife(life, found, end).fault);
  if (faults.includes(null)) return null;
  return faults[0] ?? 'the session was deleted and is there again';
}

/** The order of its groups that agrees with what was found, or why none does. */
export function faultOfLife(
  life: Life,
  found: readonly string[],
  end: End,
): { readonly fault: string | null; readonly groups: Group[] } {
  let first: string | null = null;
  for (const order of ordersOf(life.loose)) {
    const groups = [...life.groups, ...order];
    const fault = faultOf({ ...life, groups }, found, end) ?? misplaced(order, found);
    if (fault === null) return { fault, groups };
    first ??= fault;
  }
  return { fault: first, groups: life.groups };
}

/** What was seen is the order from now on. */
export function adoptOrder(life: Life, groups: Group[]): void {
  life.groups.splice(0, life.groups.length, ...groups);
  life.loose = [];
}

/** Who was told a sequence finds the entry there, if it is there at all. */
function misplaced(order: readonly LooseGroup[], found: readonly string[]): string | null {
  const wrong = order.find(({ seq, texts }) => {
    return seq !== null && found.length >= seq && found[seq - 1] !== texts[0];
  });
  return wrong === undefined ? null : `entry ${wrong.seq} is not what was answered with it`;
}

function ordersOf(loose: readonly LooseGroup[]): readonly (readonly LooseGroup[])[] {
  const asked = loose.filter(({ isAtOnce }) => isAtOnce);
  return permutationsOf(loose).filter((order) => {
    const atOnce = order.filter(({ isAtOnce }) => isAtOnce);
    return atOnce.every((group, at) => group === asked[at]);
  });
}

function permutationsOf<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length <= 1) return [items];
  return items.flatMap((first, at) =>
    permutationsOf(items.toSpliced(at, 1)).map((rest) => [first, ...rest]),
  );
}

/** A group on its way. */
export function newGroup(texts: readonly string[], isAtOnce: boolean): LooseGroup {
  const certainty: Certainty = 'sent';
  return { texts, certainty, isAtOnce, seq: null };
}
