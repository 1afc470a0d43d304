/**
 * A bit that changes by itself on a disk. Nothing may be altered in silence: a session opens with
 * exactly what was appended, or it is refused as damaged. Less than was acknowledged is possible in one
 * case, which is told: rot in a last batch that no mark covers looks like a torn tail, and is reported
 * as in doubt. A header or head that stands there twice must not be missed at all.
 */
import { HoldfastError } from '../../src/base/errors.ts';
import { fileHeaderBytes } from '../../src/base/quantities.ts';
import { endOfContent } from '../../src/format/bytes.ts';
import { decodeHead, soundHeadBlocks } from '../../src/format/head.ts';
import { soundHeaderBlocks } from '../../src/format/segment-header.ts';
import type { Entry } from '../../src/session/event.ts';
import { Prng } from '../../src/platform/sim/prng.ts';
import type { Session } from '../../src/store/api.ts';
import type { Store } from '../../src/store/store.ts';
import { collect, SimMachine } from '../helpers/sim-store.ts';
import { tokenOf, wordsOf } from './content.ts';
import { openIfThere } from './looks.ts';
import type { CrashState, Tally } from './looks.ts';
import { provenSeqs } from './proof.ts';
import { faultOf } from './model.ts';
import type { SessionModel } from './model.ts';

/** Bytes of a head that say something. */
const headBytes = 512;
const blockBytes = fileHeaderBytes / 2;

interface Rotten {
  readonly path: string;
  /** Everything that the harmed bytes say stands somewhere else as well. */
  readonly isSpare: boolean;
  /**
   * The entries of each session on the disk as it was, as text by their words: what is shown has to be
   * the same, times and all.
   */
  readonly entries: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** The folded state of each session then, as text. */
  readonly states: ReadonlyMap<string, string>;
  /** Sequences of each session up to which what was not harmed proves entries to have been durable. */
  readonly proven: ReadonlyMap<string, number>;
}

/** Flips a bit of the disk, opens the store and compares. Throws at a violation. */
export async function judgeRot(state: CrashState, tally: Tally): Promise<void> {
  const { machine } = state;
  const dice = Prng.fromSeed(state.seed);
  const before = await sessionsBefore(machine, state);
  const rotten = rot(machine, dice, before);
  if (rotten === null) return;
  tally.rotten += 1;
  tally.states += 1;
  let store: Store;
  try {
    store = await machine.open({}, 'after');
  } catch (error) {
    const mayRefuse = /\/(store\.json|writers)$/.test(rotten.path);
    if (mayRefuse && HoldfastError.is(error, 'DAMAGED')) return;
    throw new Error(`The store does not open with ${rotten.path} harmed`, { cause: error });
  }
  for (const model of state.models.values()) await compare(machine, store, model, rotten);
}

/** Harms one bit of a file that matters; null when there is none. */
function rot(machine: SimMachine, dice: Prng, before: Before): Rotten | null {
  const { disk } = machine;
  const paths = disk.paths().filter((path) => {
    return /\/(store\.json|writers|history|\d+\.segment)$/.test(path) && !path.includes('/trash/');
  });
  const path = paths[dice.below(Math.max(1, paths.length))];
  if (path === undefined) return null;
  const bytes = disk.readFile(path);
  const at = placeIn(path, bytes, dice);
  if (at === null) return null;
  const header = bytes.subarray(0, fileHeaderBytes);
  const blocks = path.endsWith('.segment') ? soundHeaderBlocks(header) : soundHeadBlocks(header);
  const isSpare = /\.segment$|\/history$/.test(path) && at < fileHeaderBytes && blocks === 2;
  const proven = provenSeqs(disk, { path, at });
  bytes[at] = (bytes[at] ?? 0) ^ (1 << dice.below(8));
  disk.writeFile(path, bytes);
  return { path, isSpare, ...before, proven };
}

type Before = Pick<Rotten, 'entries' | 'states'>;

/** What each session shows without any rot, entry by entry, all of it: times as well. */
async function sessionsBefore(machine: SimMachine, { models }: CrashState): Promise<Before> {
  const whole = new SimMachine(machine.disk.clone(), Prng.fromSeed(1));
  const store = await whole.open({}, 'before');
  const entries = new Map<string, ReadonlyMap<string, string>>();
  const states = new Map<string, string>();
  for (const id of models.keys()) {
    const session = await openIfThere(whole, store, id);
    if (session === null) continue;
    const shown = await whole.run(collect(session.entries()));
    entries.set(id, byWord(shown));
    states.set(id, JSON.stringify(session.state));
  }
  return { entries, states };
}

