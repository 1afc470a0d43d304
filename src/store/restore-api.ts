/** Restore points and rewinding, as the public library shows them. */
import type { SeqRange } from '../base/errors.ts';
import type { Message, NewMessage } from '../session/message.ts';
import type { SessionState, SnapshotSummary } from '../session/state.ts';
import type { Durability } from './durability.ts';

/** What a snapshot is taken with. */
export interface TakeOptions {
  /** What is going on, in a line; 1 to 1000 characters. */
  readonly action: string;
  /** A snapshot with a label is never cleaned up. 1 to 1000 characters. */
  readonly label?: string;
  /** Default `durable`. */
  readonly durability?: Durability;
}

/** A snapshot that was loaded: the session as it was. */
export interface Snapshot extends SnapshotSummary {
  /** The last entry that it covers. */
  readonly at: number;
  readonly state: SessionState;
  /**
   * The conversation up to the snapshot, streaming. When it is read whole, its content digest is
   * compared with that of the snapshot at the end: DAMAGED when they differ.
   */
  messages(options?: {
    readonly from?: number;
    readonly reverse?: boolean;
    readonly limit?: number;
    readonly signal?: AbortSignal;
  }): AsyncIterable<{ readonly seq: number; readonly message: Message }>;
  /** Reads the conversation whole and compares its digest. DAMAGED. */
  verify(): Promise<void>;
}

/** The restore points of one session. Ids are the seqs of their entries, so none ever repeats. */
export interface SnapshotStore {
  /** Costs the same whatever the length of the session. INVALID, TOO_LARGE, READ_ONLY. */
  take(options: TakeOptions): Promise<SnapshotSummary>;
  /** Oldest first: all with a label, and the newest 50 without. */
  list(): readonly SnapshotSummary[];
  /**
   * Ids of those whose bytes are damaged: listed ones, and others that opening the session came
   * across. Nothing of the conversation is lost by it, and the others serve.
   */
  damaged(): Promise<readonly number[]>;
  /** Also one that is not listed any more. NOT_FOUND, DAMAGED. */
  load(id: number): Promise<Snapshot>;
  /** Null takes the label away. NOT_FOUND, INVALID, READ_ONLY. */
  label(id: number, label: string | null): Promise<void>;
  /** Keeps the newest `keep` (0 to 50, default 50) of those without a label. */
  cleanup(options?: { readonly keep?: number }): Promise<{ readonly removed: readonly number[] }>;
}

/** Where to rewind to; exactly one of the three. */
export type RewindTarget =
  /** To a snapshot, also one on a branch that was left. */
  | { readonly snapshot: number }
  /** So many messages of the current conversation stay. */
  | { readonly messages: number }
  /** To where the newest rewind left from. */
  | 'undo';

/** What is rewound, what follows there, and whether it is only looked at. */
export interface RewindOptions {
  readonly to: RewindTarget;
  /**
   * Messages that go on from there, in one batch with the rewind: after a crash the conversation is
   * the old one or the new one, whole. `messagesAfter` counts them. At most 4094.
   */
  readonly append?: readonly NewMessage[];
  /** Changes nothing; the result says what would happen. */
  readonly dryRun?: boolean;
}

/** What a rewind does. */
export interface RewindResult {
  /** The last entry that stays in front. */
  readonly to: number;
  /** Messages of the conversation before and after, with those that were appended. */
  readonly messagesBefore: number;
  readonly messagesAfter: number;
  /**
   * How many messages fewer stay than were asked for, because a call of a tool must not stand
   * without its result.
   */
  readonly movedBy: number;
  /**
   * What leaves the conversation; it stays readable. Ends in front of its beginning when nothing
   * does, because the conversation stands there already: nothing is written then.
   */
  readonly cut: SeqRange;
  /** Seq of the rewind, which `to: 'undo'` takes back; null when nothing was written. */
  readonly seq: number | null;
}
