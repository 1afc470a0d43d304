/**
 * Reasoning items of OpenAI: each is followed by what it led to, in the same answer, and no item
 * comes twice. Other blocks name their item in `item_id`. A doubled item with other content keeps
 * its content and loses its id.
 */
import type { Why } from './draft.ts';
import type { Pass } from './pass.ts';
import { heldIn, runsOf } from './runs.ts';
import { hasSignature, isBlankText, textMember, withMembers, words } from './shapes.ts';

/** Takes out reasoning that led to nothing. */
export const dropIdleReasoning: Pass = ({ draft, needs }) => {
  if (!needs.reasoningItems) return;
  const why: Why = {
    reason: 'REASONING_WITHOUT_ITEM',
    told: 'A reasoning item led to nothing; it is refused alone, so it goes.',
  };
  for (const run of runsOf(draft, needs)) {
    if (run.side !== 'assistant') continue;
    const blocks = heldIn(run.messages);
    const last = blocks.findLastIndex(
      ({ block: { content } }) => content.type !== 'reasoning' && !isBlankText(content),
    );
    for (const { message, block } of blocks.slice(last + 1)) {
      if (block.content.type === 'reasoning') draft.takeOut(message, block, why, 'lost');
    }
  }
};

/** Takes out items, reasoning or a compaction, whose encrypted content has lost bytes. */
export const dropDamagedItems: Pass = ({ draft, needs }) => {
  if (!needs.reasoningItems) return;
  const why: Why = {
    reason: 'UNSIGNED_THINKING',
    told: 'Bytes of the encrypted content of an item are lost; it is refused, so it goes.',
  };
  for (const { message, block } of heldIn(draft.messages)) {
    const { content } = block;
    if (!textMember(content, 'encrypted_content')) continue;
    if (!hasSignature(content, 'encrypted_content')) draft.takeOut(message, block, why, 'lost');
  }
};

/** Makes the ids of items differ. */
export const separateItems: Pass = ({ draft, needs }) => {
  if (!needs.reasoningItems) return;
  const seen = new Map<string, string>();
  for (const { message, block } of heldIn(draft.messages)) {
    const isItem = block.content.type === 'reasoning';
    const name = isItem ? 'id' : 'item_id';
    const id = textMember(block.content, name);
    if (!id) continue;
    const before = seen.get(id);
    const content = words(block.content);
    if (before === undefined) {
      seen.set(id, content);
      continue;
    }
    const reason = 'DUPLICATE_ITEM_ID';
    if (isItem && before === content) {
      draft.takeOut(message, block, { reason, told: 'An item comes again; it goes.' }, 'kept');
    } else {
      const told = 'Another item has this id already; this one goes on without an id.';
      draft.replace(block, withMembers(block.content, { [name]: undefined }), { reason, told });
    }
  }
};
