/** Passes for providers that are strict about who speaks after whom, and where calls stand. */
import { present } from '../../base/assert.ts';
import type { Draft, DraftMessage, Why } from './draft.ts';
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

/** Lets the model speak behind results, and the user in front of instructions. */
export const answerResults: Pass = ({ draft, needs }) => {
  if (!needs.answersResults) return;
  let before: Speaker | null = null;
  for (let at = 0; at < draft.messages.length; ) {
    const message = present(draft.messages[at], 'the number is one of a message');
    const speakers = speakersOf(message);
    const fault = firstRefused(before, speakers);
    if (fault === null) {
      before = speakers.at(-1)?.[1] ?? before;
      at += 1;
    } else if (fault.block > 0) {
      partBehind(draft, message, fault.block);
    } else {
      announce(draft, draft.messages[at - 1] ?? null, fault.needed);
    }
  }
};

interface Refused {
  readonly block: number;
  /** Who has to speak first. */
  readonly needed: 'user' | 'assistant';
}

/** The first block of a message that may not stand where it does. */
function firstRefused(
  last: Speaker | null,
  speakers: readonly (readonly [number, Speaker])[],
): Refused | null {
  let before = last;
  for (const [block, speaker] of speakers) {
    const isEarly = before === 'results' && (speaker === 'user' || speaker === 'system');
    if (isEarly) return { block, needed: 'assistant' };
    if (before === 'assistant' && speaker === 'system') return { block, needed: 'user' };
    before = speaker;
  }
  return null;
}

function partBehind(draft: Draft, message: DraftMessage, from: number): void {
  const told = 'What is said behind results becomes a message of its own.';
  const why: Why = { reason: 'ROLE_ORDER', told };
  const rest = message.blocks.slice(from);
  const apart = draft.insertMessage(message, 'user', why);
  for (const block of rest) draft.move(block, message, apart, apart.blocks.length, why);
}

function announce(draft: Draft, behind: DraftMessage | null, needed: Refused['needed']): void {
  const isModel = needed === 'assistant';
  const why: Why = {
    reason: 'ROLE_ORDER',
    told: isModel
      ? 'Behind results the model has to speak; a message says that its answer is missing.'
      : 'Instructions come behind the user; a message in front announces them.',
  };
  const words = isModel ? '[The answer to these results is missing.]' : '[Instructions follow.]';
  draft.insert(draft.insertMessage(behind, needed, why), 0, textBlock(words), why);
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
