/**
 * Bugs that fuzzing has to find: a comparison or a bound that a decoder lacks. Without these a run
 * over millions of inputs would prove nothing.
 */
import type { Check } from './checks.ts';

interface FuzzBug {
  readonly name: string;
  readonly caughtBy: Check;
  readonly edits: readonly [
    { readonly file: string; readonly find: string; readonly replace: string },
  ];
}

/** A bug of one edit that this target finds within so many inputs. */
function bug(name: string, target: string, ...edit: [string, string, string]): FuzzBug {
  const [file, find, replace] = edit;
  return {
    name: `fuzzing: ${name}`,
    caughtBy: { fuzz: target, inputs: 20_000 },
    edits: [{ file, find, replace }],
  };
}

/** By the decoder that has the bug. */
export const fuzzBugs: readonly FuzzBug[] = [
  bug(
    'the checksum of a frame header is not compared',
    'a frame',
    'format/frame',
    'if (checksum !== headerChecksum(bytes, at, place.salt, place.offset))\n        return null;',
    '',
  ),
  bug(
    'the hash of a payload is not compared',
    'a frame',
    'format/frame',
    'xxh64(payload) === header.payloadHash &&',
    '',
  ),
  bug(
    'the length of a frame has no bound',
    'a frame',
    'format/frame',
    'type > 255 || payloadBytes > payloadBytesMax',
    'type > 255',
  ),
  bug(
    'a payload may reach past the bytes at hand',
    'a frame',
    'format/frame',
    'if (end > bytes.length)',
    'if (end > bytes.length + 8)',
  ),
  bug(
    'the padding of a frame is not looked at',
    'a frame',
    'format/frame',
    ' && isZero(bytes, from + header.payloadBytes, end);',
    ';',
  ),
  bug(
    'the count of a commit is not compared with its length',
    'a commit',
    'format/control',
    'frames > batchFramesMax || bytes.length !== commitBytes(frames)',
    'frames > batchFramesMax',
  ),
  bug(
    'the checksum of a segment header is not compared',
    'the header of a segment',
    'format/segment-header',
    'if (view.getBigUint64(checksumAt, true) !== xxh64(part.subarray(0, checksumAt), BigInt(block))) {',
    'if (view.getBigUint64(checksumAt, true) === -1n) {',
  ),
  bug(
    'the checksum of a head is not compared',
    'the head of a history',
    'format/head',
    'if (view.getBigUint64(checksumAt, true) !== xxh64(part.subarray(0, checksumAt), BigInt(block))) {',
    'if (view.getBigUint64(checksumAt, true) === -1n) {',
  ),
  bug(
    'the length of an id in a head has no bound',
    'the head of a history',
    'format/head',
    'Math.min(view.getUint8(176), 128)',
    'view.getUint8(176)',
  ),
  bug(
    'the count of the writers file is not compared with its length',
    'the writers file',
    'recovery/store-files',
    'if (bytes.length !== 16 + count * 16 + 8)\n        return null;',
    '',
  ),
  bug(
    'what MessagePack gives is not looked at',
    'a payload',
    'format/payload',
    "return checkValue(payload.length === 1 ? value : applyFixups(value, fixups), '').value;",
    'return payload.length === 1 ? value : applyFixups(value, fixups);',
  ),
  bug(
    'a segment has no room for its last bytes',
    'a valid journal',
    'format/frame',
    'if (end > bytes.length)',
    'if (end >= bytes.length)',
  ),
];
