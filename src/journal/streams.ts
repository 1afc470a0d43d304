/**
 * What a writer knows of its streams: the last sequence and the chain of each, and in which segment
 * it was introduced. Frames get their sequence numbers here, when their batch is formed; a batch
 * that fails gives them back, so that sequence numbers never have a hole.
 */
import { assert, present } from '../base/assert.ts';
import { attachType, isEntryType } from '../format/control.ts';
import { xxh64 } from '../format/checksum.ts';
import { viewOf } from '../format/bytes.ts';
import { nextChain } from '../format/frame.ts';
import type { LooseFrame } from './batch.ts';
import type { Submission } from './submission.ts';

/** A stream as its owner opens it. */
export interface StreamOpening {
  readonly stream: number;
  /** 16 bytes, unique for every life of what the stream stands for. */
  readonly key: Uint8Array;
  readonly lastSeq: number;
  readonly chain: bigint;
  /** Opaque: repeated in every segment before the stream's first frame there. */
  readonly introduction: Uint8Array;
}

interface StreamState {
  readonly key: Uint8Array;
  readonly introduction: Uint8Array;
  lastSeq: number;
  chain: bigint;
  introducedIn: number;
}

/** Frames of one submission with their numbers. */
export interface NumberedFrames {
  readonly submission: Submission;
  /** Index of its first frame in the batch; an introduction in front of it is not counted. */
  readonly firstFrame: number;
  /** Stream seq of its first entry, or of the last one before when it has none. */
  readonly firstSeq: number;
}

/** Payload of an introduction: the chain at that point, then the owner's bytes. */
export function encodeIntroduction(chain: bigint, introduction: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + introduction.length);
  viewOf(bytes).setBigUint64(0, chain, true);
  bytes.set(introduction, 8);
  return bytes;
}

/** Null when the bytes are too short to be one. */
export function decodeIntroduction(
  payload: Uint8Array,
): { readonly chain: bigint; readonly introduction: Uint8Array } | null {
  if (payload.length < 8) return null;
  return { chain: viewOf(payload).getBigUint64(0, true), introduction: payload.slice(8) };
}

/** The streams that one writer has open. */
export class Streams {
  readonly #states = new Map<number, StreamState>();
  #journalSeq: number;
  #saved: { readonly journalSeq: number; readonly states: Map<number, StreamState> } | null = null;

  constructor(lastJournalSeq: number) {
    this.#journalSeq = lastJournalSeq;
  }

  get lastJournalSeq(): number {
    return this.#journalSeq;
  }

  open(opening: StreamOpening): void {
    assert(!this.#states.has(opening.stream), 'a stream is opened once');
    const { key, introduction, lastSeq, chain } = opening;
    this.#states.set(opening.stream, { key, introduction, lastSeq, chain, introducedIn: 0 });
  }

  close(stream: number): void {
    this.#states.delete(stream);
  }

  /** Bytes that introductions may add to a batch of these submissions. */
  introductionPayloads(batch: readonly Submission[]): number[] {
    const streams = new Set(batch.filter((one) => one.frames.length > 0).map((one) => one.stream));
    return [...streams].map((stream) => 8 + this.#state(stream).introduction.length);
  }

  /** Numbers the frames of a batch that goes into this segment. Undone by `revert`. */
  number(
    batch: readonly Submission[],
    segment: number,
    timeMs: number,
  ): { readonly frames: LooseFrame[]; readonly numbered: NumberedFrames[] } {
    const touched = new Map<number, StreamState>();
    this.#saved = { journalSeq: this.#journalSeq, states: touched };
    const frames: LooseFrame[] = [];
    const numbered: NumberedFrames[] = [];
    for (const submission of batch) {
      if (submission.frames.length === 0) {
        numbered.push({ submission, firstFrame: frames.length, firstSeq: 0 });
        continue;
      }
      const state = this.#state(submission.stream);
      if (!touched.has(submission.stream)) touched.set(submission.stream, { ...state });
      if (state.introducedIn !== segment) {
        frames.push(this.#introduce(state, timeMs));
        state.introducedIn = segment;
      }
      const firstFrame = frames.length;
      const firstSeq = state.lastSeq + (submission.entries > 0 ? 1 : 0);
      for (const frame of submission.frames) frames.push(this.#numberFrame(state, frame));
      numbered.push({ submission, firstFrame, firstSeq });
    }
    return { frames, numbered };
  }

  /** The batch was written. */
  keep(): void {
    this.#saved = null;
  }

  /** The batch failed: its numbers are free again. */
  revert(): void {
    if (this.#saved === null) return;
    this.#journalSeq = this.#saved.journalSeq;
    for (const [stream, state] of this.#saved.states) this.#states.set(stream, state);
    this.#saved = null;
  }

  #state(stream: number): StreamState {
    return present(this.#states.get(stream), `stream ${stream} is open`);
  }

  #introduce(state: StreamState, timeMs: number): LooseFrame {
    const payload = encodeIntroduction(state.chain, state.introduction);
    this.#journalSeq += 1;
    return {
      type: attachType,
      key: state.key,
      streamSeq: state.lastSeq,
      journalSeq: this.#journalSeq,
      timeMs,
      payload,
      payloadHash: xxh64(payload),
    };
  }

  #numberFrame(
    state: StreamState,
    frame: { readonly type: number; readonly payload: Uint8Array; readonly timeMs: number },
  ): LooseFrame {
    this.#journalSeq += 1;
    const isEntry = isEntryType(frame.type);
    if (isEntry) state.lastSeq += 1;
    const loose: LooseFrame = {
      type: frame.type,
      key: state.key,
      streamSeq: state.lastSeq,
      journalSeq: this.#journalSeq,
      timeMs: frame.timeMs,
      payload: frame.payload,
      payloadHash: xxh64(frame.payload),
    };
    if (isEntry) state.chain = nextChain(state.chain, loose);
    return loose;
  }
}
