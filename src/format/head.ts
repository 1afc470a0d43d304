/**
 * The head of a history: the same 4 KiB block twice at its start. The second is written only once
 * the first is synced, so a torn write always leaves a sound block; and a journal segment retires
 * only once both are synced, so a block that rots later leaves one that is just as new. (Two blocks
 * written in turn would not do: when the newer one rots, the older one vouches for less than was
 * acknowledged.) The sound block with the higher number counts.
 *
 *   0   8 B  "HOLDHEAD"               88  u64  vouched: chain of the stream
 *   8   u16  major, u16 minor         96  u64  vouched: batch checksum
 *   12  u32  block, 0 or 1            104 u64  messages
 *   16  u64  number of this head      112 f64  created, ms since 1970
 *   24  u64  salt of the file         120 f64  updated
 *   32  u64  generation of the file   128 u64  newest base offset, 0 for none
 *   40  16 B incarnation              136 u32  damage: 0 none, 1 lost, 2 end unknown
 *   56  16 B attached writer or zero  140 u32  1: the name may not be durable
 *   72  u64  vouched: seq             144 u64  damage: first lost seq
 *   80  u64  vouched: end offset      152 u64  damage: last lost seq
 *                                     160 16 B damage: writer whose journal held it
 *   176 u8 length + 128 B session id  308 u16 length + 200 B title  4088 u64 checksum, seed = block
 *
 * Vouched: everything in the file up to the end offset is synced and must be valid for ever; what
 * lies behind it is scratch. Attached: entries after the vouched seq may be in that writer's
 * journal.
 */
import { assert, present } from '../base/assert.ts';
import { fileHeaderBytes, headerBlockBytes, titleBytesMax } from '../base/quantities.ts';
import { getCount, isZero, setCount, viewOf } from './bytes.ts';
import { xxh64 } from './checksum.ts';
import { formatVersion } from './segment-header.ts';
import type { HeaderFault } from './segment-header.ts';

const magic = new TextEncoder().encode('HOLDHEAD');
const utf8 = new TextDecoder();
const checksumAt = headerBlockBytes - 8;

/** The proven end of a history. */
export interface Vouched {
  readonly seq: number;
  readonly endOffset: number;
  readonly chain: bigint;
  readonly batchChecksum: bigint;
}

/** Acknowledged entries that a journal lost, told by the head until somebody accepts it. */
export interface HeadDamage {
  readonly from: number;
  /** Null when nobody knows how far it went. */
  readonly to: number | null;
  readonly writer: Uint8Array;
}

/** Everything that a head says; see the layout above. */
export interface Head {
  readonly number: number;
  readonly salt: bigint;
  readonly generation: number;
  readonly incarnation: Uint8Array;
  /** The writer whose journal may hold newer entries. */
  readonly attached: Uint8Array | null;
  readonly vouched: Vouched;
  readonly baseOffset: number;
  readonly damage: HeadDamage | null;
  /**
   * The file was built anew in the place of another, and nobody knows that its name is durable:
   * after power loss the other one may be back. The first head written behind that says no more.
   */
  readonly isNameUnproven: boolean;
  readonly sessionId: string;
  /** At most 200 bytes of UTF-8, for listings only. */
  readonly title: string;
  readonly messages: number;
  readonly createdMs: number;
  readonly updatedMs: number;
}

/** The vouched position of a history without entries. */
export const emptyVouched: Vouched = {
  seq: 0,
  endOffset: fileHeaderBytes,
  chain: 0n,
  batchChecksum: 0n,
};

/** The head of a history that is about to be made: nothing is in it yet. */
export function newHead(
  of: Pick<Head, 'salt' | 'incarnation' | 'attached' | 'sessionId' | 'createdMs'>,
): Head {
  const empty = { vouched: emptyVouched, baseOffset: 0, damage: null, title: '', messages: 0 };
  const first = { number: 1, generation: 1, isNameUnproven: false };
  return { ...first, ...of, ...empty, updatedMs: of.createdMs };
}

/** The bytes of one block; block 1 stands `headerBlockBytes` behind block 0. */
export function encodeHead(head: Head, block: 0 | 1): Uint8Array {
  const bytes = new Uint8Array(headerBlockBytes);
  const view = viewOf(bytes);
  const id = new TextEncoder().encode(head.sessionId);
  const title = new TextEncoder().encode(head.title);
  assert(id.length > 0 && id.length <= 128, 'a session id has 1 to 128 bytes');
  assert(title.length <= titleBytesMax, 'a title has at most titleBytesMax bytes');
  bytes.set(magic, 0);
  view.setUint16(8, formatVersion.major, true);
  view.setUint16(10, formatVersion.minor, true);
  view.setUint32(12, block, true);
  setCount(view, 16, head.number);
  view.setBigUint64(24, head.salt, true);
  setCount(view, 32, head.generation);
  bytes.set(head.incarnation, 40);
  if (head.attached !== null) bytes.set(head.attached, 56);
  setCount(view, 72, head.vouched.seq);
  setCount(view, 80, head.vouched.endOffset);
  view.setBigUint64(88, head.vouched.chain, true);
  view.setBigUint64(96, head.vouched.batchChecksum, true);
  setCount(view, 104, head.messages);
  view.setFloat64(112, head.createdMs, true);
  view.setFloat64(120, head.updatedMs, true);
  setCount(view, 128, head.baseOffset);
  if (head.damage !== null) {
    view.setUint32(136, head.damage.to === null ? 2 : 1, true);
    setCount(view, 144, head.damage.from);
    setCount(view, 152, head.damage.to ?? 0);
    bytes.set(head.damage.writer, 160);
  }
  view.setUint32(140, head.isNameUnproven ? 1 : 0, true);
  view.setUint8(176, id.length);
  bytes.set(id, 177);
  view.setUint16(308, title.length, true);
  bytes.set(title, 310);
  view.setBigUint64(checksumAt, xxh64(bytes.subarray(0, checksumAt), BigInt(block)), true);
  return bytes;
}

