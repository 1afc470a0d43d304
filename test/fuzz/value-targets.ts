/** Decoders of payloads: values, events, folds, bases and the notes of recovery. */
import { isDeepStrictEqual } from 'node:util';
import { HoldfastError } from '../../src/base/errors.ts';
import { fileHeaderBytes } from '../../src/base/quantities.ts';
import type { Frame } from '../../src/format/frame.ts';
import { decodePayload, encodePayload } from '../../src/format/payload.ts';
import { decodeBase, encodeBase } from '../../src/history/base-frame.ts';
import {
  decodeLoss,
  decodeRecovered,
  encodeLoss,
  encodeRecovered,
} from '../../src/history/history-frames.ts';
import { decodeIntroduction, encodeIntroduction } from '../../src/journal/streams.ts';
import { parseLockText } from '../../src/platform/lock-text.ts';
import { decodeEvent, encodeEvent } from '../../src/session/event-codec.ts';
import type { SessionEvent } from '../../src/session/event.ts';
import { foldEntry, imageOf, newFold } from '../../src/session/fold.ts';
import { decodeFold, encodeFold } from '../../src/session/fold-value.ts';
import { eventFrameType, streamFrameType } from '../../src/session/frame-types.ts';
import { streamKey, text } from '../helpers/segment-image.ts';
import { isCount, must, mustEqual } from './target.ts';
import type { Target } from './target.ts';

const state = imageOf(newFold());
const events: readonly SessionEvent[] = [
  { kind: 'message', message: { role: 'user', content: 'hello' } },
  {
    kind: 'message',
    message: {
      role: 'assistant',
      content: [
        { type: 'text', text: 'half \ud83d' },
        { type: 'tool_use', id: 'call', name: 'bash', input: { command: 'ls', ['__proto__']: 1 } },
      ],
    },
  },
  {
    kind: 'message',
    message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call' }] },
  },
  { kind: 'intent', call: { id: 'c', name: 'n', input: { a: 1 } } },
  { kind: 'outcome', callId: 'c', outcome: { status: 'ok', detail: [1, 2.5, null] } },
  { kind: 'metadata', metadata: { title: 't', tags: ['a', 'b'] } },
  { kind: 'status', status: 'paused' },
  { kind: 'custom', name: 'n', data: new Uint8Array([1, 2, 3]) },
  { kind: 'compaction', compaction: { summary: 's', tokenCount: 7 } },
  {
    kind: 'snapshot',
    snapshot: {
      action: 'edit',
      at: 1,
      messageIndex: 1,
      contentDigest: '0'.repeat(64),
      cuts: [],
      state,
    },
  },
  { kind: 'rewind', rewind: { to: 1, cuts: [[2, 3]], state } },
];

/** A fold that has seen most kinds of events. */
function fullFold(): ReturnType<typeof newFold> {
  const fold = newFold();
  let seq = 0;
  for (const event of events.slice(0, 9)) {
    seq += 1;
    foldEntry(fold, { event, seq, timeMs: seq, idempotencyKey: `key ${seq}` });
  }
  return fold;
}

function baseImage(): Uint8Array {
  return encodeBase({
    place: { number: 5, seq: 3, offset: fileHeaderBytes },
    chain: 1n,
    batchChecksum: 2n,
    fold: encodeFold(fullFold()),
    notes: [{ timeMs: 1, note: { writer: streamKey, kept: null, inDoubt: null, cutBytes: 3 } }],
    earlier: [{ number: 4, seq: 2, offset: 900 }],
    blocks: { seqs: [1, 2], offsets: [100, 200] },
  });
}

/** What comes back from the bytes of a value is that value. */
function mustReturn(value: unknown): void {
  must(isDeepStrictEqual(decodePayload(encodePayload(value, '')), value), 'written and read again');
}

