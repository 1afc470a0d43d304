/**
 * Disks that a crash may leave, drawn in the middle of anything, and their judgement: the store opens,
 * also when recovery is cut off again and again or meets errors of the machine, every session holds
 * what was promised, and it goes on from there.
 */
import { HoldfastError } from '../../src/base/errors.ts';
import { sha256Hex } from '../../src/format/checksum.ts';
import { Prng } from '../../src/platform/sim/prng.ts';
import type { Session } from '../../src/store/api.ts';
import type { Store } from '../../src/store/store.ts';
import { simRoot } from '../helpers/sim-store.ts';
import type { SimMachine } from '../helpers/sim-store.ts';
import { wordsOf } from './content.ts';
import type { Depth } from './content.ts';
import { faultOf } from './model.ts';
import type { End, Models } from './model.ts';
import { Trouble } from './trouble.ts';

/** Counts of a run, for people. */
export interface Tally {
  /** Disks that were recovered and compared. */
  states: number;
  /** Of these, those that a crash inside recovery left. */
  recoveriesCut: number;
  /** Recoveries that met an error of the machine. */
  recoveriesFailed: number;
  /** Disks with a bit that changed by itself. */
  rotten: number;
  kills: number;
  appends: number;
  /** Times in which operations of the running store failed. */
  troubles: number;
}

/** All counts at 0. */
export function newTally(): Tally {
  return {
    states: 0,
    recoveriesCut: 0,
    recoveriesFailed: 0,
    rotten: 0,
    kills: 0,
    appends: 0,
    troubles: 0,
  };
}

/** A disk as a crash left it, and what the users knew at that moment. */
export interface CrashState {
  readonly machine: SimMachine;
  readonly models: Models;
  readonly end: End;
  /** For all that is drawn while it is judged. */
  readonly seed: number;
}

/** How deep recovery is cut off before it is let through. */
const cutsMax = 4;
/** Changes of the disk after which it is cut off. */
const changesMax = 70;

/** Recovers the disk and compares. Throws at a violation. */
export async function judge(state: CrashState, tally: Tally): Promise<void> {
  const dice = Prng.fromSeed(state.seed);
  tally.states += 1;
  const machine = await recoverAgainAndAgain(state, dice, tally);
  if (dice.below(8) === 0) await recoverInTrouble(machine, dice, tally);
  const store = await machine.open({}, 'after');
  const torn = tornTailsOf(machine);
  const depth: Depth = dice.below(6) === 0 ? 'all' : 'entries';
  const known = await compareAll(machine, store, { ...state, depth });
  const goingOn = dice.below(4);
  if (goingOn === 0) {
    await machine.run(store.close());
  } else if (goingOn === 1) {
    const crashed = machine.crash(dice.uint32());
    requireStill(torn, crashed);
    await judgeAgain(crashed, known, tally);
  }
}

/** The power fails in the middle of recovery, perhaps several times. */
async function recoverAgainAndAgain(
  state: CrashState,
  dice: Prng,
  tally: Tally,
): Promise<SimMachine> {
  let { machine } = state;
  for (let cuts = 0; cuts < cutsMax && dice.below(3) === 0; cuts += 1) {
    const process = `cut ${cuts}`;
    machine.disk.crashAfter(1 + dice.below(changesMax));
    await machine.open({}, process).catch(requireTold);
    if (dice.below(3) === 0) {
      // A kill, and not the power: what it wrote stays in the cache.
      machine.disk.crashAfter(Number.POSITIVE_INFINITY);
      machine.kill(process);
    } else {
      machine = machine.crash(dice.uint32());
    }
    tally.recoveriesCut += 1;
    tally.states += 1;
  }
  return machine;
}

/** Recovery meets errors: it fails with one that can be told, and nothing is lost by it. */
async function recoverInTrouble(machine: SimMachine, dice: Prng, tally: Tally): Promise<void> {
  const trouble = new Trouble('recovering', dice);
  machine.disk.beforeOperation = (operation) => trouble.faultOf(operation);
  const store = await machine.open({}, 'troubled').catch(requireTold);
  machine.disk.beforeOperation = null;
  if (store === null) tally.recoveriesFailed += 1;
  machine.kill('troubled');
}

