/** What a plan is: exact edits, and what people must know before they apply them. Pure. */
import type { BlockRef } from '../conversation.ts';
import type { TranscriptCode } from '../finding.ts';
import type { Edit } from './edit.ts';

/** Something that a plan takes away and that stands nowhere else afterwards. */
export interface Lost {
  /** Where it stood, by the numbers before any edit. */
  readonly at: BlockRef;
  readonly kind: 'text' | 'call' | 'result' | 'thinking' | 'other';
  readonly reason: TranscriptCode;
  /** Set for calls and results. */
  readonly callId: string | null;
  /** What is lost and why, in one sentence. */
  readonly told: string;
  /** What it said, as a person reads it; empty for what has no words. */
  readonly text: string;
}

/** Something that the profile refuses and that no edit may decide. */
export interface Unmended {
  readonly reason: TranscriptCode;
  /** What it is and what a person can do, in one sentence. */
  readonly told: string;
}

/** What is to be done to a conversation. No edits: it can go out as it is. */
export interface Plan {
  readonly edits: readonly Edit[];
  readonly lost: readonly Lost[];
  readonly unmended: readonly Unmended[];
}

/** What a journal knows of a call beyond the conversation. */
export type CallOutcome = 'not-started' | 'unknown' | 'finished';

/** What is known beside the messages. */
export interface PlanOptions {
  /** Tells what became of a call without a result; without it every outcome is unknown. */
  readonly outcomeOf?: (callId: string) => CallOutcome;
}
