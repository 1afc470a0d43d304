/** What every reader gives, whichever tool wrote the file. */
import type { PlacedMessage } from '../integrity/conversation.ts';
import type { TranscriptFinding } from '../integrity/finding.ts';
import type { Edit } from '../integrity/plan/edit.ts';
import type { Lost } from '../integrity/plan/plan.ts';
import type { ProfileName } from '../integrity/profile.ts';
import type { ByteSource } from './byte-source.ts';
import type { Splice } from './splice.ts';

/** The formats that are told apart by content. */
export type FormatName =
  | 'claude-code'
  | 'codex'
  | 'gemini-cli'
  | 'opencode'
  | 'goose'
  | 'cline'
  | 'pi'
  | 'copilot-cli'
  | 'kimi'
  | 'openai-messages'
  | 'anthropic-messages'
  | 'openai-responses'
  | 'gemini-contents'
  | 'ai-sdk'
  | 'ai-sdk-ui';

/** What a transcript says of itself. */
export interface TranscriptFacts {
  readonly sessionId: string | null;
  readonly title: string | null;
  readonly cwd: string | null;
  /** Version of the tool that wrote it. */
  readonly version: string | null;
  readonly model: string | null;
}

/** Messages that are in the file but not in the conversation: a side chain, a branch, a past. */
export interface SideConversation {
  readonly kind: 'sidechain' | 'branch' | 'compacted' | 'rolled-back';
  readonly id: string | null;
  readonly messages: number;
}

/** A transcript that was read. Its bytes are decoded again where they are needed. */
export interface Transcript {
  readonly format: FormatName;
  /** The provider that its tool talks to. */
  readonly profile: ProfileName;
  readonly records: number;
  readonly facts: TranscriptFacts;
  /** Faults of bytes and graph; those of messages are found by the rules. */
  readonly findings: readonly TranscriptFinding[];
  readonly sides: readonly SideConversation[];
  /**
   * True when the listener has heard exactly this conversation while the file was read; in formats
   * that are only known at their end nobody is told anything.
   */
  readonly heard?: boolean;
  /** True for a file that is one value of JSON, which its tool reads as a whole or not at all. */
  readonly isOneValue?: boolean;
  /** The conversation as the tool's own reader rebuilds it; may be walked again and again. */
  conversation(): Iterable<PlacedMessage>;
  /**
   * Splices that mend the bytes: un-fuse, take out NULs, the torn tail and doubled records; where
   * nothing of that is amiss, those that link records anew. What they give may need some more.
   */
  readonly mends: readonly Splice[];
  /**
   * Splices that carry edits out in the tool's own format, null when that format is only read.
   * Throws `INVALID` for an edit that the format has no words for.
   */
  readonly write: ((edits: readonly Edit[]) => readonly Splice[]) | null;
  /**
   * What edits take away beside the conversation: what the tool keeps for itself in a record that
   * goes. Absent where records have nothing of that.
   */
  readonly lostBeside?: (edits: readonly Edit[]) => readonly Lost[];
}

/**
 * Hears a conversation while its file is read, which saves reading it twice. Where a conversation
 * ends up is only known at the end of a file, so this is a guess: `heard` tells whether it held.
 */
export interface EarlyListener {
  /** A conversation begins; what was heard before counts no more. */
  begin(profile: ProfileName): void;
  /** The next message. */
  hear(message: PlacedMessage): void;
}

/** A format, as data. */
export interface FormatReader {
  readonly name: FormatName;
  /**
   * How sure this is the format, from the first records of the file (at most 64 of them, and
   * `undefined` values left out): 0 is no, 1 is certain.
   */
  recognise(first: readonly unknown[]): number;
  /** Reads the file; yields how many bytes are done, so that the caller can show it or stop. */
  open(source: ByteSource, early?: EarlyListener): Generator<number, Transcript, void>;
}