/** An error that a caller can meet, or the end of the simulated machine. */
export function requireTold(error: unknown): null {
  if (HoldfastError.is(error) || isCrash(error)) return null;
  throw error;
}

function isCrash(error: unknown): boolean {
  return error instanceof Error && error.name === 'SimCrash';
}

/** Null when there is no such session. */
export async function openIfThere(
  machine: SimMachine,
  store: Store,
  id: string,
): Promise<Session | null> {
  const opening = store.openSession(id).catch((error: unknown) => {
    if (HoldfastError.is(error, 'NOT_FOUND')) return null;
    throw error;
  });
  return machine.run(opening);
}

/** What each session held, and was told to hold since. */
export type Known = ReadonlyMap<string, readonly string[] | null>;

/** Opens every session and compares it; each is appended to. The result is what each holds then. */
export async function compareAll(
  machine: SimMachine,
  store: Store,
  state: Pick<CrashState, 'models' | 'end'> & { readonly depth: Depth },
): Promise<Known> {
  const known = new Map<string, readonly string[] | null>();
  const lacks = store.recovery?.findings.find(({ message }) => /not in its history/.test(message));
  if (lacks !== undefined) throw new Error(`No crash leaves that: ${lacks.message}`);
  for (const [id, model] of state.models) {
    const session = await openIfThere(machine, store, id);
    const found = session === null ? null : await wordsOf(machine, session, state.depth);
    const report = store.recovery?.sessions.find((one) => one.id === id);
    if (report?.verdict === 'deleted' && found !== null) {
      throw new Error(`Session ${id} was reported as deleted and is there`);
    }
    const fault = faultOf(model, found, state.end);
    if (fault !== null) throw new Error(`Session ${id} after a ${state.end}: ${fault}`);
    known.set(id, found);
    if (session === null || found === null) continue;
    await machine.run(session.append({ role: 'user', content: 'goes on' }));
    known.set(id, [...found, 'goes on']);
  }
  return known;
}

/** What was recovered and appended since survives the next power cut. */
export async function judgeAgain(machine: SimMachine, known: Known, tally: Tally): Promise<void> {
  tally.states += 1;
  const store = await machine.open({}, 'again');
  for (const [id, words] of known) {
    const session = await openIfThere(machine, store, id);
    const found = session === null ? null : await wordsOf(machine, session, 'entries');
    if (JSON.stringify(found) === JSON.stringify(words)) continue;
    throw new Error(
      `Session ${id} is not what was recovered: ${found?.length ?? 'no'} entries instead of ` +
        `${words?.length ?? 'none'}`,
    );
  }
}

/**
 * Torn tails in quarantine. Each is named by its content, and whole once recovery is over. Nothing else
 * is there as long as nothing rots: no frames of a session that is gone, no damaged journal.
 */
export function tornTailsOf(machine: SimMachine): readonly string[] {
  const quarantine = `${simRoot}/quarantine/`;
  const paths = machine.disk.paths().filter((path) => path.startsWith(quarantine));
  for (const path of paths) {
    const name = /\/torn-([0-9a-f]{32})\.bin$/.exec(path)?.[1];
    if (name === undefined) throw new Error(`Without any rot, in quarantine is ${path}`);
    if (sha256Hex(machine.disk.readFile(path)).slice(0, 32) === name) continue;
    throw new Error(`What is in quarantine is not what was set aside: ${path}`);
  }
  return paths;
}

/** What recovery set aside is there also behind the next power cut. */
export function requireStill(torn: readonly string[], machine: SimMachine): void {
  const there = new Set(tornTailsOf(machine));
  const gone = torn.find((path) => !there.has(path));
  if (gone !== undefined) throw new Error(`A torn tail is in quarantine no more: ${gone}`);
}
