/**
 * Payloads: a value as the bytes of a frame, in plain self-contained MessagePack that any language
 * can read. Nothing else touches the library behind it.
 *
 * A payload is an array of one or two elements, `[value]` or `[value, fixups]`; see `fixups.ts` for
 * the table, which is there only when a string or key needs it. Examples, as JSON:
 *
 *     {"text":"hi"}         [{"text":"hi"}]                    91 81 a4 74657874 a2 6869
 *     {"text":"a\ud83d"}    [{"text":"a\ufffd"}, [[["text"], [1, 55357]]]]
 *     {"__proto__":true}    [["__proto__", true], [[[], null]]]
 *
 * Integers between -2^31 and 2^32 are written as integers, all other numbers as 64-bit floats, so
 * that every finite double comes back exactly. Maps keep the order of their members.
 *
 * The decoder of the library also accepts extensions that its encoder is told never to write
 * (dates, sets, regular expressions); hence every decoded value is checked again by the rules of
 * `value.ts`. Damaged bytes decode to wrong values more often than not: verify the checksum first,
 * decode second.
 */
import { type Options, Packr, Unpackr } from 'msgpackr/pack';
import { HoldfastError } from '../base/errors.ts';
import { payloadBytesMax } from '../base/quantities.ts';
import { applyFixups, splitFixups } from './fixups.ts';
import { checkValue, isKeptAsDecoded, tooLarge } from './value.ts';

/** A copy of less costs more than the memory that it would let go of earlier. */
const ownBytesMin = 4096;
/**
 * The library keeps packing into slabs as large as the largest value has made one. A small payload
 * that is a view of such a slab would hold all of it, and take all of it along to a thread.
 */
const slabBytesMax: number = 64 * 1024;
const slabBytes = 8192;

const options: Options = {
  useRecords: false, // records are readable only beside others that define them
  variableMapSize: true, // the smallest header for each map, as every reader expects
  useToJSON: false, // a member called toJSON is a member
  structuredClone: false, // no references: some bytes of them make a value without end
  copyBuffers: true, // bytes do not keep the buffer alive that they were read from
};
const packr: Packr = new Packr(options);
const unpackr: Unpackr = new Unpackr(options);

/**
 * Encodes a value; nobody else writes to the bytes. `where` names the value in errors and may be
 * empty. Throws INVALID when the value cannot be kept and TOO_LARGE beyond `payloadBytesMax`.
 */
export function encodePayload(value: unknown, where: string): Uint8Array {
  const checked = checkValue(value, where);
  let payload: readonly unknown[] = [checked.value];
  if (checked.needsFixups) {
    const split = splitFixups(checked.value, where);
    payload = [split.value, split.fixups];
  }
  const packed = packr.pack(payload);
  if (packed.buffer.byteLength > slabBytesMax) packr.useBuffer(Buffer.allocUnsafeSlow(slabBytes));
  if (packed.length > payloadBytesMax) throw tooLarge(where, packed.length);
  // The library packs into slabs, one result behind the other, and writes none over. A large one
  // gets its own memory, so that it can move to a thread, and holds no more than itself.
  if (packed.length >= ownBytesMin) return new Uint8Array(packed);
  return new Uint8Array(packed.buffer, packed.byteOffset, packed.length);
}

/** Decodes what `encodePayload` made, into fresh objects. Throws UNDECODABLE for all else. */
export function decodePayload(bytes: Uint8Array): unknown {
  try {
    // The library sets a property on its input, so it gets a view of its own.
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const payload: unknown = unpackr.unpack(view);
    if (!Array.isArray(payload) || payload.length < 1 || payload.length > 2) {
      throw new Error('it is not an array of a value and its fix-ups');
    }
    const [value, fixups] = payload as readonly unknown[];
    if (payload.length === 1 && isKeptAsDecoded(value, bytes.length)) return value;
    return checkValue(payload.length === 1 ? value : applyFixups(value, fixups), '').value;
  } catch (error) {
    // Whatever goes wrong in the decoder, a stack overflow included, is a fact about these bytes.
    const reason = error instanceof Error ? error.message : String(error);
    throw new HoldfastError(
      'UNDECODABLE',
      `The payload of ${bytes.length} bytes cannot be decoded: ${reason.slice(0, 200)}`,
      { file: null, offset: null },
      { cause: error },
    );
  }
}
