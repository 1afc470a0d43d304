/** What the two sides of a journal say to each other comes out as it went in. */
import fc from '../helpers/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { commandCodec, eventCodec, transferBytesMin } from '../../src/journal/journal-codec.ts';
import { noMeasures } from '../../src/journal/journal-protocol.ts';
import type { JournalCommand, JournalEvent } from '../../src/journal/journal-protocol.ts';
import type { RecordCodec } from '../../src/platform/channel.ts';

/** There and back, at a place in the middle of other bytes; `null` when it does not fit a record. */
function roundTrip<T>(codec: RecordCodec<T>, message: T): T | null {
  const size = codec.measure(message);
  if (size === null) return null;
  const bytes = new Uint8Array(size + 32).fill(0xee);
  const place = { bytes, view: new DataView(bytes.buffer), at: 16, end: 16 + size };
  codec.write(message, place);
  // Nothing is written in front of the record or behind it.
  expect(new Set([...bytes.subarray(0, 16), ...bytes.subarray(size + 16)])).toEqual(
    new Set([0xee]),
  );
  return codec.read(place);
}

const count = fc.nat({ max: 2 ** 31 });
const wide = fc.maxSafeNat();
const frame = fc.record({
  type: fc.integer({ min: 1, max: 255 }),
  payload: fc.uint8Array({ maxLength: 200 }),
  timeMs: fc.double({ noNaN: true }),
});
const submission = fc.record({
  ticket: wide,
  stream: wide,
  frames: fc.array(frame, { maxLength: 5 }),
  entries: count,
  bytes: wide,
  durability: fc.constantFrom('durable' as const, 'batched' as const),
});
const placement = fc.record({
  ticket: wide,
  segment: wide,
  offset: wide,
  firstSeq: wide,
  journalSeq: wide,
});
const counters = fc.record({
  commits: wide,
  syncs: wide,
  bytes: wide,
  rotations: wide,
  segments: wide,
  segmentBytes: wide,
});
const ms = fc.double({ noNaN: true, min: 0 });
const commit = fc.record({ entries: wide, bytes: wide, segment: wide, durationMs: ms });
const sync = fc.record({ entries: wide, durationMs: ms });
const measures = fc.record({
  commits: fc.array(commit, { maxLength: 4 }),
  syncs: fc.array(sync, { maxLength: 4 }),
});

describe('the codecs of a journal', () => {
  it('commandCodec gives back submissions', () => {
    fc.assert(
      fc.property(fc.array(submission, { maxLength: 4 }), fc.boolean(), (submissions, measured) => {
        const command: JournalCommand = { kind: 'submit', submissions, measured };
        expect(roundTrip(commandCodec, command)).toEqual(command);
      }),
    );
  });

  it('commandCodec leaves large payloads and rare commands to the port', () => {
    const payload = new Uint8Array(transferBytesMin);
    const large = { ticket: 1, stream: 1, entries: 1, bytes: 1, durability: 'durable' } as const;
    const submit = (frames: number, bytes: Uint8Array): JournalCommand => ({
      kind: 'submit',
      measured: false,
      submissions: [
        {
          ...large,
          frames: Array.from({ length: frames }, () => ({ type: 32, timeMs: 1, payload: bytes })),
        },
      ],
    });
    expect(commandCodec.measure(submit(1, payload))).toBeNull();
    expect(commandCodec.measure(submit(1, payload.subarray(1)))).not.toBeNull();
    expect(commandCodec.measure(submit(19, payload.subarray(1)))).not.toBeNull();
    expect(commandCodec.measure(submit(20, payload.subarray(1)))).toBeNull();
    expect(commandCodec.measure({ kind: 'close' })).toBeNull();
  });

  it('eventCodec gives back progress, and leaves the rest to the port', () => {
    fc.assert(
      fc.property(
        fc.array(placement, { maxLength: 6 }),
        fc.array(wide, { maxLength: 6 }),
        counters,
        measures,
        (written, durable, totals, measured) => {
          const told = { counters: totals, measures: measured };
          const event: JournalEvent = { kind: 'progress', written, durable, ...told };
          expect(roundTrip(eventCodec, event)).toEqual(event);
        },
      ),
    );
    expect(
      eventCodec.measure({ kind: 'closed', error: null, counters: null, measures: noMeasures }),
    ).toBeNull();
    const many = Array.from({ length: 100_000 }, (_, index) => index);
    const zero = { commits: 0, syncs: 0, bytes: 0, rotations: 0, segments: 0, segmentBytes: 0 };
    const progress = { kind: 'progress', written: [], durable: many, counters: zero } as const;
    expect(eventCodec.measure({ ...progress, measures: noMeasures })).toBeNull();
    const commits = many.map(() => ({ entries: 1, bytes: 1, segment: 1, durationMs: 1 }));
    const measured = { ...progress, durable: [], measures: { commits, syncs: [] } };
    expect(eventCodec.measure(measured)).toBeNull();
  });
});
