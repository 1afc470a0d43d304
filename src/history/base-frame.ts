/**
 * Bases (type 150): places from which a session can be opened without reading what came before. One
 * stands in a batch of its own, behind the entries that it sums up; its frame has their last seq.
 * Everything in it can be made again from them: a base may be lost, and a bad one is passed over.
 *
 * The payload is one map:
 *
 *     version        1                        fold      bytes, see `session/fold-value`
 *     number         1, 2, 3 … of its kind    notes     [[time, bytes of a recovered frame]]
 *     seq            last seq in front        earlier   [[number, seq, offset]] of earlier bases
 *     chain          of the stream, in hex    seqs      first seq of each block since the base
 *     batchChecksum  of the batch in front            before, ascending
 *                                             offsets   where these blocks begin
 *
 * A *block* begins at an entry and ends where the next one does. `earlier` is a ladder: the newest
 * earlier base whose number is a multiple of 1, 2, 4, 8 …, newest first, so that the part of the
 * index that knows a seq is found by reading few bases, and not all of them.
 */
import { HoldfastError } from '../base/errors.ts';
import { frameHeaderBytes } from '../base/quantities.ts';
import { decodeFrame, decodeHeader, frameBytes, isFault } from '../format/frame.ts';
import type { Frame } from '../format/frame.ts';
import type { Head } from '../format/head.ts';
import { decodePayload, encodePayload } from '../format/payload.ts';
import { readUpTo } from '../platform/file-system.ts';
import type { File } from '../platform/file-system.ts';
import { streamFrameType } from '../session/frame-types.ts';
import { decodeRecovered, encodeRecovered } from './history-frames.ts';
import type { RecoveredNote } from './history-frames.ts';
import type { WalkStart } from './history-walk.ts';

/** Notices of recovery that a base carries, and that an opened session shows: the newest ones. */
export const recoveryNotesMax = 16;

const version = 1;
/** The first read of a base; nearly all are smaller. */
const firstReadBytes = 32 * 1024;

/** Where a base stands and how far it reaches. */
export interface BasePlace {
  readonly number: number;
  readonly seq: number;
  readonly offset: number;
}

/** Where blocks of a history begin: seq of their first entry, and offset. Both ascending. */
export interface Blocks {
  readonly seqs: readonly number[];
  readonly offsets: readonly number[];
}

/** What recovery noted, and when. */
export interface TimedNote {
  readonly note: RecoveredNote;
  readonly timeMs: number;
}

/** What a base says. */
export interface Base {
  readonly place: BasePlace;
  /** Chain of the stream behind `place.seq`. */
  readonly chain: bigint;
  /** Batch checksum in front of the base's own batch. */
  readonly batchChecksum: bigint;
  /** The fold behind `place.seq`, encoded. */
  readonly fold: Uint8Array;
  readonly notes: readonly TimedNote[];
  readonly earlier: readonly BasePlace[];
  readonly blocks: Blocks;
  /** Bytes of its payload. */
  readonly bytes: number;
}

/** Where a walk from the base begins: at its own batch, which is proven with the rest. */
export function startOf({ place, chain, batchChecksum }: Base): WalkStart {
  return { offset: place.offset, seq: place.seq, chain, batchChecksum };
}

/** The payload of a base frame. TOO_LARGE. */
export function encodeBase(base: Omit<Base, 'bytes'>): Uint8Array {
  const { place, chain, batchChecksum, fold, notes, earlier, blocks } = base;
  const value = {
    version,
    number: place.number,
    seq: place.seq,
    chain: hexOf(chain),
    batchChecksum: hexOf(batchChecksum),
    fold,
    notes: notes.map(({ note, timeMs }) => [timeMs, encodeRecovered(note)]),
    earlier: earlier.map(({ number, seq, offset }) => [number, seq, offset]),
    seqs: blocks.seqs,
    offsets: blocks.offsets,
  };
  return encodePayload(value, '');
}

