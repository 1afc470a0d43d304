/**
 * Every pair of public verbs, called at the same time: the first is held at one of its operations, the
 * second runs as far as it goes, and then both run to their end; or the second is held as well, the
 * first ends, and then the second. Behind it, and in the middle of it, everything that was told to
 * their callers is looked for: by the handles that live, behind a kill, a power cut, and a close.
 */
import { Prng } from '../../src/platform/sim/prng.ts';
import { SimMachine } from '../helpers/sim-store.ts';
import { wordsOf } from '../sim/content.ts';
import type { End } from '../sim/model.ts';
import { openIfThere } from '../sim/looks.ts';
import { disksAfterPowerLoss } from './crash-points.ts';
import { adoptOrder, copyOfWorld, faultOfId, faultOfLife } from './pair-lives.ts';
import type { World } from './pair-lives.ts';
import { begin, largeStart, starts } from './pair-starts.ts';
import type { Started } from './pair-starts.ts';
import { codeOf } from './pair-user.ts';
import { verbs } from './pair-verbs.ts';
import type { Verb } from './pair-verbs.ts';

/** Two verbs and how the store stands. */
export interface Pair {
  readonly start: string;
  readonly first: string;
  readonly second: string;
}

/** At which operation the first is held, and the second; null for not at all. */
export interface Holds {
  readonly first: number;
  readonly second: number | null;
}

/** How far a walk goes. */
export interface PairBounds {
  /** Disks of a power cut at one moment. */
  readonly cutsMax: number;
  /** Ways in which the second is held as well: not at all, then at its first operation, and so on. */
  readonly secondsMax: number;
}

/** Counts of a walk. */
export interface PairCounts {
  runs: number;
  /** Stores that were opened behind a kill, a power cut or a close, and compared. */
  states: number;
  /** Most operations of the first at which it was held. */
  heldMax: number;
}

/** Rounds of 10 ms in which a call goes as far as it goes: longer than a batched entry waits. */
const roundsMax = 20;
function nameOf({ start, first, second }: Pair): string {
  return `${first} & ${second}, ${start}`;
}

/** Rounds of pairs: one verb as the first, from one start, and each verb as the second. */
const rounds: ReadonlyMap<string, readonly Pair[]> = new Map(
  Object.keys(starts).flatMap((start) =>
    Object.keys(verbs).map((first) => {
      const seconds = Object.keys(verbs).map((second) => ({ start, first, second }));
      return [`${first} & each, ${start}`, seconds] as const;
    }),
  ),
);

/** Their names. */
export const pairRoundNames: readonly string[] = [...rounds.keys()];

/** Walks all pairs of a round. Throws at a violation. */
export async function walkPairRound(name: string, bounds: PairBounds): Promise<PairCounts> {
  const counts: PairCounts = { runs: 0, states: 0, heldMax: 0 };
  for (const pair of rounds.get(name) ?? []) {
    const { runs, states, heldMax } = await walkPair(pair, bounds);
    counts.runs += runs;
    counts.states += states;
    counts.heldMax = Math.max(counts.heldMax, heldMax);
  }
  return counts;
}

/** Each of them. */
export const verbNames: readonly string[] = Object.keys(verbs);

/** How seldom the start is drawn whose runs take long. */
const largeEvery = 20;

/**
 * This verb with itself and each later one, once: which of them is first, at which operation it is
 * held, and how the store stands comes by the seed.
 */
export function* drawnPairs(
  one: string,
  seed: number,
): Generator<{ readonly pair: Pair; readonly first: number }> {
  const at = verbNames.indexOf(one);
  const dice = Prng.fromSeed(1000 * seed + at);
  const small = Object.keys(starts).filter((name) => name !== largeStart);
  for (const other of verbNames.slice(at)) {
    const [first, second] = dice.below(2) === 0 ? [one, other] : [other, one];
    const isLarge = dice.below(largeEvery) === 0;
    const start = isLarge ? largeStart : (small[dice.below(small.length)] ?? '');
    // Few verbs have more operations than that.
    yield { pair: { start, first, second }, first: dice.below(16) };
  }
}

/** Holds the first at each of its operations. Throws at a violation, which says how to repeat it. */
export async function walkPair(pair: Pair, bounds: PairBounds): Promise<PairCounts> {
  const counts: PairCounts = { runs: 0, states: 0, heldMax: 0 };
  const seconds = [null, ...Array.from({ length: bounds.secondsMax - 1 }, (_, at) => at)];
  for (let first = 0; ; first += 1) {
    for (const second of seconds) {
      const { isHeld, states } = await runPair(pair, { first, second }, bounds);
      counts.runs += 1;
      counts.states += states;
      // It has ended before: the second came behind it.
      if (!isHeld) return counts;
    }
    counts.heldMax = first + 1;
  }
}

/** One run. */
export async function runPair(
  pair: Pair,
  holds: Holds,
  { cutsMax }: Pick<PairBounds, 'cutsMax'>,
): Promise<{ readonly isHeld: boolean; readonly states: number }> {
  try {
    const run = new PairRun(pair, await begin(pair.start), cutsMax);
    const isHeld = await run.run(holds);
    return { isHeld, states: run.states };
  } catch (error) {
    const where = `${nameOf(pair)}, held at ${holds.first} and ${holds.second}`;
    throw new Error(`Violation: ${where}`, { cause: error });
  }
}

const alone = new Map<string, Promise<string | null>>();

/** How the verb ends when nothing else is called. */
function codeAlone(name: string, start: string): Promise<string | null> {
  const key = `${name}, ${start}`;
  const known = alone.get(key) ?? endOf(verbOf(name), start);
  alone.set(key, known);
  return known;
}

