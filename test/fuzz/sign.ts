/** Makes checksums hold over bytes that were changed. */
import { headerBlockBytes } from '../../src/base/quantities.ts';
import { viewOf } from '../../src/format/bytes.ts';
import { xxh64 } from '../../src/format/checksum.ts';

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

/** Signs frames one behind the other, from this offset on, for as long as their lengths lead on. */
export function signFrames(bytes: Uint8Array, salt: bigint, from: number): void {
  let offset = from;
  for (let count = 0; count < 64 && offset + 64 <= bytes.length; count += 1) {
    if (bytes[offset + 4] === 0) return;
    signFrame(bytes.subarray(offset), { salt, offset });
    const length = viewOf(bytes).getUint32(offset, true);
    offset += 64 + Math.ceil(length / 8) * 8;
  }
}

/** Signs a file whose last eight bytes are the checksum of the rest. */
export function signEnd(bytes: Uint8Array): void {
  const end = bytes.length - 8;
  if (end >= 0) viewOf(bytes).setBigUint64(end, xxh64(bytes.subarray(0, end)), true);
}