function placeIn(path: string, bytes: Uint8Array, dice: Prng): number | null {
  if (bytes.length === 0) return null;
  if (/\/(store\.json|writers)$/.test(path)) return dice.below(bytes.length);
  const content = endOfContent(bytes, fileHeaderBytes) - fileHeaderBytes;
  const head = path.endsWith('/history') ? decodeHead(bytes) : null;
  if (head !== null && !('kind' in head) && head.baseOffset > 0 && dice.below(4) === 0) {
    return head.baseOffset + dice.below(head.vouched.endOffset - head.baseOffset);
  }
  const isHeader = dice.below(3) === 0 || content === 0;
  const at = isHeader
    ? dice.below(2) * blockBytes + dice.below(dice.pick([headBytes, headBytes / 4]))
    : fileHeaderBytes + dice.below(content);
  return at < bytes.length ? at : null;
}

async function compare(
  machine: SimMachine,
  store: Store,
  model: SessionModel,
  rotten: Rotten,
): Promise<void> {
  const { id } = model;
  const where = `Session ${id} with a bit of ${rotten.path} flipped`;
  let words: readonly string[] | null;
  let isTold = store.recovery?.sessions.some((one) => one.id === id && one.inDoubt !== null);
  try {
    const session = await openIfThere(machine, store, id);
    isTold = isTold === true || session?.recoveries.some(({ inDoubt }) => inDoubt !== null);
    words = session === null ? null : await wordsOf(machine, session, 'harmed');
    if (session !== null) await requireUnaltered(machine, session, rotten);
  } catch (error) {
    if (error instanceof Altered) throw error;
    const isRefused = HoldfastError.is(error, 'DAMAGED') && !rotten.isSpare;
    if (isRefused && mayHarm(rotten.path, id)) return;
    throw new Error(`${where}: it does not open`, { cause: error });
  }
  const known = rotten.isSpare ? model : withoutMissingPoints(model, words);
  const fault = faultOf(known, words, 'power cut');
  if (fault === null) return;
  const isPrefix = faultOf(unsure(known), words, 'power cut') === null;
  if (isPrefix && isTold === true && rotten.path.endsWith('.segment') && !rotten.isSpare) return;
  throw new Error(`${where}: ${fault}`);
}

/** Entries as text, by a word that no other entry of the session has; the rest by seq and kind. */
function byWord(entries: readonly Entry[]): ReadonlyMap<string, string> {
  return new Map(
    entries.map((entry) => {
      const word = entry.event.kind === 'message' ? tokenOf(entry) : null;
      return [word ?? `${entry.seq} ${entry.event.kind}`, JSON.stringify(entry)];
    }),
  );
}

class Altered extends Error {}

/** Every entry that is shown is one that was there, and none is missing that evidence proves. */
async function requireUnaltered(
  machine: SimMachine,
  session: Session,
  { path, entries, states, proven }: Rotten,
): Promise<void> {
  const { id } = session;
  const shown = await machine.run(collect(session.entries()));
  const before = entries.get(id) ?? new Map<string, string>();
  // What was not there before may be an append that failed and was disowned by what is harmed now; its
  // words are compared with those that were sent.
  const isOther = ([word, text]: [string, string]): boolean => (before.get(word) ?? text) !== text;
  const other = [...byWord(shown)].find(isOther);
  const where = `Session ${id} with a bit of ${path} flipped`;
  if (other !== undefined) throw new Altered(`${where}: another one is ${other[1].slice(0, 60)}`);
  // With all entries there, the state that they fold to is the same. A session that was not there before
  // had a tombstone that is harmed now; what may come of that, the caller judges.
  const state = states.get(id);
  const isWhole = [...before.values()].join() === [...byWord(shown).values()].join();
  if (state !== undefined && isWhole && JSON.stringify(session.state) !== state) {
    throw new Altered(`${where}: its state is another one`);
  }
  const due = proven.get(id) ?? 0;
  if (session.state.lastSeq >= due) return;
  throw new Altered(`${where}: ${due} entries are proven, ${session.state.lastSeq} are there`);
}

function mayHarm(path: string, id: string): boolean {
  return path.endsWith('.segment') || path.endsWith(`/sessions/${id}/history`);
}

/** A damaged restore point costs nothing but itself, and is not shown. */
function withoutMissingPoints(model: SessionModel, words: readonly string[] | null): SessionModel {
  const isThere = ([first = '']: readonly string[]): boolean =>
    !first.startsWith('snapshot ') || words?.includes(first) === true;
  return { ...model, groups: model.groups.filter(({ texts }) => isThere(texts)) };
}

/** The same session, if nobody had been told anything. */
function unsure(model: SessionModel): SessionModel {
  const groups = model.groups.map((group) => ({
    ...group,
    certainty: group.certainty === 'failed' ? group.certainty : ('sent' as const),
  }));
  return { ...model, groups };
}
