/**
 * The edits of a plan. All numbers are those of the conversation before any edit, so edits do not
 * depend on their order, but for insertions at one point, which come out in the order of the plan.
 * Pure.
 */
import { unreachable } from '../../base/assert.ts';
import type { ContentBlock } from '../../session/message.ts';
import type { BlockRef } from '../conversation.ts';
import type { TranscriptCode } from '../finding.ts';

/** What every edit says of itself. */
interface Told {
  /** The finding that it answers. */
  readonly reason: TranscriptCode;
  /** What is done and why, in one sentence. */
  readonly told: string;
}

/** One exact change. A move is a removal and an insertion. */
export type Edit = Told &
  (
    | {
        readonly kind: 'insert-message';
        /** In front of this message; the number of messages stands for the end. */
        readonly before: number;
        readonly role: 'user' | 'assistant';
        readonly content: readonly ContentBlock[];
      }
    | { readonly kind: 'remove-message'; readonly message: number }
    | {
        readonly kind: 'insert-block';
        /** In front of this block; the number of blocks stands for the end of the message. */
        readonly at: BlockRef;
        readonly content: ContentBlock;
      }
    | { readonly kind: 'remove-block'; readonly at: BlockRef }
    | { readonly kind: 'replace-block'; readonly at: BlockRef; readonly content: ContentBlock }
  );

/** `annotate` adds results that say the outcome is unknown; the others take away. */
export const policyNames = ['annotate', 'drop', 'truncate-to-last-complete-turn'] as const;

/** How dangling calls are dealt with. */
export type PolicyName = (typeof policyNames)[number];

/** The message that an edit belongs to, and the one that it stands in front of when it inserts. */
export function messageOf(edit: Edit): number {
  switch (edit.kind) {
    case 'insert-message':
      return edit.before;
    case 'remove-message':
      return edit.message;
    case 'insert-block':
    case 'remove-block':
    case 'replace-block':
      return edit.at.message;
    default:
      return unreachable(edit);
  }
}