async function endOf(verb: Verb, start: string): Promise<string | null> {
  const { user, store } = await begin(start);
  return user.machine.run(codeOf(verb.run({ user, store, elsewhere: 'two' })));
}

class PairRun {
  states = 0;
  readonly #pair: Pair;
  readonly #cutsMax: number;
  readonly #started: Started;
  readonly #machine: SimMachine;

  constructor(pair: Pair, started: Started, cutsMax: number) {
    this.#pair = pair;
    this.#cutsMax = cutsMax;
    this.#started = started;
    this.#machine = started.user.machine;
  }

  /** True when the first was held at that operation. */
  async run(holds: Holds): Promise<boolean> {
    const { user } = this.#started;
    const [first, second] = [verbOf(this.#pair.first), verbOf(this.#pair.second)];
    const one = user.process(first.place === 'main' ? 'main' : 'two').first;
    const two = user.process(second.place === 'main' ? 'main' : 'three').second;
    one.hold(() => true, holds.first);
    const begun = this.#call(first, 'two');
    await this.#goesOn(begun, () => one.isHolding);
    const isHeld = one.isHolding;
    if (!isHeld) one.release();
    if (holds.second !== null) two.hold(() => true, holds.second);
    const other = this.#call(second, 'three');
    await this.#goesOn(other, () => two.isHolding);
    await this.#crashNow();
    one.release();
    if (two.isHolding) {
      await this.#goesOn(begun, () => false);
      await this.#crashNow();
    }
    two.release();
    const ends = await this.#machine.run(Promise.all([begun.end, other.end]));
    await this.#requireCodes(ends);
    await this.#compareLiving();
    await this.#crashNow();
    await this.#compareClosed();
    return isHeld;
  }

  #call(verb: Verb, elsewhere: string): { readonly end: Promise<string | null>; isOver: boolean } {
    const end = codeOf(verb.run({ ...this.#started, elsewhere }));
    const call = { end, isOver: false };
    const over = (): void => {
      call.isOver = true;
    };
    end.then(over, over);
    return call;
  }

  async #goesOn(call: { readonly isOver: boolean }, isHeld: () => boolean): Promise<void> {
    for (let round = 0; round < roundsMax; round += 1) {
      await this.#machine.pass(round === 0 ? 0 : 10);
      if (call.isOver || isHeld()) return;
    }
  }

  /** Refused as it is alone, or as the other one may be the reason for. */
  async #requireCodes(ends: readonly (string | null)[]): Promise<void> {
    const { first, second, start } = this.#pair;
    for (const [at, name] of [first, second].entries()) {
      const code = ends[at] ?? null;
      const { causes } = verbOf(at === 0 ? second : first);
      if (code === null || causes.includes(code)) continue;
      if (code === (await codeAlone(name, start))) continue;
      throw new Error(`"${name}" was refused with ${code}`);
    }
  }

  /** What the handles see that are open, and that they go on. */
  async #compareLiving(): Promise<void> {
    const { user } = this.#started;
    for (const handle of user.handles) {
      const { session, life } = handle;
      if (session.isClosed) continue;
      const found = await wordsOf(this.#machine, session, 'all');
      const { fault, groups } = faultOfLife(life, found, 'kill');
      if (fault !== null) throw new Error(`Session ${session.id}, still open: ${fault}`);
      adoptOrder(life, groups);
      await this.#machine.run(user.append(handle));
    }
  }

  /** A kill of all processes, and a power cut, at this moment. The machine runs on. */
  async #crashNow(): Promise<void> {
    const { disk } = this.#machine;
    const world = copyOfWorld(this.#started.user.world);
    await this.#compareLeft(new SimMachine(disk.clone(), Prng.fromSeed(3)), world, 'kill');
    for (const one of disksAfterPowerLoss(disk, this.#cutsMax, this.states).disks) {
      await this.#compareLeft(new SimMachine(one, Prng.fromSeed(5)), world, 'power cut');
    }
  }

  async #compareLeft(machine: SimMachine, world: World, end: End): Promise<void> {
    this.states += 1;
    const store = await machine.open({}, 'after');
    const { verdict = '', findings = [] } = store.recovery ?? {};
    const bad = findings.find(({ code, severity }) => code === 'SET_ASIDE' || severity === 'error');
    if (bad !== undefined || !/^(clean|healed)$/.test(verdict)) {
      throw new Error(`The store is ${verdict} after a ${end}: ${bad?.code} ${bad?.message}`);
    }
    for (const [id, lives] of world) {
      const session = await openIfThere(machine, store, id);
      const found = session === null ? null : await wordsOf(machine, session, 'all');
      const fault = faultOfId(lives, found, end);
      if (fault !== null) throw new Error(`Session ${id} after a ${end}: ${fault}`);
      if (session !== null) await machine.run(session.append({ role: 'user', content: 'on' }));
    }
  }

  /** Everybody ends as they should: then there is nothing to recover, and nothing is wrong. */
  async #compareClosed(): Promise<void> {
    const { user } = this.#started;
    for (const store of user.stores) await this.#machine.run(user.closeStore(store));
    const report = await this.#machine.recover({ mode: 'verify' });
    if (report.verdict !== 'clean' || report.findings.some(({ severity }) => severity !== 'info')) {
      const [finding] = report.findings;
      throw new Error(`Closed, and the store is ${report.verdict}: ${finding?.message}`);
    }
    await this.#compareLeft(this.#machine, copyOfWorld(user.world), 'kill');
  }
}

function verbOf(name: string): Verb {
  const verb = verbs[name];
  if (verb === undefined) throw new Error(`No verb ${name}`);
  return verb;
}
