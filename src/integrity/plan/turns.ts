/** Passes for providers that are strict about who speaks after whom, and where calls stand. */
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
    const late = blocks
      .slice(at + 1)
      .filter(({ block: { content } }) => !isCall(content) && !isBlankText(content));
    if (late.length === 0) continue;
    const told = 'This stands behind a call of its answer; it moves in front of the calls.';
    const why: Why = { reason: 'CONTENT_AFTER_CALL', told };
    // What moves stands behind the call, so the number of the call stays what it is.
    const index = first.message.blocks.indexOf(first.block);
    const moved = late.map(({ message, block }) => ({ block, source: message, why }));
    draft.put(first.message, index, moved);
  }
};

/** Joins messages of one side in a row, where roles must take turns. */
export const takeTurns: Pass = ({ draft, needs }) => {
  if (!needs.takesTurns) return;
  let first: DraftMessage | null = null;
  let joining: DraftMessage[] = [];
  for (const message of draft.messages) {
    const side = sideOf(message.role);
    if (side === 'system' || side === undefined) continue;
    if (first !== null && sideOf(first.role) === side) joining.push(message);
    else {
      join(draft, first, joining);
      first = message;
      joining = [];
    }
  }
  join(draft, first, joining);
};

function join(draft: Draft, first: DraftMessage | null, others: readonly DraftMessage[]): void {
  if (first === null || others.length === 0) return;
  const side = String(sideOf(first.role));
  const told = `Two messages of the ${side} stand in a row; the second joins the first.`;
  const why: Why = { reason: 'ROLE_ORDER', told };
  const moved = others.flatMap((source) => source.blocks.map((block) => ({ block, source, why })));
  if (moved.length > 0) draft.put(first, first.blocks.length, moved);
  for (const message of others) draft.removeMessage(message, why);
}

type Speaker = 'results' | 'user' | 'assistant' | 'system';

/** Lets the model speak behind results, and the user in front of instructions. */
export const answerResults: Pass = ({ draft, needs }) => {
  if (!needs.answersResults) return;
  let before: Speaker | null = null;
  let behind: DraftMessage | null = null;
  for (const message of draft.messages) {
    let rest: DraftMessage | null = message;
    while (rest !== null) {
      const fault = firstRefused(before, speakersOf(rest));
      if (fault?.block === 0) {
        behind = announce(draft, behind, fault.needed);
        before = fault.needed;
        continue;
      }
      const apart: DraftMessage | null =
        fault === null ? null : partBehind(draft, rest, fault.block);
      before = speakersOf(rest).at(-1)?.[1] ?? before;
      behind = rest;
      rest = apart;
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

function partBehind(draft: Draft, message: DraftMessage, from: number): DraftMessage {
  const told = 'What is said behind results becomes a message of its own.';
  const why: Why = { reason: 'ROLE_ORDER', told };
  const rest = message.blocks.slice(from);
  const apart = draft.insertMessage(message, 'user', why);
  draft.put(
    apart,
    0,
    rest.map((block) => ({ block, source: message, why })),
  );
  return apart;
}

function announce(
  draft: Draft,
  behind: DraftMessage | null,
  needed: Refused['needed'],
): DraftMessage {
  const isModel = needed === 'assistant';
  const why: Why = {
    reason: 'ROLE_ORDER',
    told: isModel
      ? 'Behind results the model has to speak; a message says that its answer is missing.'
      : 'Instructions come behind the user; a message in front announces them.',
  };
  const words = isModel ? '[The answer to these results is missing.]' : '[Instructions follow.]';
  const message = draft.insertMessage(behind, needed, why);
  draft.insert(message, 0, textBlock(words), why);
  return message;
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