function runEvent(bytes: Uint8Array): void {
  // The last byte picks the type, so that one image is tried as every kind.
  const types = Object.values(eventFrameType);
  const type = types[(bytes.at(-1) ?? 0) % types.length] ?? 32;
  const { event, idempotencyKey } = decodeEvent(type, bytes.subarray(0, bytes.length - 1));
  must(eventFrameType[event.kind] === type, 'the kind of an event');
  let again: Uint8Array;
  try {
    again = encodeEvent(event, idempotencyKey).payload;
  } catch (error) {
    // Members that a later version may have added are read, and not written.
    if (HoldfastError.is(error, 'INVALID')) return;
    throw error;
  }
  must(isDeepStrictEqual(decodeEvent(type, again).event, event), 'an event, read again');
}

function runBase(payload: Uint8Array): void {
  const frame: Frame = {
    type: streamFrameType.base,
    key: streamKey,
    streamSeq: 3,
    journalSeq: 4,
    timeMs: 5,
    offset: fileHeaderBytes,
    payloadBytes: payload.length,
    payloadHash: 0n,
    checksum: 0n,
    payload,
  };
  const found = decodeBase(frame);
  if (found === null) return;
  must(found.place.seq === 3 && found.place.offset === fileHeaderBytes, 'the place of a base');
  must(found.blocks.seqs.length === found.blocks.offsets.length, 'blocks have both ends');
  must(found.blocks.seqs.length <= payload.length, 'blocks that fit into the payload');
  must(
    found.earlier.every(({ offset }) => offset < fileHeaderBytes),
    'earlier bases',
  );
}

function runNotes(bytes: Uint8Array): void {
  const note = decodeRecovered(bytes);
  if (note !== null) {
    must(isCount(note.cutBytes), 'cut bytes');
    const again = decodeRecovered(encodeRecovered(note));
    must(isDeepStrictEqual(again, note), 'a note of recovery, read again');
  }
  const loss = decodeLoss(bytes.subarray(0, 16));
  if (loss !== null) mustEqual(encodeLoss(loss), bytes.subarray(0, 16), 'a loss');
  const told = decodeIntroduction(bytes);
  must((told === null) === bytes.length < 8, 'an introduction needs eight bytes');
  if (told !== null) mustEqual(encodeIntroduction(told.chain, told.introduction), bytes, 'it');
  parseLockText(new TextDecoder().decode(bytes));
}

const withType = (payload: Uint8Array, index: number): Uint8Array => {
  return Uint8Array.from([...payload, index]);
};

/** The decoders of this file. */
export const valueTargets: readonly Target[] = [
  {
    name: 'a payload',
    share: 250,
    images: () => [
      encodePayload({ a: [1, 'two', new Uint8Array(3)] }, ''),
      encodePayload(
        { half: '\ud83d x \udc00', ['__proto__']: { ['__proto__']: [null, true] } },
        '',
      ),
      encodePayload([0, -1, 2 ** 31, 2 ** 53, 1.5, 'x'.repeat(40), { a: { b: { c: [[]] } } }], ''),
    ],
    run: (bytes) => mustReturn(decodePayload(bytes)),
  },
  {
    name: 'an event',
    share: 120,
    images: () => {
      const types = Object.values<number>(eventFrameType);
      return events.map((event) => {
        const { type, payload } = encodeEvent(event, 'key');
        return withType(payload, types.indexOf(type));
      });
    },
    run: runEvent,
  },
  {
    name: 'a base',
    share: 30,
    images: () => [baseImage()],
    run: runBase,
  },
  {
    name: 'a fold',
    share: 40,
    images: () => [encodeFold(newFold()), encodeFold(fullFold())],
    run: (bytes) => {
      const found = decodeFold(bytes);
      if (found === null) return;
      must(isCount(found.lastSeq), 'the last seq of a fold');
      const again = decodeFold(encodeFold(found));
      must(again !== null && isDeepStrictEqual(again, found), 'a fold, read again');
    },
  },
  {
    name: 'notes of recovery, losses, introductions, holders of locks',
    share: 60,
    images: () => [
      encodeRecovered({ writer: streamKey, kept: null, inDoubt: { from: 1, to: 2 }, cutBytes: 3 }),
      encodeLoss({ from: 3, to: 9 }),
      encodeIntroduction(7n, text('a session')),
      text('{"pid":1,"host":"h","since":"x"}'),
    ],
    run: runNotes,
  },
];
