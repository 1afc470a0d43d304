/** What is handed to a journal: frames of one stream that are written together or not at all. */

/** Names a submission within one journal; given in ascending order. */
export type Ticket = number;

/** A frame as its owner hands it over: sequence numbers are given when the batch is formed. */
export interface SubmittedFrame {
  readonly type: number;
  readonly payload: Uint8Array;
  readonly timeMs: number;
}

/** Frames of one stream that become durable together. */
export interface Submission {
  readonly ticket: Ticket;
  /** Number that the owner gave the stream when it was opened. */
  readonly stream: number;
  /** Empty for a barrier: it is durable once all before it is. */
  readonly frames: readonly SubmittedFrame[];
  /** Frames that take a sequence number of the stream. */
  readonly entries: number;
  /** Bytes that the frames take, headers included. */
  readonly bytes: number;
  readonly durability: 'durable' | 'batched';
}
