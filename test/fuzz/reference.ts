/**
 * The rules of the format once more, written from ARCHITECTURE.md and not from the decoders: a decoder
 * has to agree with them about every input. Only the hash itself is shared.
 */
import { xxh64 } from '../../src/format/checksum.ts';

function numberAt(bytes: Uint8Array, at: number, width: number): bigint {
  let value = 0n;
  for (let index = width - 1; index >= 0; index -= 1) {
    value = value * 256n + BigInt(bytes[at + index] ?? 0);
  }
  return value;
}

const countMax = 2n ** 53n;
const payloadMax = 64n * 1024n * 1024n;

/** What stands at the beginning of these bytes, whose first stands at this offset of a file. */
export function frameAt(
  bytes: Uint8Array,
  place: { readonly salt: bigint; readonly offset: number },
): 'end' | 'header' | 'short' | 'payload' | 'frame' {
  if (bytes.length < 64) return 'end';
  const seed = BigInt.asUintN(64, place.salt + BigInt(place.offset));
  const length = numberAt(bytes, 0, 4);
  const isHeader =
    length <= payloadMax &&
    bytes[4] !== 0 &&
    bytes[5] === 0 &&
    bytes[6] === 0 &&
    bytes[7] === 0 &&
    numberAt(bytes, 24, 8) < countMax &&
    numberAt(bytes, 32, 8) < countMax &&
    numberAt(bytes, 56, 8) === xxh64(bytes.slice(0, 56), seed);
  if (!isHeader) return 'header';
  const end = 64 + Number(length);
  const padded = end + ((8 - (end % 8)) % 8);
  if (padded > bytes.length) return 'short';
  const isWhole = numberAt(bytes, 48, 8) === xxh64(bytes.slice(64, end));
  return isWhole && bytes.slice(end, padded).every((byte) => byte === 0) ? 'frame' : 'payload';
}

/** Whether one of the two blocks of a header begins with this word and keeps its checksum. */
export function hasSoundBlock(bytes: Uint8Array, magic: string): boolean {
  return [0, 1].some((block) => {
    const part = bytes.slice(block * 4096, (block + 1) * 4096);
    if (part.length < 4096) return false;
    const isOurs = Buffer.from(part.subarray(0, 8)).toString('latin1') === magic;
    return isOurs && numberAt(part, 4088, 8) === xxh64(part.slice(0, 4088), BigInt(block));
  });
}

/** Whether the last eight bytes are the checksum of all that stands before them. */
export function isSigned(bytes: Uint8Array): boolean {
  const end = bytes.length - 8;
  return end >= 0 && numberAt(bytes, end, 8) === xxh64(bytes.slice(0, end));
}
