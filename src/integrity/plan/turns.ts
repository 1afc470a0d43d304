/** Passes for providers that are strict about who speaks after whom, and where calls stand. */
import type { DraftMessage, Why } from './draft.ts';
import type { Pass } from './pass.ts';
import { heldIn, runsOf } from './runs.ts';
import { isBlankText, isCall, isResult, sideOf, textBlock } from './shapes.ts';

/** Moves what stands behind a call of its answer in front of the first one. */
export const putCallsLast: Pass = ({ draft, needs }) => {
  if (!needs.callsLast) return;
  for (const run of runsOf(draft, needs)) {
    if (run.side !== 'assistant') continue;
    const blocks = heldIn(run.messages);
    const at = blocks.findIndex(({ block }) => isCall(block.content));
    const first = blocks[at];
    if (first === undefined) continue;
    for (const { message, block } of blocks.slice(at + 1)) {
      if (isCall(block.content) || isBlankText(block.content)) continue;
      const index = first.message.blocks.indexOf(first.block);
      draft.move(block, message, first.message, index, {
        reason: 'CONTENT_AFTER_CALL',
        told: 'This stands behind a call of its answer; it moves in front of the calls.',
      });
    }
  }
};

/** Joins messages of one side in a row, where roles must take turns. */
export const takeTurns: Pass = ({ draft, needs }) => {
  if (!needs.takesTurns) return;
  let first: DraftMessage | null = null;
  for (const message of draft.messages.slice()) {
    const side = sideOf(message.role);
    if (side === 'system' || side === undefined) continue;
    if (first === null || sideOf(first.role) !== side) {
      first = message;
      continue;
    }
    const told = `Two messages of the ${side} stand in a row; the second joins the first.`;
    const why: Why = { reason: 'ROLE_ORDER', told };
    for (const block of message.blocks.slice()) {
      draft.move(block, message, first, first.blocks.length, why);
    }
    draft.removeMessage(message, why);
  }
};

type Speaker = 'results' | 'user' | 'assistant' | 'system';

interface Refusal {
  readonly message: DraftMessage;
  /** The block of the message that may not follow; 0 when the whole message may not. */
  readonly at: number;
  readonly needed: 'user' | 'assistant';
}

/** Lets the model speak behind results, and the user in front of instructions. */
export const answerResults: Pass = ({ draft, needs }) => {
  if (!needs.answersResults) return;
  for (let next = refusal(draft.messages); next !== null; next = refusal(draft.messages)) {
    const { message, at, needed } = next;
    if (at > 0) {
      const told = 'What is said behind results becomes a message of its own.';
      const rest = message.blocks.slice(at);
      const apart = draft.insertMessage(message, 'user', { reason: 'ROLE_ORDER', told });
      for (const block of rest) {
        draft.move(block, message, apart, apart.blocks.length, { reason: 'ROLE_ORDER', told });
      }
      continue;
    }
    const isModel = needed === 'assistant';
    const why: Why = {
      reason: 'ROLE_ORDER',
      told: isModel
        ? 'Behind results the model has to speak; a message says that its answer is missing.'
        : 'Instructions come behind the user; a message in front announces them.',
    };
    const words = isModel ? '[The answer to these results is missing.]' : '[Instructions follow.]';
    const before = draft.messages[draft.messages.indexOf(message) - 1] ?? null;
    draft.insert(draft.insertMessage(before, needed, why), 0, textBlock(words), why);
  }
};

/** The first place at which somebody speaks who may not. */
function refusal(messages: readonly DraftMessage[]): Refusal | null {
  let before: Speaker | null = null;
  for (const message of messages) {
    for (const [at, speaker] of speakersOf(message)) {
      const isEarly = before === 'results' && (speaker === 'user' || speaker === 'system');
      if (isEarly) return { message, at, needed: 'assistant' };
      if (before === 'assistant' && speaker === 'system') return { message, at, needed: 'user' };
      before = speaker;
    }
  }
  return null;
}

/** Results and other content of a user's message are messages of their own, in their order. */
function speakersOf({ role, blocks }: DraftMessage): readonly (readonly [number, Speaker])[] {
  const side = sideOf(role);
  if (side !== 'user') return side === undefined ? [] : [[0, side]];
  const speakers: [number, Speaker][] = [];
  for (const [at, { content }] of blocks.entries()) {
    const speaker = isResult(content) ? 'results' : 'user';
    if (speaker !== speakers.at(-1)?.[1]) speakers.push([at, speaker]);
  }
  return speakers;
}
