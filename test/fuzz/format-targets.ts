/** Decoders of fixed layouts: frames, what the journal writes for itself, headers and small files. */
import { fileHeaderBytes, headerBlockBytes, titleBytesMax } from '../../src/base/quantities.ts';
import { xxh64 } from '../../src/format/checksum.ts';
import {
  decodeCommit,
  decodeControl,
  encodeCommit,
  encodeControl,
} from '../../src/format/control.ts';
import { decodeFrame, encodeFrame, frameBytes, isFault } from '../../src/format/frame.ts';
import { decodeHead, encodeHead } from '../../src/format/head.ts';
import type { Head } from '../../src/format/head.ts';
import { decodeSegmentHeader, encodeSegmentHeader } from '../../src/format/segment-header.ts';
import { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { layoutOf } from '../../src/recovery/layout.ts';
import { decodeWriters, encodeWriters, readStoreFile } from '../../src/recovery/store-files.ts';
import { SegmentImage, storeId, streamKey, text, writerId } from '../helpers/segment-image.ts';
import { frameAt, hasSoundBlock, isSigned } from './reference.ts';
import { signBlocks, signEnd, signFrame } from './sign.ts';
import { isCount, must, mustEqual } from './target.ts';
import type { Target } from './target.ts';

const salt = 0x1234_5678_9abc_def0n;
const place = { salt, offset: fileHeaderBytes };

function frameImage(payload: Uint8Array, type = 32): Uint8Array {
  const bytes = new Uint8Array(frameBytes(payload.length) + 16);
  const fields = { type, key: streamKey, streamSeq: 3, journalSeq: 4, timeMs: 5 };
  encodeFrame(bytes, 0, place, { ...fields, payloadHash: xxh64(payload) }, payload);
  return bytes;
}

function runFrame(bytes: Uint8Array): void {
  const found = decodeFrame(bytes, 0, { salt, base: fileHeaderBytes });
  const expected = frameAt(bytes, place);
  const kind = isFault(found) ? found.kind : 'frame';
  must(kind === expected, `it is told as ${kind}, and is ${expected}`);
  if (isFault(found)) return;
  const again = new Uint8Array(frameBytes(found.payload.length));
  encodeFrame(again, 0, place, found, found.payload);
  mustEqual(again, bytes.subarray(0, again.length), 'a frame, written again');
}

const directory = [1, 2, 3].map((streamSeq) => {
  return { key: streamKey, streamSeq, payloadBytes: 40, type: 32, payloadHash: 9n };
});
const commit = { firstSeq: 1, lastSeq: 3, durableMark: 0, firstSegment: 1, writer: writerId };
const control = { durableMark: 1, firstSegment: 1, segment: 2, endOffset: 9000, lastSeq: 3 };

/** The head of a history whose vouched end is known. */
export function headImage(told: Partial<Head> = {}): Uint8Array {
  const head: Head = {
    number: 7,
    salt,
    generation: 1,
    incarnation: streamKey,
    attached: null,
    vouched: { seq: 4, endOffset: 16_384, chain: 5n, batchChecksum: 6n },
    baseOffset: 0,
    damage: { from: 2, to: 3, writer: writerId },
    isNameUnproven: false,
    sessionId: 'fuzzed',
    title: 'title',
    messages: 3,
    createdMs: 1,
    updatedMs: 2,
    ...told,
  };
  const bytes = new Uint8Array(fileHeaderBytes);
  bytes.set(encodeHead(head, 0), 0);
  bytes.set(encodeHead(head, 1), headerBlockBytes);
  return bytes;
}

function runHead(bytes: Uint8Array): void {
  const found = decodeHead(bytes);
  if ('kind' in found) return;
  must(hasSoundBlock(bytes, 'HOLDHEAD'), 'no block of the head is sound');
  const { vouched, messages, sessionId, title, baseOffset } = found;
  must(isCount(vouched.seq) && isCount(vouched.endOffset), 'the vouched end');
  must(isCount(messages) && isCount(baseOffset), 'the counts of a head');
  must(sessionId.length <= 128 && title.length <= titleBytesMax, 'the texts of a head');
}

function runSegmentHeader(bytes: Uint8Array): void {
  const found = decodeSegmentHeader(bytes);
  if ('kind' in found) return;
  must(hasSoundBlock(bytes, 'HOLDFAST'), 'no block of the header is sound');
  must(isCount(found.bytes) && isCount(found.number), 'the counts of a header');
  const again = decodeSegmentHeader(encodeSegmentHeader(found));
  must(!('kind' in again) && again.salt === found.salt, 'a header, written again');
}

function runCommit(bytes: Uint8Array): void {
  const found = decodeCommit(bytes);
  if (found === null) return;
  // Four bytes of it are of no use.
  const same = bytes.slice();
  same.fill(0, 4, 8);
  mustEqual(encodeCommit(found), same, 'a commit, written again');
}

/** `store.json` of these members, with its checksum if it is asked for. */
function storeFile(told: object, signed: 'signed' | 'as it is'): Uint8Array {
  const checksum = xxh64(text(JSON.stringify(told)))
    .toString(16)
    .padStart(16, '0');
  return text(JSON.stringify(signed === 'signed' ? { ...told, checksum } : told));
}

const store = { format: 'holdfast', major: 1, minor: 0, uuid: 'ab'.repeat(16), incompatible: [] };

/** Signs what is still JSON again. */
function signStoreFile(bytes: Uint8Array): void {
  try {
    const told = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    const { checksum: _, ...rest } = told;
    const again = storeFile(rest, 'signed');
    if (again.length === bytes.length) bytes.set(again);
  } catch {
    // What is no JSON has no checksum.
  }
}

async function runStoreFile(bytes: Uint8Array): Promise<void> {
  const disk = SimDisk.create(1);
  disk.writeFile('/store/store.json', bytes);
  const found = await readStoreFile(disk.fileSystem(), layoutOf('/store'));
  must(found !== null && /^[0-9a-f]{32}$/.test(found.uuid), 'the identity of a store');
}

/** The decoders of this file. */
export const formatTargets: readonly Target[] = [
  {
    name: 'a frame',
    share: 180,
    images: () => [
      frameImage(text('payload')),
      frameImage(new Uint8Array(0)),
      frameImage(new Uint8Array(64).fill(7), 166),
      frameImage(frameImage(text('an image of a frame'))),
    ],
    sign: (bytes) => signFrame(bytes, place),
    run: runFrame,
  },
  {
    name: 'a commit',
    share: 70,
    images: () => [
      encodeCommit({ ...commit, directory, previousChecksum: 1n, checksum: 2n }),
      encodeCommit({
        ...commit,
        directory: directory.slice(2),
        previousChecksum: 1n,
        checksum: 2n,
      }),
    ],
    run: runCommit,
  },
  {
    name: 'an origin, mark, seal or close',
    share: 40,
    images: () => [encodeControl({ ...control, salt, checksum: 3n })],
    run: (bytes) => {
      const found = decodeControl(bytes);
      if (found !== null)
        mustEqual(encodeControl(found), bytes, 'what the journal tells of itself');
    },
  },
  {
    name: 'the header of a segment',
    share: 40,
    images: () => [encodeSegmentHeader(new SegmentImage({ store: storeId }).header)],
    sign: signBlocks,
    run: runSegmentHeader,
  },
  {
    name: 'the head of a history',
    share: 60,
    images: () => [headImage(), headImage({ damage: null, attached: writerId, title: '' })],
    sign: signBlocks,
    run: runHead,
  },
  {
    name: 'the writers file',
    share: 40,
    images: () => [encodeWriters(['00'.repeat(16), 'ab'.repeat(16)]), encodeWriters([])],
    sign: signEnd,
    run: (bytes) => {
      const found = decodeWriters(bytes);
      if (found === null) return;
      must(isSigned(bytes), 'the writers file keeps its checksum');
      mustEqual(encodeWriters(found), bytes, 'the writers file, written again');
    },
  },
  {
    name: 'store.json',
    share: 10,
    images: () => [
      storeFile(store, 'signed'),
      storeFile({ ...store, major: 2, incompatible: ['x'] }, 'signed'),
      storeFile({ ...store, incompatible: null, minor: 'x' }, 'as it is'),
    ],
    sign: signStoreFile,
    run: runStoreFile,
  },
];
