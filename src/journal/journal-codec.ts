/**
 * The messages of every append as records in shared memory: submissions on their way to the writer,
 * progress on its way back. Everything else is rare and goes over the port as it is. Both sides are
 * this very code in one process, so there is no version and no checksum. Pure.
 *
 *   submit     u32 submissions, u32 measured; each: f64 ticket, stream, bytes;
 *              u32 entries, durable, frames, zero;
 *              each frame: f64 time; u32 type, payload bytes; the payload, padded to 8
 *   progress   f64 commits, syncs, bytes, rotations, segments, segment bytes;
 *              u32 written, durable, commits measured, syncs measured;
 *              each written: f64 ticket, segment, offset, first seq, journal seq;
 *              each durable: f64;
 *              each commit: f64 entries, bytes, segment, ms; each sync: f64 entries, ms
 */
import { viewOf } from '../format/bytes.ts';
import type { RecordCodec } from '../platform/channel.ts';
import type { RecordPlace } from '../platform/shared-ring.ts';
import { noMeasures } from './journal-protocol.ts';
import type {
  CommitMeasure,
  JournalCommand,
  JournalCounters,
  JournalEvent,
  Measures,
  Placement,
  SyncMeasure,
} from './journal-protocol.ts';
import type { Submission, SubmittedFrame } from './submission.ts';

/** Payloads of at least this size move to the thread instead of being copied. */
export const transferBytesMin: number = 32 * 1024;
/**
 * Records of at most these sizes leave room for others. A command holds what hundreds of appenders
 * say in one turn: cloned for the port, it would cost more than its write.
 */
const recordBytesMax = { command: 640 * 1024, event: 128 * 1024 } as const;

const submissionBytes = 40;
const frameBytes = 16;
const placementBytes = 40;
const progressBytes = 64;
const commitBytes = 32;
const syncBytes = 16;

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
    return bytes <= recordBytesMax.command ? bytes : null;
  },
  write: (command, place) => {
    if (command.kind !== 'submit') return;
    const { view, bytes } = place;
    let { at } = place;
    view.setUint32(at, command.submissions.length, true);
    view.setUint32(at + 4, command.measured ? 1 : 0, true);
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
    const measured = place.view.getUint32(place.at + 4, true) === 1;
    const submissions: Submission[] = [];
    // One copy of the whole record, of which the payloads are parts, and not one for each of them.
    const bytes = place.bytes.slice(place.at, place.end);
    const copy = { bytes, view: viewOf(bytes) };
    let at = 8;
    for (let index = 0; index < count; index += 1) {
      const { submission, end } = readSubmission({ ...copy, at });
      submissions.push(submission);
      at = end;
    }
    return { kind: 'submit', submissions, measured };
  },
};

function readSubmission({ view, bytes, at }: Omit<RecordPlace, 'end'>): {
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
      payload: bytes.subarray(from, from + length),
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
    const { written, durable, measures } = event;
    let bytes = progressBytes + written.length * placementBytes + durable.length * 8;
    bytes += measures.commits.length * commitBytes + measures.syncs.length * syncBytes;
    return bytes <= recordBytesMax.event ? bytes : null;
  },
  write: (event, { view, at }) => {
    if (event.kind !== 'progress') return;
    const { counters, written, durable, measures } = event;
    view.setFloat64(at, counters.commits, true);
    view.setFloat64(at + 8, counters.syncs, true);
    view.setFloat64(at + 16, counters.bytes, true);
    view.setFloat64(at + 24, counters.rotations, true);
    view.setFloat64(at + 32, counters.segments, true);
    view.setFloat64(at + 40, counters.segmentBytes, true);
    view.setUint32(at + 48, written.length, true);
    view.setUint32(at + 52, durable.length, true);
    view.setUint32(at + 56, measures.commits.length, true);
    view.setUint32(at + 60, measures.syncs.length, true);
    let to = at + progressBytes;
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
    writeMeasures(measures, { view, at: to });
  },
  read: ({ view, at }) => {
    const number = (offset: number): number => view.getFloat64(at + offset, true);
    const written: Placement[] = [];
    let from = progressBytes;
    for (let count = view.getUint32(at + 48, true); count > 0; count -= 1) {
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
    for (let count = view.getUint32(at + 52, true); count > 0; count -= 1) {
      durable.push(number(from));
      from += 8;
    }
    const measures = readMeasures({ view, at: at + from }, { view, at: at + 56 });
    return { kind: 'progress', written, durable, counters: countersAt(number), measures };
  },
};

function countersAt(number: (offset: number) => number): JournalCounters {
  const [commits, syncs, bytes, rotations] = [number(0), number(8), number(16), number(24)];
  return { commits, syncs, bytes, rotations, segments: number(32), segmentBytes: number(40) };
}

/** The numbers of a record from a place on. */
type NumbersPlace = Pick<RecordPlace, 'view' | 'at'>;

function writeMeasures({ commits, syncs }: Measures, { view, at }: NumbersPlace): void {
  let to = at;
  for (const { entries, bytes, segment, durationMs } of commits) {
    view.setFloat64(to, entries, true);
    view.setFloat64(to + 8, bytes, true);
    view.setFloat64(to + 16, segment, true);
    view.setFloat64(to + 24, durationMs, true);
    to += commitBytes;
  }
  for (const { entries, durationMs } of syncs) {
    view.setFloat64(to, entries, true);
    view.setFloat64(to + 8, durationMs, true);
    to += syncBytes;
  }
}

/** Their counts stand in the head of the record. */
function readMeasures(place: NumbersPlace, counts: NumbersPlace): Measures {
  const { view } = place;
  const commitCount = view.getUint32(counts.at, true);
  const syncCount = view.getUint32(counts.at + 4, true);
  if (commitCount + syncCount === 0) return noMeasures;
  const commits: CommitMeasure[] = [];
  let at = place.at;
  for (let index = 0; index < commitCount; index += 1) {
    commits.push({
      entries: view.getFloat64(at, true),
      bytes: view.getFloat64(at + 8, true),
      segment: view.getFloat64(at + 16, true),
      durationMs: view.getFloat64(at + 24, true),
    });
    at += commitBytes;
  }
  const syncs: SyncMeasure[] = [];
  for (let index = 0; index < syncCount; index += 1) {
    syncs.push({
      entries: view.getFloat64(at, true),
      durationMs: view.getFloat64(at + 8, true),
    });
    at += syncBytes;
  }
  return { commits, syncs };
}

function padded(bytes: number): number {
  return (bytes + 7) & ~7;
}
