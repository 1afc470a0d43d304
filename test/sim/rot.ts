/**
 * A bit that changes by itself on a disk. Nothing may be altered in silence: a session opens with
 * exactly what was appended, or it is refused as damaged. Less than was acknowledged is possible in one
 * case, which is told: rot in a last batch that no mark covers looks like a torn tail, and is reported
 * as in doubt. A header or head that stands there twice must not be missed at all.
 */
import { HoldfastError } from '../../src/base/errors.ts';
import { fileHeaderBytes } from '../../src/base/quantities.ts';
import { endOfContent } from '../../src/format/bytes.ts';
import { soundHeadBlocks } from '../../src/format/head.ts';
import { soundHeaderBlocks } from '../../src/format/segment-header.ts';
import { Prng } from '../../src/platform/sim/prng.ts';
import type { Store } from '../../src/store/store.ts';
import type { SimMachine } from '../helpers/sim-store.ts';
import { wordsOf } from './content.ts';
import { openIfThere } from './looks.ts';
import type { CrashState, Tally } from './looks.ts';
import { faultOf } from './model.ts';
import type { SessionModel } from './model.ts';

/** Bytes of a head that say something. */
const headBytes = 512;
const blockBytes = fileHeaderBytes / 2;

interface Rotten {
  readonly path: string;
  /** Everything that the harmed bytes say stands somewhere else as well. */
  readonly isSpare: boolean;
}

/** Flips a bit of the disk, opens the store and compares. Throws at a violation. */
export async function judgeRot(state: CrashState, tally: Tally): Promise<void> {
  const { machine } = state;
  const dice = Prng.fromSeed(state.seed);
  const rotten = rot(machine, dice);
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
function rot(machine: SimMachine, dice: Prng): Rotten | null {
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
  bytes[at] = (bytes[at] ?? 0) ^ (1 << dice.below(8));
  disk.writeFile(path, bytes);
  return { path, isSpare };
}

function placeIn(path: string, bytes: Uint8Array, dice: Prng): number | null {
  if (bytes.length === 0) return null;
  if (/\/(store\.json|writers)$/.test(path)) return dice.below(bytes.length);
  const content = endOfContent(bytes, fileHeaderBytes) - fileHeaderBytes;
  const isHeader = dice.below(3) === 0 || content === 0;
  const at = isHeader
    ? dice.below(2) * blockBytes + dice.below(headBytes)
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
  } catch (error) {
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
