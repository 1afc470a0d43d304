/**
 * Structured changes of bytes: single bits and bytes, the numbers that decoders stumble over, parts that
 * are cut out, doubled, moved, or taken from another image. Everything comes out of the generator.
 */
import { viewOf } from '../../src/format/bytes.ts';
import type { Prng } from '../../src/platform/sim/prng.ts';

/** Lengths, counts and sequences at the borders of what a field can say. */
const edges: readonly [bigint, ...bigint[]] = [
  0n,
  1n,
  7n,
  8n,
  0x7fn,
  0x80n,
  0xffn,
  0x1000n,
  0x1001n,
  0xffffn,
  0x400_0000n,
  0x400_0001n,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_fff8n,
  0xffff_ffffn,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

/** Headers say what counts in their first bytes. */
const earlyBytes = 200;
const longestPart = 80;
const changesMax = 4;
/** An input does not grow beyond its image by more than this. */
const growthMax = 512;

/** A changed copy of one of the images; every tenth input has nothing to do with any. */
export function mutate(
  prng: Prng,
  images: readonly Uint8Array[],
  sign: (bytes: Uint8Array) => void,
): Uint8Array {
  if (prng.chance(0.1)) return anything(prng);
  const image = images[prng.below(images.length)] ?? new Uint8Array(0);
  let bytes: Uint8Array = image.slice();
  const changes = prng.below(changesMax + 1);
  for (let done = 0; done < changes && bytes.length > 0; done += 1) {
    bytes = change(prng, bytes, images);
    if (bytes.length > image.length + growthMax) bytes = bytes.slice(0, image.length + growthMax);
  }
  if (prng.chance(0.75)) sign(bytes);
  return bytes;
}

function anything(prng: Prng): Uint8Array {
  const bytes = new Uint8Array(prng.below(300));
  prng.fill(bytes);
  return bytes;
}

function placeIn(prng: Prng, bytes: Uint8Array): number {
  const kind = prng.below(4);
  if (kind === 0) return prng.below(Math.min(bytes.length, earlyBytes));
  if (kind === 1) return bytes.length - 1 - prng.below(Math.min(bytes.length, earlyBytes));
  return prng.below(bytes.length);
}

function change(prng: Prng, bytes: Uint8Array, images: readonly Uint8Array[]): Uint8Array {
  const at = placeIn(prng, bytes);
  switch (prng.below(8)) {
    case 0:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << prng.below(8));
      return bytes;
    case 1:
      bytes[at] = prng.below(256);
      return bytes;
    case 2:
    case 3:
      putEdge(prng, bytes, at);
      return bytes;
    case 4:
      return bytes.slice(0, at);
    case 5:
      bytes.copyWithin(at, prng.below(bytes.length), placeIn(prng, bytes));
      return bytes;
    case 6:
      return without(bytes, at, 1 + prng.below(longestPart));
    default:
      return withPart(prng, bytes, at, images);
  }
}

/** Numbers stand at multiples of four; text and MessagePack stand anywhere. */
function putEdge(prng: Prng, bytes: Uint8Array, place: number): void {
  const width = prng.pick([1, 2, 4, 8]);
  const at = width >= 4 && prng.chance(0.75) ? place - (place % 4) : place;
  if (at + width > bytes.length) return;
  const view = viewOf(bytes);
  const value = prng.pick(edges);
  if (width === 8) view.setBigUint64(at, value, true);
  else if (width === 4) view.setUint32(at, Number(value & 0xffff_ffffn), true);
  else if (width === 2) view.setUint16(at, Number(value & 0xffffn), true);
  else view.setUint8(at, Number(value & 0xffn));
}

function without(bytes: Uint8Array, at: number, length: number): Uint8Array {
  const rest = bytes.subarray(at + length);
  const result = new Uint8Array(at + rest.length);
  result.set(bytes.subarray(0, at));
  result.set(rest, at);
  return result;
}

/** A part of any image is put in, over what stands there or between. */
function withPart(
  prng: Prng,
  bytes: Uint8Array,
  at: number,
  images: readonly Uint8Array[],
): Uint8Array {
  const source = images[prng.below(images.length)] ?? bytes;
  const from = prng.below(Math.max(1, source.length));
  const part = source.subarray(from, from + 1 + prng.below(longestPart));
  if (prng.chance(0.5)) {
    bytes.set(part.subarray(0, bytes.length - at), at);
    return bytes;
  }
  const result = new Uint8Array(bytes.length + part.length);
  result.set(bytes.subarray(0, at));
  result.set(part, at);
  result.set(bytes.subarray(at), at + part.length);
  return result;
}
