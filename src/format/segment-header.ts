/**
 * The header of a journal segment: two equal blocks of 4 KiB, written and synced before the segment
 * gets its name, and never changed. A named segment with two bad blocks is therefore damage, and
 * one good block is enough.
 *
 *   0   8 B  "HOLDFAST"               40  f64  created, ms since 1970
 *   8   u16  major, u16 minor         48  16 B writer
 *   12  u32  block, 0 or 1            64  16 B store
 *   16  u64  salt                     80  u32  flags that a reader must know, zero
 *   24  u64  size of the file         4088 u64 xxh64 of all before, seed = block
 *   32  u64  number of the segment
 */
import { assert } from '../base/assert.ts';
import { fileHeaderBytes, headerBlockBytes } from '../base/quantities.ts';
import { getCount, setCount, viewOf } from './bytes.ts';
import { xxh64 } from './checksum.ts';

/** The format that this version writes. A newer major is refused, a newer minor is read. */
export const formatVersion = { major: 1, minor: 0 } as const;

const magic = new TextEncoder().encode('HOLDFAST');
const checksumAt = headerBlockBytes - 8;

/** What a segment says of itself before its first frame. */
export interface SegmentHeader {
  readonly salt: bigint;
  /** Size of the whole file in bytes. */
  readonly bytes: number;
  /** 1, 2, 3 … within one journal. */
  readonly number: number;
  readonly createdMs: number;
  readonly writer: Uint8Array;
  readonly store: Uint8Array;
}

/** Why a header cannot be used. */
export type HeaderFault =
  | { readonly kind: 'damaged' }
  | { readonly kind: 'newer'; readonly found: string };

/** Both blocks. */
export function encodeSegmentHeader(header: SegmentHeader): Uint8Array {
  assert(header.writer.length === 16, 'a writer id has 16 bytes');
  assert(header.store.length === 16, 'a store id has 16 bytes');
  const bytes = new Uint8Array(fileHeaderBytes);
  for (const block of [0, 1]) {
    const part = bytes.subarray(block * headerBlockBytes, (block + 1) * headerBlockBytes);
    const view = viewOf(part);
    part.set(magic, 0);
    view.setUint16(8, formatVersion.major, true);
    view.setUint16(10, formatVersion.minor, true);
    view.setUint32(12, block, true);
    view.setBigUint64(16, header.salt, true);
    setCount(view, 24, header.bytes);
    setCount(view, 32, header.number);
    view.setFloat64(40, header.createdMs, true);
    part.set(header.writer, 48);
    part.set(header.store, 64);
    view.setBigUint64(checksumAt, xxh64(part.subarray(0, checksumAt), BigInt(block)), true);
  }
  return bytes;
}

/** Reads the first good block of the first 8 KiB of a file. */
export function decodeSegmentHeader(bytes: Uint8Array): SegmentHeader | HeaderFault {
  let fault: HeaderFault = { kind: 'damaged' };
  for (const block of [0, 1]) {
    const part = bytes.subarray(block * headerBlockBytes, (block + 1) * headerBlockBytes);
    const result = decodeBlock(part, block);
    if (!('kind' in result)) return result;
    if (result.kind === 'newer') fault = result;
  }
  return fault;
}

/** How many of the two blocks are sound: 0, 1 or 2. */
export function soundHeaderBlocks(bytes: Uint8Array): number {
  return [0, 1].filter((block) => {
    const part = bytes.subarray(block * headerBlockBytes, (block + 1) * headerBlockBytes);
    return !('kind' in decodeBlock(part, block));
  }).length;
}

function decodeBlock(part: Uint8Array, block: number): SegmentHeader | HeaderFault {
  if (part.length < headerBlockBytes) return { kind: 'damaged' };
  const view = viewOf(part);
  if (view.getBigUint64(checksumAt, true) !== xxh64(part.subarray(0, checksumAt), BigInt(block))) {
    return { kind: 'damaged' };
  }
  if (magic.some((byte, at) => part[at] !== byte)) return { kind: 'damaged' };
  const major = view.getUint16(8, true);
  const flags = view.getUint32(80, true);
  if (major !== formatVersion.major || flags !== 0) {
    return { kind: 'newer', found: `${major}.${view.getUint16(10, true)}, flags ${flags}` };
  }
  const size = getCount(view, 24);
  const number = getCount(view, 32);
  if (size === null || number === null) return { kind: 'damaged' };
  return {
    salt: view.getBigUint64(16, true),
    bytes: size,
    number,
    createdMs: view.getFloat64(40, true),
    writer: part.slice(48, 64),
    store: part.slice(64, 80),
  };
}