/** How many of the two blocks are sound: one bad block is worth a warning, the other one serves. */
export function soundHeadBlocks(bytes: Uint8Array): number {
  return headNumbers(bytes).filter((number) => number !== null).length;
}

/** The number of the head in each of the two blocks, or null for a block that is not sound. */
export function headNumbers(bytes: Uint8Array): readonly (number | null)[] {
  return ([0, 1] as const).map((block) => {
    const number = numberOf(blockOf(bytes, block), block);
    return typeof number === 'number' ? number : null;
  });
}

/** Reads the newest sound block of the first 8 KiB of a history. */
export function decodeHead(bytes: Uint8Array): Head | HeaderFault {
  return decodeHeadBlocks(bytes).head;
}

/**
 * The same, and how many of the two blocks are sound. Only the one that counts is read: a listing
 * does this for thousands.
 */
export function decodeHeadBlocks(bytes: Uint8Array): {
  readonly head: Head | HeaderFault;
  readonly soundBlocks: number;
} {
  let newest: { readonly part: Uint8Array; readonly number: number } | null = null;
  let newer: HeaderFault | null = null;
  let soundBlocks = 0;
  for (const block of [0, 1] as const) {
    const part = blockOf(bytes, block);
    const number = numberOf(part, block);
    if (typeof number === 'number') {
      soundBlocks += 1;
      if (newest === null || number > newest.number) newest = { part, number };
    } else if (number.kind === 'newer') {
      // A newer version may have written one block only: nothing of the file is ours to judge then.
      newer ??= number;
    }
  }
  if (newer !== null) return { head: newer, soundBlocks };
  const head =
    newest === null ? ({ kind: 'damaged' } as const) : headOf(newest.part, newest.number);
  return { head, soundBlocks };
}

function blockOf(bytes: Uint8Array, block: 0 | 1): Uint8Array {
  return bytes.subarray(block * headerBlockBytes, (block + 1) * headerBlockBytes);
}

/** The number of the head in a block, once all of the block is known to be sound. */
function numberOf(part: Uint8Array, block: 0 | 1): number | HeaderFault {
  const damaged: HeaderFault = { kind: 'damaged' };
  if (part.length < headerBlockBytes) return damaged;
  const view = viewOf(part);
  if (view.getBigUint64(checksumAt, true) !== xxh64(part.subarray(0, checksumAt), BigInt(block))) {
    return damaged;
  }
  for (let at = 0; at < magic.length; at += 1) if (part[at] !== magic[at]) return damaged;
  const major = view.getUint16(8, true);
  if (major !== formatVersion.major) {
    return { kind: 'newer', found: `${major}.${view.getUint16(10, true)}` };
  }
  for (const at of countsAt) if (getCount(view, at) === null) return damaged;
  return getCount(view, 16) ?? damaged;
}

/** Where the counts of a head stand, without which it is none; see the layout above. */
const countsAt: readonly number[] = [16, 32, 72, 80, 104, 128];

/** The head in a sound block. */
function headOf(part: Uint8Array, number: number): Head {
  const view = viewOf(part);
  const attached = part.slice(56, 72);
  const count = (at: number): number => present(getCount(view, at), 'the block is sound');
  return {
    number,
    salt: view.getBigUint64(24, true),
    generation: count(32),
    incarnation: part.slice(40, 56),
    attached: isZero(attached) ? null : attached,
    vouched: {
      seq: count(72),
      endOffset: count(80),
      chain: view.getBigUint64(88, true),
      batchChecksum: view.getBigUint64(96, true),
    },
    baseOffset: count(128),
    damage: decodeDamage(part, view),
    isNameUnproven: view.getUint32(140, true) === 1,
    sessionId: text(part, 177, Math.min(view.getUint8(176), 128)),
    title: text(part, 310, Math.min(view.getUint16(308, true), titleBytesMax)),
    messages: count(104),
    createdMs: view.getFloat64(112, true),
    updatedMs: view.getFloat64(120, true),
  };
}

function decodeDamage(part: Uint8Array, view: DataView): HeadDamage | null {
  const kind = view.getUint32(136, true);
  if (kind === 0) return null;
  const to = kind === 1 ? getCount(view, 152) : null;
  return { from: getCount(view, 144) ?? 0, to, writer: part.slice(160, 176) };
}

function text(part: Uint8Array, at: number, length: number): string {
  return utf8.decode(part.subarray(at, at + length));
}
