/** The small folded state of a session: what is known without reading the conversation again. */
import type { Compaction, Cut, OpenCall, Status, Trigger } from './facts.ts';

export type { OpenCall, StateImage } from './facts.ts';

/** What a handle knows of its session; it shows what the handle has acknowledged. */
export interface SessionState {
  /** The newest entry that this handle has seen acknowledged; 0 for an empty session. */
  readonly lastSeq: number;
  readonly durableUpTo: number;
  readonly entries: number;
  readonly messages: number;
  readonly userMessages: number;
  readonly assistantMessages: number;
  readonly toolUses: number;
  readonly toolResults: number;
  readonly model: string | null;
  readonly provider: string | null;
  readonly cwd: string | null;
  readonly name: string | null;
  readonly tags: readonly string[];
  readonly status: Status | null;
  /** All metadata fields, also those with a name of their own above. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly openCalls: readonly OpenCall[];
  /** SHA-256, hex, chained per message (see ARCHITECTURE.md, Content digest). */
  readonly contentDigest: string;
  /** When the session was made, as `store.sessions()` tells it. */
  readonly createdMs: number | null;
  /** When its newest entry was appended; null for a session without entries. */
  readonly updatedMs: number | null;
  /** The newest compaction of the current branch. */
  readonly compaction: (Compaction & { readonly seq: number }) | null;
  /** What rewinds have taken out of the current branch, ascending. */
  readonly cuts: readonly Cut[];
  /** The newest rewind, which an undo would take back. */
  readonly rewound: { readonly seq: number; readonly to: number } | null;
}

/** A snapshot as it is listed. */
export interface SnapshotSummary {
  /** Seq of its entry. */
  readonly id: number;
  readonly timeMs: number;
  /** Messages of the conversation up to it. */
  readonly messageIndex: number;
  readonly action: string;
  readonly trigger: Trigger | null;
  readonly label: string | null;
  readonly contentDigest: string;
  /** False for one on a branch that a rewind left. */
  readonly onBranch: boolean;
}
