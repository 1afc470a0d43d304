/**
 * What is told of a transcript: one shape for the page, `--json` and the terminal, so that they
 * cannot disagree. Pure.
 */
import type { Place } from '../integrity/conversation.ts';
import type { TranscriptFinding } from '../integrity/finding.ts';
import type { Edit, PolicyName } from '../integrity/plan/edit.ts';
import type { ProfileName } from '../integrity/profile.ts';
import type { SnapshotSummary } from '../session/state.ts';
import type { SideConversation, TranscriptFacts } from '../transcript/transcript.ts';

/**
 * `repairable`: refused as it is, and the plan mends it; `damaged`: something cannot be read, or no
 * plan mends it.
 */
export type TranscriptVerdict = 'clean' | 'repairable' | 'damaged';

/** Something that a plan takes away, or that is gone already. */
export interface Loss {
  readonly messageIndex: number | null;
  /** In one sentence. */
  readonly told: string;
  /** What it said, where it can still be read. */
  readonly text: string | null;
  /** Of what stays in the bytes of the file: where. */
  readonly place?: Place | null;
}

/** What is known of bytes that were written and that nobody can read any more. */
export interface LostWords {
  /**
   * `unfinished`: the end of the file, cut while it was written; nobody ever had it. `zeros`: zero
   * bytes where a record may have stood.
   */
  readonly kind: 'unfinished' | 'zeros' | 'damaged';
  readonly code: TranscriptFinding['code'] | null;
  readonly line: number | null;
}

/** A change of bytes that no edit speaks of: it un-fuses, takes out what is no record, or links. */
export interface ByteMend {
  readonly offset: number;
  /** Bytes that make way. */
  readonly length: number;
  /** The first of them, at most 256; empty for an insertion. */
  readonly removed: Uint8Array;
  readonly added: Uint8Array;
  /** Why, where the bytes do not tell by themselves. */
  readonly told?: string;
  /** Where what makes way was written words. */
  readonly lost?: LostWords;
}

/** What a repair would do. */
export interface ReportedPlan {
  readonly policy: PolicyName;
  readonly edits: readonly Edit[];
  readonly mends: readonly ByteMend[];
  readonly lost: readonly Loss[];
  /** What is refused and stays as it is: a picture that is too large, and the like. */
  readonly unmended: readonly Loss[];
}

/** A command line that somebody may copy, and what it does. */
export interface NextStep {
  readonly why: string;
  /** Null for a step that is no command. */
  readonly line: string | null;
}

/** How often each thing occurs. */
export interface ReportCounts {
  readonly bytes: number | null;
  readonly records: number;
  readonly messages: number;
  readonly turns: number;
  readonly calls: number;
  readonly unanswered: number;
  readonly errors: number;
  readonly warnings: number;
  readonly notes: number;
}

/** As a reader tells them; how many messages a rewind left is not counted. */
export type ReportedSide = Omit<SideConversation, 'messages'> & {
  readonly messages: number | null;
};

/** The whole report. A change that a reader of `--json` would notice gets a new `schema`. */
export interface TranscriptReport {
  readonly schema: 'holdfast.transcript-report/1';
  readonly path: string;
  /** The format of the file, or `holdfast` for a session of a store. */
  readonly format: string;
  readonly profile: ProfileName;
  readonly verdict: TranscriptVerdict;
  /** The verdict in one sentence. */
  readonly told: string;
  readonly facts: TranscriptFacts;
  readonly counts: ReportCounts;
  readonly findings: readonly TranscriptFinding[];
  readonly sides: readonly ReportedSide[];
  /** Null when there is nothing to repair. */
  readonly plan: ReportedPlan | null;
  /** Why there is no plan though one was asked for; null when there is one. */
  readonly unplanned: string | null;
  readonly restorePoints: readonly SnapshotSummary[];
  readonly next: readonly NextStep[];
}
