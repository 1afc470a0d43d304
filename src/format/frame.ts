/**
 * Frames: one layout for journal segments and histories. Little endian.
 *
 *   0   u32  payload bytes            24  u64  stream seq
 *   4   u8   type, 0 is never valid   32  u64  journal seq
 *   5   u8   flags, zero              40  f64  time, ms since 1970
 *   6   u16  zero                     48  u64  xxh64 of the payload, seed 0
 *   8   16 B stream key               56  u64  xxh64 of bytes 0..55, seed = salt + offset
 *   64  payload, then zero bytes up to a multiple of 8
 *
 * A frame is valid if and only if: its offset is a multiple of 8; the header checksum holds for
 * this file's salt and this offset; type is not 0, flags and reserved bytes are 0; the payload lies
 * inside the file and within the bound; the payload hash holds; the padding is zero. The seed makes
 * a frame of another file, another place, or inside a payload (an agent that prints its own log)
 * fail the check. Header and payload are checked apart, so that a damaged payload still names what
 * is lost.
 */
import { assert } from '../base/assert.ts';
import { frameHeaderBytes, payloadBytesMax } from '../base/quantities.ts';
import { aligned, getCount, isZero, setCount, toHex, viewOf } from './bytes.ts';
import { xxh64 } from './checksum.ts';

/** What a frame says about itself. */
export interface FrameFields {
  readonly type: number;
  /** 16 bytes. */
  readonly key: Uint8Array;
  readonly streamSeq: number;
  readonly journalSeq: number;
  readonly timeMs: number;
  readonly payloadHash: bigint;
}

/** A header whose checksum holds. */
export interface FrameHeader extends FrameFields {
  /** Offset in the file. */
  readonly offset: number;
  readonly payloadBytes: number;
  readonly checksum: bigint;
}

/** A frame that is valid in the sense above. `payload` is a view, not a copy. */
export interface Frame extends FrameHeader {
  readonly payload: Uint8Array;
}

/** Damage is a value: what stands at an offset instead of a valid frame. */
export type FrameFault =
  | { readonly kind: 'header'; readonly offset: number }
  | { readonly kind: 'payload'; readonly offset: number; readonly header: FrameHeader }
  /** The header holds, but its payload reaches past the bytes at hand. */
  | { readonly kind: 'short'; readonly offset: number; readonly header: FrameHeader }
  /** Fewer bytes than a header. */
  | { readonly kind: 'end'; readonly offset: number };

/** The stream key of frames that belong to no stream. */
export const noStream: Uint8Array = new Uint8Array(16);

const mask = (1n << 64n) - 1n;

/** Bytes that a frame takes in a file. */
export function frameBytes(payloadBytes: number): number {
  return frameHeaderBytes + aligned(payloadBytes);
}

/** The key of a stream as text. */
export function keyText(frame: { readonly key: Uint8Array }): string {
  return toHex(frame.key);
}

/**
 * Writes a frame into `into` at `at` and returns its header checksum. `offset` is the place in the
 * file. The bytes behind the payload up to the alignment must be zero already. Whoever writes many
 * frames hands over the view of `into`.
 */
export function encodeFrame(
  into: Uint8Array,
  at: number,
  place: { readonly salt: bigint; readonly offset: number },
  fields: FrameFields,
  payload: Uint8Array,
  view: DataView = viewOf(into),
): bigint {
  assert(fields.type > 0 && fields.type < 256, 'a frame type is 1 to 255');
  assert(fields.key.length === 16, 'a stream key has 16 bytes');
  assert(place.offset % 8 === 0, 'frames are aligned');
  assert(at + frameBytes(payload.length) <= into.length, 'the frame fits into the buffer');
  view.setUint32(at, payload.length, true);
  view.setUint32(at + 4, fields.type, true);
  into.set(fields.key, at + 8);
  setCount(view, at + 24, fields.streamSeq);
  setCount(view, at + 32, fields.journalSeq);
  view.setFloat64(at + 40, fields.timeMs, true);
  view.setBigUint64(at + 48, fields.payloadHash, true);
  const checksum = headerChecksum(into, at, place.salt, place.offset);
  view.setBigUint64(at + 56, checksum, true);
  into.set(payload, at + frameHeaderBytes);
  return checksum;
}

let lastKey: Uint8Array = noStream;

/**
 * The 16 bytes at `at`, for nobody to change: frames of one stream that stand behind each other
 * share them, so that reading a history allocates them once.
 */
export function keyAt(bytes: Uint8Array, at: number): Uint8Array {
  for (let index = 0; index < 16; index += 1) {
    if (bytes[at + index] === lastKey[index]) continue;
    lastKey = bytes.slice(at, at + 16);
    break;
  }
  return lastKey;
}

