/**
 * The messages of every append as records in shared memory: submissions on their way to the writer,
 * progress on its way back. Everything else is rare and goes over the port as it is. Both sides are
 * this very code in one process, so there is no version and no checksum. Pure.
 *
 *   submit     u32 submissions, u32 zero; each: f64 ticket, stream, bytes;
 *              u32 entries, durable, frames, zero;
 *              each frame: f64 time; u32 type, payload bytes; the payload, padded to 8
 *   progress   f64 writes, syncs, bytes, segments; u32 written, durable;
 *              each written: f64 ticket, segment, offset, first seq, journal seq; each durable: f64
 */
import type { RecordCodec } from '../platform/channel.ts';
import type { RecordPlace } from '../platform/shared-ring.ts';
import type { JournalCommand, JournalEvent, Placement } from './journal-protocol.ts';
import type { Submission, SubmittedFrame } from './submission.ts';

/** Payloads of at least this size move to the thread instead of being copied. */
export const transferBytesMin: number = 32 * 1024;
/** A record of at most this size leaves room for others. */
const recordBytesMax = 128 * 1024;

const submissionBytes = 40;
const frameBytes = 16;
const placementBytes = 40;

/** Submissions without large payloads. */
export const commandCodec: RecordCodec<JournalCommand> = {
  measure: (command) => {
    if (command.kind !== 'submit') return null;
    let bytes = 8;
    for (const { frames } of command.submissions) {
      bytes += submissionBytes;
      for (const { payload } of frames) {
        if (payload.length >= transferBytesMin) return null;
        bytes += frameBytes + padded(payload.length);
      }
    }
    return bytes <= recordBytesMax ? bytes : null;
  },
  write: (command, place) => {
    if (command.kind !== 'submit') return;
    const { view, bytes } = place;
    let { at } = place;
    view.setUint32(at, command.submissions.length, true);
    at += 8;
    for (const submission of command.submissions) {
      view.setFloat64(at, submission.ticket, true);
      view.setFloat64(at + 8, submission.stream, true);
      view.setFloat64(at + 16, submission.bytes, true);
      view.setUint32(at + 24, submission.entries, true);
      view.setUint32(at + 28, submission.durability === 'durable' ? 1 : 0, true);
      view.setUint32(at + 32, submission.frames.length, true);
      at += submissionBytes;
      for (const { timeMs, type, payload } of submission.frames) {
        view.setFloat64(at, timeMs, true);
        view.setUint32(at + 8, type, true);
        view.setUint32(at + 12, payload.length, true);
        bytes.set(payload, at + frameBytes);
        at += frameBytes + padded(payload.length);
      }
    }
  },
  read: (place) => {
    const count = place.view.getUint32(place.at, true);
    const submissions: Submission[] = [];
    let at = place.at + 8;
    for (let index = 0; index < count; index += 1) {
      const { submission, end } = readSubmission({ ...place, at });
      submissions.push(submission);
      at = end;
    }
    return { kind: 'submit', submissions };
  },
};

function readSubmission({ view, bytes, at }: RecordPlace): {
  readonly submission: Submission;
  readonly end: number;
} {
  const frames: SubmittedFrame[] = [];
  const count = view.getUint32(at + 32, true);
  let end = at + submissionBytes;
  for (let index = 0; index < count; index += 1) {
    const length = view.getUint32(end + 12, true);
    const from = end + frameBytes;
    frames.push({
      type: view.getUint32(end + 8, true),
      timeMs: view.getFloat64(end, true),
      payload: bytes.slice(from, from + length),
    });
    end = from + padded(length);
  }
  const submission: Submission = {
    ticket: view.getFloat64(at, true),
    stream: view.getFloat64(at + 8, true),
    frames,
    entries: view.getUint32(at + 24, true),
    bytes: view.getFloat64(at + 16, true),
    durability: view.getUint32(at + 28, true) === 1 ? 'durable' : 'batched',
  };
  return { submission, end };
}

/** Progress. */
export const eventCodec: RecordCodec<JournalEvent> = {
  measure: (event) => {
    if (event.kind !== 'progress') return null;
    const bytes = 40 + event.written.length * placementBytes + event.durable.length * 8;
    return bytes <= recordBytesMax ? bytes : null;
  },
  write: (event, { view, at }) => {
    if (event.kind !== 'progress') return;
    const { counters, written, durable } = event;
    view.setFloat64(at, counters.writes, true);
    view.setFloat64(at + 8, counters.syncs, true);
    view.setFloat64(at + 16, counters.bytes, true);
    view.setFloat64(at + 24, counters.segments, true);
    view.setUint32(at + 32, written.length, true);
    view.setUint32(at + 36, durable.length, true);
    let to = at + 40;
    for (const { ticket, segment, offset, firstSeq, journalSeq } of written) {
      view.setFloat64(to, ticket, true);
      view.setFloat64(to + 8, segment, true);
      view.setFloat64(to + 16, offset, true);
      view.setFloat64(to + 24, firstSeq, true);
      view.setFloat64(to + 32, journalSeq, true);
      to += placementBytes;
    }
    for (const ticket of durable) {
      view.setFloat64(to, ticket, true);
      to += 8;
    }
  },
  read: ({ view, at }) => {
    const number = (offset: number): number => view.getFloat64(at + offset, true);
    const written: Placement[] = [];
    let from = 40;
    for (let count = view.getUint32(at + 32, true); count > 0; count -= 1) {
      written.push({
        ticket: number(from),
        segment: number(from + 8),
        offset: number(from + 16),
        firstSeq: number(from + 24),
        journalSeq: number(from + 32),
      });
      from += placementBytes;
    }
    const durable: number[] = [];
    for (let count = view.getUint32(at + 36, true); count > 0; count -= 1) {
      durable.push(number(from));
      from += 8;
    }
    const [writes, syncs, bytes, segments] = [number(0), number(8), number(16), number(24)];
    return { kind: 'progress', written, durable, counters: { writes, syncs, bytes, segments } };
  },
};

function padded(bytes: number): number {
  return (bytes + 7) & ~7;
}
