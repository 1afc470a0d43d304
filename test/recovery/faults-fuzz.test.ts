/**
 * F49: bytes from anywhere reach every decoder. Each answers with a value that holds what its type
 * says, with null, or with a typed error; it neither crashes nor hangs.
 *
 * `HOLDFAST_FUZZ_RUNS=10000000` tries that many inputs, `HOLDFAST_FUZZ_SEED` those of a failure.
 */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import { fileHeaderBytes } from '../../src/base/quantities.ts';
import { viewOf } from '../../src/format/bytes.ts';
import { initChecksum, xxh64 } from '../../src/format/checksum.ts';
import {
  commitBytes,
  decodeCommit,
  decodeControl,
  encodeCommit,
} from '../../src/format/control.ts';
import { encodeControl, frameType } from '../../src/format/control.ts';
import { decodeFrame, encodeFrame, frameBytes, isFault } from '../../src/format/frame.ts';
import type { Frame } from '../../src/format/frame.ts';
import { decodeHead, emptyVouched, encodeHead } from '../../src/format/head.ts';
import type { Head } from '../../src/format/head.ts';
import { decodePayload, encodePayload } from '../../src/format/payload.ts';
import { decodeSegmentHeader, encodeSegmentHeader } from '../../src/format/segment-header.ts';
import { decodeBase, encodeBase } from '../../src/history/base-frame.ts';
import { decodeLoss, decodeRecovered, encodeRecovered } from '../../src/history/history-frames.ts';
import { walkHistory } from '../../src/history/history-walk.ts';
import { readSegment } from '../../src/journal/segment-reader.ts';
import { decodeIntroduction } from '../../src/journal/streams.ts';
import { parseLockText } from '../../src/platform/lock-text.ts';
import { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { layoutOf } from '../../src/recovery/layout.ts';
import { decodeWriters, encodeWriters, readStoreFile } from '../../src/recovery/store-files.ts';
import { decodeEvent, encodeEvent } from '../../src/session/event-codec.ts';
import { newFold } from '../../src/session/fold.ts';
import { decodeFold, encodeFold } from '../../src/session/fold-value.ts';
import { eventFrameType, streamFrameType } from '../../src/session/frame-types.ts';
import { fuzzedBytes, fuzzRuns, fuzzSettings, signBlocks, signFrame } from '../helpers/fuzz.ts';
import { SegmentImage, text } from '../helpers/segment-image.ts';

const salt = 0x1234_5678_9abc_def0n;
const id = new Uint8Array(16).fill(9);
const mayBe = ['UNDECODABLE', 'NEWER_FORMAT', 'DAMAGED', 'NOT_FOUND'];
/** No input here needs a millisecond; a machine that is busy with something else may need many. */
const hangsAfterMs = 15_000;

/** A count as decoders give it. */
function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function must(...holds: readonly boolean[]): void {
  if (holds.includes(false)) throw new Error(`What was decoded does not hold: ${holds.join()}`);
}

interface Decoder {
  readonly bytes: () => fc.Arbitrary<Uint8Array>;
  /** Decodes, and looks whether the result is what its type says. */
  readonly run: (bytes: Uint8Array) => void | Promise<void>;
  /** Of the inputs of all decoders together. */
  readonly share: number;
}

const fields = { type: 32, key: id, streamSeq: 3, journalSeq: 4, timeMs: 5 };

function frameImage(payload: Uint8Array, type = 32): Uint8Array {
  const bytes = new Uint8Array(frameBytes(payload.length) + 16);
  const place = { salt, offset: fileHeaderBytes };
  encodeFrame(bytes, 0, place, { ...fields, type, payloadHash: xxh64(payload) }, payload);
  return bytes;
}

const head: Head = {
  number: 7,
  salt,
  generation: 1,
  incarnation: id,
  attached: null,
  vouched: { seq: 4, endOffset: 16_384, chain: 5n, batchChecksum: 6n },
  baseOffset: 0,
  damage: { from: 2, to: 3, writer: id },
  sessionId: 'fuzzed',
  title: 'title',
  messages: 3,
  createdMs: 1,
  updatedMs: 2,
};

function headImage(): Uint8Array {
  const bytes = new Uint8Array(fileHeaderBytes);
  bytes.set(encodeHead(head, 0), 0);
  bytes.set(encodeHead(head, 1), fileHeaderBytes / 2);
  return bytes;
}

function baseImage(): Uint8Array {
  return encodeBase({
    place: { number: 5, seq: 3, offset: fileHeaderBytes },
    chain: 1n,
    batchChecksum: 2n,
    fold: encodeFold(newFold()),
    notes: [],
    earlier: [{ number: 4, seq: 2, offset: 900 }],
    blocks: { seqs: [1, 2], offsets: [100, 200] },
  });
}

const directory = [1, 2, 3].map((streamSeq) => {
  return { key: id, streamSeq, payloadBytes: 40, type: 32, payloadHash: 9n };
});
const commit = { firstSeq: 1, lastSeq: 3, durableMark: 0, firstSegment: 1, writer: id, directory };
const control = { durableMark: 1, firstSegment: 1, segment: 2, endOffset: 9000, lastSeq: 3 };

function segmentImage(): SegmentImage {
  const image = new SegmentImage().origin();
  image.batch(text('alpha')).batch(text('beta'), new Uint8Array(200).fill(1));
  image.durableMark = 3;
  return image.batch(text('gamma')).control(frameType.mark, { durableMark: 4 });
}

/** Signs again what begins like a frame, wherever changes may have hit it. */
function signSegment(image: SegmentImage, bytes: Uint8Array): void {
  for (const end of [fileHeaderBytes, ...image.ends]) {
    if (end + 64 <= bytes.length) {
      signFrame(bytes.subarray(end), { salt: image.header.salt, offset: end });
    }
  }
}

const events = [
  encodeEvent({ kind: 'message', message: { role: 'user', content: 'hello' } }, 'key'),
  encodeEvent({ kind: 'intent', call: { id: 'c', name: 'n', input: { a: 1 } } }),
  encodeEvent({ kind: 'metadata', metadata: { title: 't' } }),
];

/** A history on a disk of its own, for the decoders that read files. */
async function walk(bytes: Uint8Array): Promise<void> {
  const found = decodeHead(bytes.subarray(0, fileHeaderBytes));
  if ('kind' in found) return;
  const disk = SimDisk.create(1);
  disk.writeFile('/history', bytes);
  const file = await disk.fileSystem().open('/history', 'read');
  const start = { ...emptyVouched, offset: fileHeaderBytes };
  let frames = 0;
  const result = await walkHistory(file, found, start, () => {
    frames += 1;
  });
  must(frames * 64 <= bytes.length, isCount(result.lastSeq));
}

/** `store.json` with any members, and its checksum. */
const storeFileBytes: fc.Arbitrary<Uint8Array> = fc
  .record({
    format: fc.constantFrom<unknown>('holdfast', 'other', null, 3),
    major: fc.oneof<fc.Arbitrary<unknown>[]>(fc.constant(1), fc.anything()),
    minor: fc.oneof<fc.Arbitrary<unknown>[]>(fc.nat(9), fc.anything()),
    uuid: fc.constantFrom<unknown>('0'.repeat(32), '../..', '', 7, null),
    incompatible: fc.constantFrom<unknown>([], ['x'], 'x', null, {}, 5),
    signed: fc.boolean(),
  })
  .map(({ signed, ...told }) => {
    let body: string;
    try {
      body = JSON.stringify(told);
    } catch {
      // A value that JSON has no words for, such as a big integer.
      body = '{}';
    }
    const checksum = xxh64(new TextEncoder().encode(body)).toString(16).padStart(16, '0');
    const members = JSON.parse(body) as object;
    return new TextEncoder().encode(JSON.stringify(signed ? { ...members, checksum } : members));
  });

const decoders = (): Readonly<Record<string, Decoder>> => ({
  'a frame': {
    bytes: () =>
      fuzzedBytes([frameImage(text('payload')), frameImage(new Uint8Array(0))], (bytes) =>
        signFrame(bytes, { salt, offset: fileHeaderBytes }),
      ),
    run: (bytes) => {
      const found = decodeFrame(bytes, 0, { salt, base: fileHeaderBytes });
      if (isFault(found)) return;
      must(frameBytes(found.payload.length) <= bytes.length, isCount(found.streamSeq));
      must(isCount(found.journalSeq), found.type > 0, found.type < 256, found.key.length === 16);
    },
    share: 0.15,
  },
  'a commit': {
    bytes: () => fuzzedBytes([encodeCommit({ ...commit, previousChecksum: 1n, checksum: 2n })]),
    run: (bytes) => {
      const found = decodeCommit(bytes);
      if (found === null) return;
      must(commitBytes(found.directory.length) === bytes.length, isCount(found.lastSeq));
      must(isCount(found.firstSeq), isCount(found.durableMark), isCount(found.firstSegment));
      must(found.directory.every(({ streamSeq }) => isCount(streamSeq)));
    },
    share: 0.1,
  },
  'an origin, mark, seal or close': {
    bytes: () => fuzzedBytes([encodeControl({ ...control, salt, checksum: 3n })]),
    run: (bytes) => {
      const found = decodeControl(bytes);
      if (found !== null) must(isCount(found.durableMark), isCount(found.endOffset));
    },
    share: 0.05,
  },
  'the header of a segment': {
    bytes: () => fuzzedBytes([encodeSegmentHeader(new SegmentImage().header)], signBlocks),
    run: (bytes) => {
      const found = decodeSegmentHeader(bytes);
      if (!('kind' in found)) must(isCount(found.bytes), isCount(found.number));
    },
    share: 0.05,
  },
  'the head of a history': {
    bytes: () => fuzzedBytes([headImage()], signBlocks),
    run: (bytes) => {
      const found = decodeHead(bytes);
      if ('kind' in found) return;
      must(isCount(found.vouched.seq), isCount(found.vouched.endOffset), isCount(found.messages));
      must(found.sessionId.length <= 128, found.title.length <= 200, isCount(found.baseOffset));
    },
    share: 0.1,
  },
  'a payload': {
    bytes: () =>
      fuzzedBytes([encodePayload({ a: [1, 'two', new Uint8Array(3)] }, ''), baseImage()]),
    run: (bytes) => void decodePayload(bytes),
    share: 0.15,
  },
  'an event': {
    bytes: () => fuzzedBytes(events.map(({ payload }) => payload)),
    run: (bytes) => {
      const types = Object.values(eventFrameType);
      const type = types[(bytes[0] ?? 0) % types.length] ?? 32;
      must(typeof decodeEvent(type, bytes).event.kind === 'string');
    },
    share: 0.1,
  },
  'a base': {
    bytes: () => fuzzedBytes([baseImage()]),
    run: (bytes) => {
      const frame: Frame = {
        ...fields,
        type: streamFrameType.base,
        offset: fileHeaderBytes,
        payloadBytes: bytes.length,
        payloadHash: 0n,
        checksum: 0n,
        payload: bytes,
      };
      const found = decodeBase(frame);
      if (found === null) return;
      must(found.place.seq === fields.streamSeq, found.blocks.seqs.length <= bytes.length);
      must(found.earlier.every(({ offset }) => offset < fileHeaderBytes));
    },
    share: 0.08,
  },
  'a fold': {
    bytes: () => fuzzedBytes([encodeFold(newFold())]),
    run: (bytes) => {
      const found = decodeFold(bytes);
      // Whatever is accepted can be written again.
      if (found !== null) must(isCount(found.lastSeq), encodeFold(found).length > 0);
    },
    share: 0.07,
  },
  'notes of recovery, losses, introductions, holders of locks': {
    bytes: () =>
      fuzzedBytes([
        encodeRecovered({ writer: id, kept: null, inDoubt: { from: 1, to: 2 }, cutBytes: 3 }),
        text('{"pid":1,"host":"h","since":"x"}'),
      ]),
    run: (bytes) => {
      const note = decodeRecovered(bytes);
      if (note !== null) must(isCount(note.cutBytes));
      const loss = decodeLoss(bytes.subarray(0, 16));
      if (loss !== null) must(loss.from <= loss.to, isCount(loss.from));
      decodeIntroduction(bytes);
      parseLockText(new TextDecoder().decode(bytes));
    },
    share: 0.05,
  },
  'the writers file': {
    bytes: () =>
      fuzzedBytes([encodeWriters(['00'.repeat(16), 'ab'.repeat(16)])], (bytes) => {
        const end = bytes.length - 8;
        if (end >= 0) viewOf(bytes).setBigUint64(end, xxh64(bytes.subarray(0, end)), true);
      }),
    run: (bytes) => {
      const found = decodeWriters(bytes);
      if (found === null) return;
      must(found.length * 16 <= bytes.length);
      must(found.every((writer) => /^[0-9a-f]{32}$/.test(writer)));
    },
    share: 0.03,
  },
  'store.json': {
    bytes: () => fc.oneof(storeFileBytes, fuzzedBytes([text('{"format":"holdfast","major":1}')])),
    run: async (bytes) => {
      const disk = SimDisk.create(1);
      disk.writeFile('/store/store.json', bytes);
      const found = await readStoreFile(disk.fileSystem(), layoutOf('/store'));
      if (found !== null) must(/^[0-9a-f]{32}$/.test(found.uuid));
    },
    share: 0.02,
  },
  'a segment': {
    bytes: () => {
      const image = segmentImage();
      const content = image.bytes.slice(0, image.offset + 256);
      return fuzzedBytes([content], (bytes) => signSegment(image, bytes));
    },
    run: (bytes) => {
      const { header } = new SegmentImage();
      const found = readSegment(bytes, header);
      must(found.frames.length * 64 <= bytes.length, found.end <= bytes.length + fileHeaderBytes);
      must(isCount(found.durableMark), isCount(found.lastSeq));
    },
    share: 0.03,
  },
  'a history': {
    bytes: () => {
      const image = segmentImage();
      const content = image.bytes.slice(0, image.offset);
      content.set(headImage(), 0);
      return fuzzedBytes([content], signBlocks);
    },
    run: walk,
    share: 0.02,
  },
});

describe('bytes from anywhere', () => {
  beforeAll(initChecksum);

  it.each(Object.keys(decoders()))(
    'F49 as %s: a value that holds, or a typed refusal, in time',
    async (name) => {
      const decoder = decoders()[name];
      if (decoder === undefined) throw new Error(name);
      const { bytes, run, share } = decoder;
      let slowestMs = 0;
      const property = fc.asyncProperty(bytes(), async (input) => {
        const began = performance.now();
        try {
          await run(input);
        } catch (error) {
          if (!HoldfastError.is(error) || !mayBe.includes(error.code)) throw error;
        }
        slowestMs = Math.max(slowestMs, performance.now() - began);
      });
      await fc.assert(property, fuzzSettings(share));
      expect(slowestMs).toBeLessThan(hangsAfterMs);
    },
    30_000 + fuzzRuns,
  );
});