/**
 * Reads the header at `at`; null when it is not one of this file at this offset. Whoever reads many
 * hands over the view of `bytes`.
 */
export function decodeHeader(
  bytes: Uint8Array,
  at: number,
  place: { readonly salt: bigint; readonly offset: number },
  view: DataView = viewOf(bytes),
): FrameHeader | null {
  assert(place.offset % 8 === 0, 'frames are aligned');
  if (at + frameHeaderBytes > bytes.length) return null;
  const payloadBytes = view.getUint32(at, true);
  const type = view.getUint32(at + 4, true);
  // Cheap tests first: a scan past damage comes here at every eighth byte.
  if (type === 0 || type > 255 || payloadBytes > payloadBytesMax) return null;
  const checksum = view.getBigUint64(at + 56, true);
  if (checksum !== headerChecksum(bytes, at, place.salt, place.offset)) return null;
  const streamSeq = getCount(view, at + 24);
  const journalSeq = getCount(view, at + 32);
  if (streamSeq === null || journalSeq === null) return null;
  return {
    offset: place.offset,
    payloadBytes,
    type,
    key: keyAt(bytes, at + 8),
    streamSeq,
    journalSeq,
    timeMs: view.getFloat64(at + 40, true),
    payloadHash: view.getBigUint64(at + 48, true),
    checksum,
  };
}

/** Reads the frame at `at` of `bytes`, whose first byte stands at `base` in the file. */
export function decodeFrame(
  bytes: Uint8Array,
  at: number,
  file: { readonly salt: bigint; readonly base: number },
  view: DataView = viewOf(bytes),
): Frame | FrameFault {
  const offset = file.base + at;
  if (at + frameHeaderBytes > bytes.length) return { kind: 'end', offset };
  const header = decodeHeader(bytes, at, { salt: file.salt, offset }, view);
  if (header === null) return { kind: 'header', offset };
  const end = at + frameBytes(header.payloadBytes);
  if (end > bytes.length) return { kind: 'short', offset, header };
  const from = at + frameHeaderBytes;
  const payload = bytes.subarray(from, from + header.payloadBytes);
  const sound =
    xxh64(payload) === header.payloadHash && isZero(bytes, from + header.payloadBytes, end);
  return sound ? withPayload(header, payload) : { kind: 'payload', offset, header };
}

/** Member by member: a spread costs as much as all else of a small frame. */
function withPayload(header: FrameHeader, payload: Uint8Array): Frame {
  const { offset, payloadBytes, type, key, streamSeq } = header;
  const { journalSeq, timeMs, payloadHash, checksum } = header;
  return {
    offset,
    payloadBytes,
    type,
    key,
    streamSeq,
    journalSeq,
    timeMs,
    payloadHash,
    checksum,
    payload,
  };
}

/** True for a fault, false for a frame. */
export function isFault(result: Frame | FrameFault): result is FrameFault {
  return 'kind' in result;
}

const link = new Uint8Array(40);
const linkView = viewOf(link);

/**
 * The content digest of a frame, seeded with the one before it: the chain of a stream. It covers
 * type, stream, seq and payload but not the place, so it is the same in journal, history and copy.
 */
export function nextChain(
  previous: bigint,
  frame: Pick<FrameFields, 'type' | 'key' | 'streamSeq' | 'payloadHash'>,
): bigint {
  linkView.setUint32(0, frame.type, true);
  link.set(frame.key, 8);
  setCount(linkView, 24, frame.streamSeq);
  linkView.setBigUint64(32, frame.payloadHash, true);
  return xxh64(link, previous);
}

/** As long as the largest batch so far; most are short, and memory for each would cost more. */
let sums = new Uint8Array(64);
let sumsView: DataView = viewOf(sums);

/** The next batch checksum: the header checksums of the batch, seeded with the one before it. */
export function batchChecksum(previous: bigint, checksums: readonly bigint[]): bigint {
  const bytes = checksums.length * 8;
  if (bytes > sums.length) {
    sums = new Uint8Array(bytes);
    sumsView = viewOf(sums);
  }
  for (let at = 0; at < bytes; at += 8) sumsView.setBigUint64(at, checksums[at / 8] ?? 0n, true);
  return xxh64(sums.subarray(0, bytes), previous);
}

function headerChecksum(bytes: Uint8Array, at: number, salt: bigint, offset: number): bigint {
  return xxh64(bytes.subarray(at, at + 56), (salt + BigInt(offset)) & mask);
}
