/**
 * The turns of a draft: messages of one side in a row, which senders join into one; but for answers
 * where the provider wants each one in front of its own results. Where system messages travel apart
 * they stand between nothing, and neither do those that say nothing.
 */
import type { DraftBlock, Draft, DraftMessage } from './draft.ts';
import type { ProviderNeeds } from './provider-needs.ts';
import { isBlankText, isResult, sideOf } from './shapes.ts';
import type { Side } from './shapes.ts';

/** Messages of one side in a row. */
export interface Run {
  readonly side: Side;
  readonly messages: DraftMessage[];
}

/** A block with the message that holds it. */
export interface Held {
  readonly message: DraftMessage;
  readonly block: DraftBlock;
}

/** The turns in their order. Messages of unknown roles are in none. */
export function runsOf(draft: Draft, needs: ProviderNeeds): readonly Run[] {
  const runs: Run[] = [];
  for (const message of draft.messages) {
    const side = sideOf(message.role);
    if (side === undefined || (side === 'system' && isApart(message, needs))) continue;
    const last = runs.at(-1);
    const isJoined = side !== 'assistant' || needs.joinsAnswers;
    if (last?.side === side && isJoined) last.messages.push(message);
    else runs.push({ side, messages: [message] });
  }
  return runs;
}

function isApart({ blocks }: DraftMessage, { systemApart }: ProviderNeeds): boolean {
  return systemApart || blocks.every(({ content }) => isBlankText(content));
}

/** The blocks of messages, in their order. */
export function heldIn(messages: readonly DraftMessage[]): readonly Held[] {
  const held: Held[] = [];
  for (const message of messages) {
    for (const block of message.blocks) held.push({ message, block });
  }
  return held;
}

/** True when somebody speaks in a user's message, instead of only handing results over. */
export function isPrompt(message: DraftMessage): boolean {
  return (
    sideOf(message.role) === 'user' &&
    message.blocks.some(({ content }) => !isResult(content) && !isBlankText(content))
  );
}