/** Null when the frame is no base, or one that does not hold together, or of a newer kind. */
export function decodeBase(frame: Frame): Base | null {
  if (frame.type !== streamFrameType.base) return null;
  let decoded: unknown;
  try {
    decoded = decodePayload(frame.payload);
  } catch (error) {
    if (!HoldfastError.is(error, 'UNDECODABLE')) throw error;
    return null;
  }
  if (typeof decoded !== 'object' || decoded === null) return null;
  const value = decoded as Readonly<Record<string, unknown>>;
  const { number, seq, fold } = value;
  if (value['version'] !== version || !isCount(number) || number < 1) return null;
  if (!isCount(seq)) return null;
  if (seq !== frame.streamSeq || !(fold instanceof Uint8Array)) return null;
  const place = { number, seq, offset: frame.offset };
  const [chain, batchChecksum] = [hashFrom(value['chain']), hashFrom(value['batchChecksum'])];
  const notes = notesFrom(value['notes']);
  const earlier = earlierFrom(value['earlier'], place);
  const blocks = blocksFrom(value, place);
  if (chain === null || batchChecksum === null || notes === null) return null;
  if (earlier === null || blocks === null) return null;
  const bytes = frame.payload.length;
  return { place, chain, batchChecksum, fold, notes, earlier, blocks, bytes };
}

/** The ladder of a base that comes behind the newest one, which is given with its own. */
export function ladderBehind(newest: Pick<Base, 'place' | 'earlier'> | null): readonly BasePlace[] {
  if (newest === null) return [];
  // The newest multiple of 2, 4, 8 … is the base itself as long as its number is one.
  let step = 2;
  while (newest.place.number % step === 0) step *= 2;
  // Each place of a ladder is a multiple of a higher power than the one in front of it.
  return [newest.place, ...newest.earlier.filter(({ number }) => number % step === 0)];
}

/** The base at this offset of a history; null for whatever else is there. Fails as reads do. */
export async function readBase(file: File, head: Head, offset: number): Promise<Base | null> {
  const { endOffset } = head.vouched;
  if (offset % 8 !== 0 || offset + frameHeaderBytes > endOffset) return null;
  let bytes = await readUpTo(file, offset, Math.min(firstReadBytes, endOffset - offset));
  const header = decodeHeader(bytes, 0, { salt: head.salt, offset });
  if (header === null || header.type !== streamFrameType.base) return null;
  if (header.key.some((byte, at) => byte !== head.incarnation[at])) return null;
  const wanted = frameBytes(header.payloadBytes);
  if (wanted > endOffset - offset) return null;
  if (wanted > bytes.length) {
    const whole = new Uint8Array(wanted);
    whole.set(bytes);
    const rest = await readUpTo(file, offset + bytes.length, wanted - bytes.length);
    whole.set(rest, bytes.length);
    bytes = whole;
  }
  const frame = decodeFrame(bytes, 0, { salt: head.salt, base: offset });
  return isFault(frame) ? null : decodeBase(frame);
}

function hexOf(hash: bigint): string {
  return hash.toString(16).padStart(16, '0');
}

function hashFrom(value: unknown): bigint | null {
  return typeof value === 'string' && /^[0-9a-f]{16}$/.test(value) ? BigInt(`0x${value}`) : null;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function notesFrom(value: unknown): readonly TimedNote[] | null {
  if (!Array.isArray(value)) return null;
  const notes: TimedNote[] = [];
  for (const row of value as readonly unknown[]) {
    const [timeMs, bytes] = Array.isArray(row) ? (row as readonly unknown[]) : [];
    const note = bytes instanceof Uint8Array ? decodeRecovered(bytes) : null;
    if (typeof timeMs !== 'number' || note === null) return null;
    notes.push({ note, timeMs });
  }
  return notes;
}

/** Strictly falling, and below the base itself, so that whoever climbs down comes to an end. */
function earlierFrom(value: unknown, own: BasePlace): readonly BasePlace[] | null {
  if (!Array.isArray(value)) return null;
  const places: BasePlace[] = [];
  let above = own;
  for (const row of value as readonly unknown[]) {
    const [number, seq, offset] = Array.isArray(row) ? (row as readonly unknown[]) : [];
    if (!isCount(number) || number < 1 || !isCount(seq) || !isCount(offset)) return null;
    if (number >= above.number || seq > above.seq || offset >= above.offset) return null;
    above = { number, seq, offset };
    places.push(above);
  }
  return places;
}

function blocksFrom(value: Readonly<Record<string, unknown>>, own: BasePlace): Blocks | null {
  const { seqs, offsets } = value;
  if (!Array.isArray(seqs) || !Array.isArray(offsets) || seqs.length !== offsets.length)
    return null;
  const rises = isRising(seqs, own.seq + 1) && isRising(offsets, own.offset);
  return rises ? { seqs: seqs as number[], offsets: offsets as number[] } : null;
}

function isRising(values: readonly unknown[], below: number): boolean {
  let last = -1;
  for (const value of values) {
    if (!isCount(value) || value <= last || value >= below) return false;
    last = value;
  }
  return true;
}
