/**
 * Bytes for decoders: anything at all, and images of something real with some of their bytes changed
 * and then signed again, so that what stands behind the checksums is reached as well.
 */
import fc from 'fast-check';
import { headerBlockBytes } from '../../src/base/quantities.ts';
import { viewOf } from '../../src/format/bytes.ts';
import { xxh64 } from '../../src/format/checksum.ts';

const runs = Number(process.env['HOLDFAST_FUZZ_RUNS'] ?? 20_000);
const seed = process.env['HOLDFAST_FUZZ_SEED'];

/** Inputs of all decoders together; each gets the same share of them. */
export const fuzzRuns: number = runs;

/** Settings of a run over this share of the inputs. A failure tells the seed that repeats it. */
export function fuzzSettings<T>(share: number): fc.Parameters<T> {
  const numRuns = Math.max(1, Math.round(runs * share));
  return seed === undefined ? { numRuns } : { numRuns, seed: Number(seed) };
}

/** Lengths, counts and sequences that decoders stumble over. */
const edges: readonly bigint[] = [
  0n,
  1n,
  7n,
  0x7fn,
  0x80n,
  0xffn,
  0xffffn,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_fff8n,
  0xffff_ffffn,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

type Edit =
  | { readonly kind: 'byte'; readonly at: number; readonly value: number }
  | { readonly kind: 'edge'; readonly at: number; readonly value: bigint; readonly wide: boolean }
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'copy'; readonly at: number; readonly from: number; readonly length: number };

/** Headers keep what they say in their first bytes. */
const at = fc.oneof(fc.nat(399), fc.nat(0xffff));
const edit: fc.Arbitrary<Edit> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('byte' as const), at, value: fc.nat(255) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('edge' as const),
      at,
      value: fc.constantFrom(...edges),
      wide: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const), at }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('copy' as const),
      at,
      from: at,
      length: fc.nat(64),
    }),
  },
);

function apply(bytes: Uint8Array, change: Edit): Uint8Array {
  if (bytes.length === 0) return bytes;
  const place = change.at % bytes.length;
  const view = viewOf(bytes);
  switch (change.kind) {
    case 'byte':
      bytes[place] = change.value;
      return bytes;
    case 'edge': {
      const width = change.wide ? 8 : 4;
      const aligned = place - (place % 4);
      if (aligned + width > bytes.length) return bytes;
      if (change.wide) view.setBigUint64(aligned, change.value, true);
      else view.setUint32(aligned, Number(change.value & 0xffff_ffffn), true);
      return bytes;
    }
    case 'cut':
      return bytes.slice(0, place);
    case 'copy':
      bytes.copyWithin(
        place,
        change.from % bytes.length,
        (change.from % bytes.length) + change.length,
      );
      return bytes;
  }
}

/** Bytes of no origin, and these images with one to four changes, or none. `sign` comes last. */
export function fuzzedBytes(
  images: readonly Uint8Array[],
  sign: (bytes: Uint8Array) => void = () => undefined,
): fc.Arbitrary<Uint8Array> {
  const changed = fc
    .record({
      image: fc.constantFrom(...images),
      edits: fc.array(edit, { maxLength: 4 }),
      signed: fc.nat(3),
    })
    .map(({ image, edits, signed }) => {
      let bytes: Uint8Array = image.slice();
      for (const one of edits) bytes = apply(bytes, one);
      if (signed > 0) sign(bytes);
      return bytes;
    });
  return fc.oneof(
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
    { weight: 5, arbitrary: changed },
  );
}

/** Signs both blocks of a header. */
export function signBlocks(bytes: Uint8Array): void {
  for (const block of [0, 1]) {
    const part = bytes.subarray(block * headerBlockBytes, (block + 1) * headerBlockBytes);
    const end = headerBlockBytes - 8;
    if (part.length < headerBlockBytes) return;
    viewOf(part).setBigUint64(end, xxh64(part.subarray(0, end), BigInt(block)), true);
  }
}

/** Signs the frame at the start of the bytes, whatever length it gives itself. */
export function signFrame(
  bytes: Uint8Array,
  place: { readonly salt: bigint; readonly offset: number },
): void {
  if (bytes.length < 64) return;
  const view = viewOf(bytes);
  const length = Math.min(view.getUint32(0, true), bytes.length - 64);
  view.setBigUint64(48, xxh64(bytes.subarray(64, 64 + length)), true);
  const seeded = (place.salt + BigInt(place.offset)) & (2n ** 64n - 1n);
  view.setBigUint64(56, xxh64(bytes.subarray(0, 56), seeded), true);
}
