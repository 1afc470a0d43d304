/** Seeded bugs: checks that are left out, so that rot is believed. */
import { edit, bug } from './mutation.ts';
import type { Mutation } from './mutation.ts';

/** Checks that are left out. */
export const acceptedRot: readonly Mutation[] = [
  bug(
    'a frame header with a bad checksum is accepted',
    { rot: 'close with a base' },
    'format/frame',
    'if (checksum !== headerChecksum(bytes, at, place.salt, place.offset))\n        return null;',
    '',
  ),
  bug(
    'a payload with a bad checksum is accepted',
    { rot: 'create and append' },
    'format/frame',
    'xxh64(payload) === header.payloadHash &&',
    '',
  ),
  bug(
    'a batch with a bad checksum is accepted',
    { test: 'journal/batch' },
    'journal/batch',
    'return batchChecksum(commit.previousChecksum, checksums) === commit.checksum\n        ? commit',
    'return checksums.length > 0\n        ? commit',
  ),
  bug(
    'a head with a bad checksum is accepted',
    { rot: 'create and append' },
    'format/head',
    'if (view.getBigUint64(checksumAt, true) !== xxh64(part.subarray(0, checksumAt), BigInt(block))) {',
    'if (view.getBigUint64(checksumAt, true) === -1n) {',
  ),
  bug(
    'a segment header with a bad checksum is accepted',
    { rot: 'create and append' },
    'format/segment-header',
    'if (view.getBigUint64(checksumAt, true) !== xxh64(part.subarray(0, checksumAt), BigInt(block))) {',
    'if (view.getBigUint64(checksumAt, true) === -1n) {',
  ),
  bug(
    'a writers file with a bad checksum is accepted',
    {
      equivalent:
        'an id that is none names no journal, and a journal whose entries a session attached to it still lacks counts anyway',
    },
    'recovery/store-files',
    'if (view.getBigUint64(end, true) !== xxh64(bytes.subarray(0, end)))\n        return null;',
    '',
  ),
  {
    name: 'a base is believed without the checksum of its frame',
    caughtBy: { rot: 'close with a base' },
    edits: [
      edit(
        'history/base-frame',
        'return isFault(frame) ? null : decodeBase(frame);',
        'return decodeBase({ ...header, payload: bytes.subarray(64, 64 + header.payloadBytes) });',
      ),
    ],
  },
  bug(
    'what settling wrote is not read back',
    { test: 'history/history-file' },
    'history/history-file',
    'const wrong = damage?.offset ?? damagedDerived[0];',
    'const wrong = undefined;',
  ),
  bug(
    'what settling wrote is read back without its restore points',
    { test: 'history/history-file' },
    'history/history-file',
    'const wrong = damage?.offset ?? damagedDerived[0];',
    'const wrong = damage?.offset;',
  ),
];
