/**
 * Blocks on the wrong side: only the model calls and thinks, and only a user message answers calls.
 * A result moves into a user message right behind; a call or a thought that is not the model's is
 * quoted as text, or taken out.
 */
import type { DraftBlock, DraftMessage, Why } from './draft.ts';
import { callWords, thoughtWords } from './losses.ts';
import type { Mending, Pass } from './pass.ts';
import { isCall, isResult, isThought, sideOf, textBlock } from './shapes.ts';

/** Puts every block on the side that it belongs to. */
export const putBlocksOnTheirSide: Pass = (mending) => {
  for (const message of mending.draft.messages) {
    const isModel = sideOf(message.role) === 'assistant';
    if (sideOf(message.role) !== 'user') moveResults(mending, message);
    if (isModel) continue;
    for (const block of message.blocks) {
      if (isCall(block.content) || isThought(block.content)) unsay(mending, message, block);
    }
  }
};

function moveResults({ draft }: Mending, message: DraftMessage): void {
  const results = message.blocks.filter(({ content }) => isResult(content));
  if (results.length === 0) return;
  const why: Why = {
    reason: 'DISPLACED_TOOL_RESULT',
    told: `A result stands in a message of the role ${message.role}; it moves into a user message.`,
  };
  const target = draft.insertMessage(message, 'user', why);
  draft.put(
    target,
    0,
    results.map((block) => ({ block, source: message, why })),
  );
}

function unsay(mending: Mending, message: DraftMessage, block: DraftBlock): void {
  const { draft, manner } = mending;
  const isOfTool = isCall(block.content);
  const what = isOfTool ? 'A call' : 'A thought';
  const words = isOfTool ? callWords(block.content) : thoughtWords(block.content);
  const told = `${what} stands in a message of the role ${message.role}`;
  if (manner === 'drop' || words === '') {
    draft.takeOut(
      message,
      block,
      { reason: 'ROLE_ORDER', told: `${told}; it is taken out.` },
      'lost',
    );
    return;
  }
  const why: Why = { reason: 'ROLE_ORDER', told: `${told}; it becomes a text that quotes it.` };
  const label = isOfTool ? 'A call of a tool that nobody made' : 'A thought that is nobody’s';
  draft.replace(block, textBlock(`[${label}: ${words}]`), why);
}
