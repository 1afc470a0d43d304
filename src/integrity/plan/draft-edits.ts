/**
 * Reads the edits off a draft, by walking what was there before beside what is there now. What
 * stands between two pieces that stayed is inserted in front of the second one.
 */
import { addAll } from '../../base/lists.ts';
import { present } from '../../base/assert.ts';
import type { Draft, DraftBlock, DraftMessage } from './draft.ts';
import type { Edit } from './edit.ts';

/** The edits that lead from the messages of before to the draft, in the order of their places. */
export function editsOf(draft: Draft): readonly Edit[] {
  const edits: Edit[] = [];
  let next = 0;
  const stayed = numbersBehind(draft);
  for (const [at, message] of draft.messages.entries()) {
    if (message.from === null) {
      edits.push({
        kind: 'insert-message',
        before: stayed[at] ?? draft.before.length,
        role: message.role === 'assistant' ? 'assistant' : 'user',
        content: message.blocks.map(({ content }) => content),
        ...present(message.why, 'a new message knows why it is there'),
      });
      continue;
    }
    for (; next < message.from; next += 1) edits.push(removal(draft, next));
    next = message.from + 1;
    addAll(edits, blockEdits(draft, message, message.from));
  }
  for (; next < draft.before.length; next += 1) edits.push(removal(draft, next));
  return edits;
}

/** For each message of the draft, the number of the first one from there on that stayed. */
function numbersBehind({ messages, before }: Draft): readonly number[] {
  const numbers: number[] = [];
  let number = before.length;
  for (let at = messages.length - 1; at >= 0; at -= 1) {
    number = messages[at]?.from ?? number;
    numbers.push(number);
  }
  return numbers.reverse();
}

function removal(draft: Draft, message: number): Edit {
  const why = present(draft.goneMessages.get(message), 'a removed message knows why it went');
  return { kind: 'remove-message', message, ...why };
}

function blockEdits(draft: Draft, { blocks }: DraftMessage, message: number): readonly Edit[] {
  const edits: Edit[] = [];
  const count = draft.before[message]?.content.length ?? 0;
  const stayed = numbersFrom(blocks, count);
  let next = 0;
  const removeUpTo = (end: number): void => {
    for (; next < end; next += 1) {
      const why = draft.goneBlocks.get(`${message}:${next}`);
      const at = { message, block: next };
      edits.push({ kind: 'remove-block', at, ...present(why, 'a block knows why it went') });
    }
  };
  for (const [at, { content, from, isHome, why }] of blocks.entries()) {
    const home = isHome ? from : null;
    if (home === null) {
      const place = { message, block: stayed[at] ?? count };
      const reason = present(why, 'a new block knows why it is there');
      edits.push({ kind: 'insert-block', at: place, content, ...reason });
      continue;
    }
    removeUpTo(home.block);
    next = home.block + 1;
    if (why !== null) edits.push({ kind: 'replace-block', at: home, content, ...why });
  }
  removeUpTo(count);
  return edits;
}

/** For each block of a message, the number of the first one from there on that is at home. */
function numbersFrom(blocks: readonly DraftBlock[], count: number): readonly number[] {
  const numbers: number[] = [];
  let number = count;
  for (let at = blocks.length - 1; at >= 0; at -= 1) {
    const block = blocks[at];
    if (block?.isHome === true) number = block.from?.block ?? number;
    numbers.push(number);
  }
  return numbers.reverse();
}
